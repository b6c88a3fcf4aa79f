/// The regular files of a tar archive (POSIX ustar, as GNU and BSD tar write them), one after another.
///
/// Memory: one block of 64 KiB. Names are never used as paths here: the caller decides what to keep.
/// GNU's records of long names are read; POSIX's extended headers are passed over, so a file that needs one keeps its
/// short name.
struct TarReader {
  /// A file's header.
  struct Entry: Hashable {
    let name: String
    let byteCount: Int
    /// The last component of the name.
    var baseName: String { String(name.split(separator: "/").last ?? "") }
  }

  private let source: any ByteSource
  private static let blockSize = 512
  /// Linux allows paths of 4,096 bytes.
  private static let longestName = 4_096

  init(_ source: any ByteSource) { self.source = source }

  /// Calls `body` with every regular file and a function that reads its next bytes (empty at its end).
  ///
  /// What `body` leaves unread is passed over.
  func forEachFile(_ body: (Entry, () throws -> [UInt8]) throws -> Void) throws {
    var longName: String?
    while true {
      let header = try source.read(Self.blockSize)
      // A missing end marker is tolerated at a block's edge, as tar does.
      if header.isEmpty || header.allSatisfy({ $0 == 0 }) { return }
      let (stated, type) = try parse(header)
      let entry = Entry(name: longName ?? stated.name, byteCount: stated.byteCount)
      var remaining = entry.byteCount
      let next: () throws -> [UInt8] = {
        guard remaining > 0 else { return [] }
        let bytes = try source.readExactly(min(remaining, 65_536), for: entry.name)
        remaining -= bytes.count
        return bytes
      }
      let isLongName = type == UInt8(ascii: "L") && entry.byteCount <= Self.longestName
      longName = isLongName ? text(try next()[...]) : nil
      if type == UInt8(ascii: "0") || type == 0 { try body(entry, next) }
      while try !next().isEmpty {}
      let padding = (Self.blockSize - entry.byteCount % Self.blockSize) % Self.blockSize
      _ = try source.readExactly(padding, for: "padding")
    }
  }

  private func parse(_ header: [UInt8]) throws -> (Entry, type: UInt8) {
    guard header.count == Self.blockSize else {
      throw DatasetError(
        .truncated, path: source.path, expected: "a tar header of 512 bytes",
        found: "\(header.count)", remedy: Remedy.fetchAgain)
    }
    // The sum is taken with the field itself read as spaces.
    let sum = header.enumerated().reduce(0) { total, item in
      total + ((148..<156).contains(item.offset) ? 32 : Int(item.element))
    }
    guard octal(header[148..<156]) == sum else {
      throw DatasetError(
        .malformed, path: source.path, expected: "a tar header whose check sum is \(sum)",
        found: "\(octal(header[148..<156]).map(String.init) ?? "no number")",
        remedy: Remedy.fetchAgain)
    }
    guard let size = octal(header[124..<136]) else {
      throw DatasetError(
        .malformed, path: source.path,
        expected: "a file's size in the tar header, in octal digits, at most 2^40 bytes",
        found: "another field", remedy: Remedy.fetchAgain)
    }
    let name = text(header[0..<100])
    let isUstar = Array(header[257..<262]) == Array("ustar".utf8) && header[262] == 0
    let prefix = isUstar ? text(header[345..<500]) : ""
    return (Entry(name: prefix.isEmpty ? name : prefix + "/" + name, byteCount: size), header[156])
  }

  private func text(_ field: ArraySlice<UInt8>) -> String {
    String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// A number in octal digits between spaces or zeros; nil if it is none, or above 2^40.
  private func octal(_ field: ArraySlice<UInt8>) -> Int? {
    let digits = field.drop { $0 == 32 }.prefix { (48...55).contains($0) }
    guard !digits.isEmpty else { return nil }
    let value = digits.reduce(0) { $0 * 8 + Int($1 - 48) }
    return value <= 1 << 40 ? value : nil
  }
}
