public import Foundation

extension DatasetDescription {
  /// The same dataset from another server: every file below `folder`, under its own name.
  ///
  /// Sizes and checksums stay those of the originals, so a mirror need not be trusted.
  public func mirrored(at folder: URL) -> DatasetDescription {
    DatasetDescription(
      name: name, summary: summary, folder: self.folder, content: content,
      downloads: downloads.map { file in
        RemoteFile(
          name: file.name, addresses: [folder.appending(path: file.name).absoluteString],
          byteCount: file.byteCount, sha256: file.sha256)
      }, officialCounts: officialCounts)
  }
}
