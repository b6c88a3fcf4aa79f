import Foundation

/// Puts datasets into the data folder, and looks at what is there.
public struct DatasetInstaller: Hashable, Sendable {
  /// The data folder.
  public let root: DataFolder
  /// How files are fetched.
  public let downloader: Downloader

  /// The name of the list of digests that is written beside unpacked files, in the form of `sha256sum`.
  public static let digestListName = "SHA256SUMS"

  /// Takes a folder and a way of fetching.
  public init(root: DataFolder, downloader: Downloader = Downloader()) {
    self.root = root
    self.downloader = downloader
  }

  /// Downloads and unpacks a dataset, unless it is there whole.
  ///
  /// Files that are there but damaged or of fewer records are replaced, each in one step, once its successor is whole.
  /// - Throws: `DatasetError` as `Downloader.fetch` does, or for an archive that lacks a file.
  public func install(
    _ dataset: DatasetDescription, progress: (DownloadProgress) throws -> Void = { _ in }
  ) throws {
    guard !dataset.downloads.isEmpty, !verify(dataset).isComplete else { return }
    let folder = root.appending(dataset.folder)
    if case .debian(let texts) = dataset.content {
      return try install(texts, of: dataset, into: folder, progress: progress)
    }
    guard case .cifar(let format) = dataset.content else {
      for file in dataset.downloads {
        try downloader.fetch(file, to: folder + "/" + file.name, progress: progress)
      }
      return
    }
    for archive in dataset.downloads {
      let path = root.appending(archive.name)
      try downloader.fetch(archive, to: path, progress: progress)
      try unpack(path, format, into: folder)
      unlink(path)
    }
  }

  /// Unpacks the files of `format` from a tar.gz archive; everything else in it is passed over.
  func unpack(_ archive: String, _ format: CIFARFormat, into folder: String) throws {
    let wanted = ImageDataset.Split.allCases.flatMap(format.fileNames)
    let suffix = ".\(ProcessInfo.processInfo.processIdentifier).part"
    var digests: [String: String] = [:]
    try TarReader(GzipSource(FileSource(path: archive))).forEachFile { entry, next in
      guard wanted.contains(entry.baseName) else { return }
      try format.checkSize(entry.byteCount, path: archive + ":" + entry.name)
      let part = try PartialFile(folder + "/" + entry.baseName, suffix: suffix)
      var digest = SHA256()
      do {
        try part.restart()
        while case let block = try next(), !block.isEmpty {
          digest.update(block)
          try part.append(block)
        }
        try part.finish()
      } catch {
        part.discard()
        throw error
      }
      digests[entry.baseName] = digest.hexadecimal()
    }
    if let missing = wanted.first(where: { digests[$0] == nil }) {
      throw DatasetError(
        .malformed, path: archive, expected: "a file \(missing) in the archive", found: "none",
        remedy: Remedy.fetchAgain)
    }
    let list = wanted.map { "\(digests[$0] ?? "")  \($0)\n" }.joined()
    try PartialFile.put(Array(list.utf8), to: folder + "/" + Self.digestListName)
  }

  /// Fetches the packages of each text that is not here whole, and makes the text of them.
  private func install(
    _ texts: [DebianText], of dataset: DatasetDescription, into folder: String,
    progress: (DownloadProgress) throws -> Void
  ) throws {
    let sound = Set(verify(dataset).files.filter(\.isSound).map(\.path))
    for text in texts where !sound.contains(folder + "/" + text.fileName) {
      for package in dataset.downloads where text.packages.contains(package.name) {
        try downloader.fetch(package, to: folder + "/" + package.name, progress: progress)
      }
      try PartialFile.put(text.text(fromPackagesIn: folder), to: folder + "/" + text.fileName)
      for package in text.packages { unlink(folder + "/" + package) }
    }
  }
}
