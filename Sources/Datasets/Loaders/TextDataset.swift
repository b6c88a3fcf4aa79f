/// A text as plain bytes.
public struct TextDataset: Hashable, Sendable {
  /// The registry's name.
  public let name: String
  /// The file it came from.
  public let source: String
  /// The whole text.
  public let bytes: [UInt8]

  /// Reads a file whole.
  ///
  /// - Throws: `DatasetError` if the file is missing or cannot be read (`missingFile`, `unreadable`), or is `empty`.
  public init(name: String, path: String) throws {
    let source = try FileSource(path: path)
    guard source.storedByteCount > 0 else {
      throw DatasetError(
        .empty, path: path, expected: "a text", found: "an empty file", remedy: Remedy.fetchAgain)
    }
    self.name = name
    self.source = path
    self.bytes = try source.readExactly(source.storedByteCount, for: "text")
  }
}
