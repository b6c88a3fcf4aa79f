import Datasets
public import RunStore

extension ContinualRecipe {
  /// The sums of the files that a run reads; the network is not built for it.
  public static func manifest(
    of configuration: ContinualConfiguration
  ) throws -> (manifest: ProtocolManifest?, sources: [String: String]) {
    let files = try ClassificationTask.files(
      configuration.data, testCount: configuration.stream.testCount, folder: DataFolder())
    return (ProtocolManifest(files), files.mapValues(\.path))
  }
}

extension ProtocolManifest {
  /// The name of the checksum in the manifest.
  static let checksum = "crc32"

  /// The checksums of files, one group per file; `nil` for none.
  init?(_ files: [String: DataFile]) {
    guard !files.isEmpty else { return nil }
    self.init(groups: files.mapValues(\.facts))
  }
}

extension DataFile {
  /// What a manifest says of it.
  var facts: [String: String] {
    [ProtocolManifest.checksum: checksum, "bytes": "\(byteCount)"]
  }
}
