import Foundation

/// Files of text, in order, as `nap data tokenize` reads them.
public struct Corpus: Codable, Hashable, Sendable {
  /// Where a document ends in a file that is plain text.
  public enum DocumentSplit: String, Codable, Hashable, Sendable, CaseIterable {
    /// At the end of the file.
    case file
    /// At each line's end.
    case lines
    /// At a blank line.
    case paragraphs
  }

  /// A file, as it was when the work began.
  public struct File: Codable, Hashable, Sendable {
    /// Where it lies.
    public let path: String
    /// Its size, compressed if it is.
    public let byteCount: Int
    /// When it was changed last, in nanoseconds since 1970.
    public let modified: Int

    /// Looks at a file.
    ///
    /// - Throws: `DatasetError` for a file that is missing or no regular file.
    public init(path: String) throws {
      var status = stat()
      guard stat(path, &status) == 0 else {
        throw DatasetError(
          .missingFile, path: path, expected: "a file of text",
          found: String(cString: strerror(errno)), remedy: "give the paths of files that are there")
      }
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw DatasetError(
          .unreadable, path: path, expected: "a regular file", found: "something else",
          remedy: "give files by their names, such as FOLDER/*.json.gz")
      }
      self.path = path
      byteCount = Int(status.st_size)
      #if os(Linux)
        let time = status.st_mtim
      #else
        let time = status.st_mtimespec
      #endif
      modified = Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
    }

    /// Throws unless the file still is what it was.
    func requireUnchanged() throws {
      let now = try File(path: path)
      guard now == self else {
        throw DatasetError(
          .malformed, path: path, expected: "the file as it was when the work began",
          found: "one that was changed since, of \(now.byteCount) bytes after \(byteCount)",
          remedy: "leave the file alone, and tokenize it into a new folder")
      }
    }
  }

  /// The files, in order.
  public let files: [File]
  /// Where documents end in plain text.
  public let split: DocumentSplit
  /// The name of the text in a line of JSON.
  public let key: String

  /// Takes files by their names' ends: `.json`, `.jsonl` and `.ndjson` have an object a line, whose `key` is a
  /// document; others are plain text. `.gz` and `.zst` after that are decompressed.
  ///
  /// - Throws: `DatasetError` for no files, a file that is missing, and Parquet.
  public init(_ paths: [String], split: DocumentSplit = .file, key: String = "text") throws {
    guard !paths.isEmpty else {
      throw DatasetError(
        .invalidRequest, path: "files", expected: "at least one file of text", found: "none",
        remedy: "name files, such as c4/*.json.gz")
    }
    if let path = paths.first(where: { $0.hasSuffix(".parquet") }) {
      throw DatasetError(
        .invalidRequest, path: path, expected: "JSON lines or plain text", found: "Parquet",
        remedy: "write it as JSON lines first: python3 -c \"import pandas, sys; "
          + "pandas.read_parquet(sys.argv[1]).to_json(sys.argv[2], orient='records', lines=True)\" "
          + "FILE.parquet FILE.jsonl.gz")
    }
    files = try paths.map(File.init)
    self.split = split
    self.key = key
  }

  /// Bytes of all files as they are stored.
  public var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }

  /// Whether a file has JSON lines.
  static func isJSON(_ path: String) -> Bool {
    let name = [".gz", ".zst"].first { path.hasSuffix($0) }.map { path.dropLast($0.count) }
    return [".json", ".jsonl", ".ndjson"].contains { (name ?? path[...]).hasSuffix($0) }
  }
}

/// A place in a corpus between two blocks of lines.
public struct CorpusPosition: Codable, Hashable, Sendable {
  /// The file, by its place in the list.
  public var file = 0
  /// Plain bytes of it that lie before.
  public var offset = 0
  /// Lines of it that lie before.
  public var line = 0
}
