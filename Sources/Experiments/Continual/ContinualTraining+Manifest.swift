import Datasets
public import RunStore

extension ContinualTraining {
  /// The sums of the files that the examples were read from; `nil` where they are made.
  public func manifest() -> ProtocolManifest? { ProtocolManifest(task.files) }

  /// Where those files lie.
  public var sources: [String: String] { task.files.mapValues(\.path) }
}

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
  /// The fact that tells a file's content.
  static let checksum = "crc32"

  /// The sums of files, a group each; `nil` for none.
  init?(_ files: [String: DataFile]) {
    guard !files.isEmpty else { return nil }
    self.init(
      groups: files.mapValues { [Self.checksum: $0.checksum, "bytes": "\($0.byteCount)"] })
  }
}
