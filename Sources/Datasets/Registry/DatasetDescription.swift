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
    case .text:
      throw refusal("a dataset of images", "a text")
    }
  }

  /// Reads the text.
  ///
  /// - Throws: `DatasetError` for a missing file, or `invalidRequest` for a dataset that is no text.
  public func text(from root: DataFolder) throws -> TextDataset {
    guard case .text(let fileName) = content else { throw refusal("a text", "images") }
    try DataFolder.requireFolder(root.appending(folder), dataset: name)
    return try TextDataset(name: name, path: root.appending(folder) + "/" + fileName)
  }

  private func refusal(_ expected: String, _ found: String) -> DatasetError {
    DatasetError(
      .invalidRequest, path: name, expected: expected, found: found,
      remedy: "choose another name from `nap data list`")
  }
}
