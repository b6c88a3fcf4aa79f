/// One dataset that the program knows: where it lies, what it consists of, where it comes from.
public struct DatasetDescription: Hashable, Sendable {
  /// What the files hold, and so how they are read.
  public enum Content: Hashable, Sendable {
    /// CIFAR's binary records.
    case cifar(CIFARFormat)
    /// Two IDX files a split.
    case mnist(MNISTFormat)
    /// One text file of this name.
    case text(fileName: String)
    /// A text file each, made of files in Debian's packages.
    case debian([DebianText])
    /// Nothing on disk: made by rule.
    case procedural(ProceduralImages)
  }

  /// The name on the command line.
  public let name: String
  /// One line about it.
  public let summary: String
  /// Its folder, below the data folder.
  public let folder: String
  /// What the files hold.
  public let content: Content
  /// What `nap data get` downloads: an archive, or the files themselves.
  public let downloads: [RemoteFile]
  /// The official numbers of images, by split; empty for a text.
  public let officialCounts: [ImageDataset.Split: Int]

  /// Describes a dataset.
  public init(
    name: String, summary: String, folder: String, content: Content, downloads: [RemoteFile],
    officialCounts: [ImageDataset.Split: Int] = [:]
  ) {
    self.name = name
    self.summary = summary
    self.folder = folder
    self.content = content
    self.downloads = downloads
    self.officialCounts = officialCounts
  }

  /// Reads a split's images.
  ///
  /// - Throws: `DatasetError` for missing or damaged files, or `invalidRequest` for a dataset without images.
  public func images(_ split: ImageDataset.Split, from root: DataFolder) throws -> ImageDataset {
    switch content {
    case .cifar(let format):
      return try format.load(split, fromFolder: root.appending(folder))
    case .mnist(let format):
      return try format.load(split, fromFolder: root.appending(folder))
    case .procedural(let images):
      return try images.dataset(split, count: officialCounts[split] ?? 1)
    case .text, .debian:
      throw refusal("a dataset of images", "a text")
    }
  }

  /// The names of the texts that ``text(named:from:)`` reads; empty for images.
  public var textNames: [String] {
    switch content {
    case .text: [name]
    case .debian(let texts): texts.map(\.name)
    case .cifar, .mnist, .procedural: []
    }
  }

  /// Reads a text: the one that `name` names, which may be left out where there is but one.
  ///
  /// - Throws: `DatasetError` for a missing file, `invalidRequest` for a dataset that is no text, `unknownName` for
  ///   another name than ``textNames``.
  public func text(named name: String? = nil, from root: DataFolder) throws -> TextDataset {
    let names = textNames
    guard !names.isEmpty else { throw refusal("a text", "images") }
    let chosen = name ?? (names.count == 1 ? names[0] : nil)
    guard let chosen, names.contains(chosen) else {
      throw DatasetError(
        .unknownName, path: self.name, expected: "one of \(names.joined(separator: ", "))",
        found: chosen.map { "\"\($0)\"" } ?? "no name", remedy: "name one of these texts")
    }
    try DataFolder.requireFolder(root.appending(folder), dataset: self.name)
    let fileName = if case .text(let fileName) = content { fileName } else { chosen + ".txt" }
    return try TextDataset(name: chosen, path: root.appending(folder) + "/" + fileName)
  }

  private func refusal(_ expected: String, _ found: String) -> DatasetError {
    DatasetError(
      .invalidRequest, path: name, expected: expected, found: found,
      remedy: "choose another name from `nap data list`")
  }
}
