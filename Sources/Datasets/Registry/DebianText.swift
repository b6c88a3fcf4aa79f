/// One text of `debian-texts`: which files of which packages it is made of, and what comes of them.
///
/// The files are taken in the order of their paths' bytes. Each that lacks a line's end gets one. Carriage returns are
/// left out, and the whole is UTF-8. Nothing else is changed: roff, reStructuredText and indents stay.
public struct DebianText: Hashable, Sendable {
  /// How the files of a package hold text.
  enum Form: Hashable {
    case plain
    case gzip
    /// ``VerseArchive``.
    case verses
  }

  /// The text's name, such as `kernel`.
  public let name: String
  /// What it is, in a few words.
  public let summary: String
  /// The text's bytes.
  public let byteCount: Int
  /// The text's SHA-256 digest in lower-case hexadecimal digits.
  public let sha256: String
  /// The packages' file names.
  let packages: [String]
  /// How the paths of its files begin.
  let prefix: String
  /// How they end.
  let suffix: String
  var form = Form.plain
  /// Files whose paths have this are left out.
  var excluded: String?
  /// Every how many files, from the first on, one is taken.
  var stride = 1
  /// The text ends with the last line that ends within so many bytes.
  var longest: Int?

  /// Its file below the folder `debian-texts`.
  public var fileName: String { name + ".txt" }

  /// The text, from packages in `folder`.
  ///
  /// Memory: the files that it might take, and the text.
  /// - Throws: `DatasetError` for a package that is damaged, or from which another text comes than it should.
  func text(fromPackagesIn folder: String) throws -> [UInt8] {
    var files: [(name: String, bytes: [UInt8])] = []
    for package in packages {
      let path = folder + "/" + package
      guard
        let data = try ArReader(FileSource(path: path)).first(where: { $0.name == "data.tar.xz" })
      else {
        throw DatasetError(
          .malformed, path: path, expected: "a member data.tar.xz, as Debian's packages have",
          found: "none", remedy: Remedy.fetchAgain)
      }
      try TarReader(XZSource(path: path, offset: data.offset)).forEachFile { entry, next in
        guard takes(entry.name) else { return }
        var bytes: [UInt8] = []
        while case let block = try next(), !block.isEmpty { bytes += block }
        files.append((entry.name, bytes))
      }
    }
    files.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    var text: [UInt8] = []
    for index in Swift.stride(from: 0, to: files.count, by: stride) {
      text += try lines(of: files[index].bytes, path: files[index].name)
    }
    if let longest, let end = text.prefix(longest).lastIndex(of: UInt8(ascii: "\n")) {
      text.removeSubrange((end + 1)...)
    }
    try check(text, folder)
    return text
  }

  func takes(_ path: String) -> Bool {
    path.hasPrefix(prefix) && path.hasSuffix(suffix) && !(excluded.map(path.contains) ?? false)
  }

  /// A file's text, without carriage returns and with an end of its last line.
  func lines(of bytes: [UInt8], path: String) throws -> [UInt8] {
    var text: [UInt8] =
      switch form {
      case .plain: bytes
      case .verses: try VerseArchive.text(bytes, path: path)
      case .gzip:
        try { () throws -> [UInt8] in
          let source = try GzipSource(MemorySource(bytes, path: path))
          return try source.read(longest ?? Int.max)
        }()
      }
    text.removeAll { $0 == UInt8(ascii: "\r") }
    if let last = text.last, last != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
    return text
  }

  private func check(_ text: [UInt8], _ folder: String) throws {
    let path = folder + "/" + packages.joined(separator: ", ")
    guard String(validating: text, as: UTF8.self) != nil else {
      throw DatasetError(
        .malformed, path: path, expected: "\(name) in UTF-8", found: "other bytes",
        remedy: Remedy.fetchAgain)
    }
    let digest = SHA256.hexadecimal(of: text)
    guard digest == sha256 else {
      throw DatasetError(
        .checksumMismatch, path: path,
        expected: "\(name) of \(byteCount) bytes of UTF-8 with SHA-256 \(sha256)",
        found: "\(text.count) bytes with \(digest)", remedy: Remedy.fetchAgain)
    }
  }
}
