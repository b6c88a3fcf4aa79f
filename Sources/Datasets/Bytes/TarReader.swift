/// The regular files of a tar archive (ustar, GNU's and POSIX's extended format), one after another.
///
/// Names are whole whatever their length: GNU's records of long names and POSIX's extended headers are read, and so are
/// sizes that do not fit octal digits. A byte of a name that is not UTF-8 stands as `\xE9`. Names are never used as
/// paths here: the caller decides what to keep. Memory: one block of 64 KiB.
struct TarReader {
  /// A file's header.
  struct Entry: Hashable {
    let name: String
    let byteCount: Int
    /// Where its bytes begin in the archive.
    let offset: Int
    /// The last component of the name.
    var baseName: String { String(name.split(separator: "/").last ?? "") }
  }

  /// What an extended header says of the next file.
  private struct Extension {
    var name: String?
    var byteCount: Int?
  }

  private let source: any ByteSource
  private let requiresEnd: Bool
  private static let blockSize = 512
  /// Linux allows paths of 4,096 bytes.
  private static let longestName = 4_096
  private static let longestExtension = 65_536

  /// - Parameter requiresEnd: whether an archive must end by its marker, so that one that was cut between two files is
  ///   found out; tar itself asks for none.
  init(_ source: any ByteSource, requiresEnd: Bool = false) {
    self.source = source
    self.requiresEnd = requiresEnd
  }

  /// Calls `body` with every regular file and a function that reads its next bytes (empty at its end).
  ///
  /// What `body` leaves unread is passed over.
  func forEachFile(_ body: (Entry, () throws -> [UInt8]) throws -> Void) throws {
    var extra = Extension()
    var position = 0
    while true {
      let header = try source.read(Self.blockSize)
      if header.isEmpty && requiresEnd {
        throw refusal(.truncated, "the mark of an archive's end", "the end")
      }
      // A missing end marker is tolerated at a block's edge, as tar does.
      if header.isEmpty || header.allSatisfy({ $0 == 0 }) { return }
      let (name, size, type) = try parse(header)
      let isFile = type == UInt8(ascii: "0") || type == 0
      let entry = Entry(
        name: extra.name ?? name, byteCount: isFile ? extra.byteCount ?? size : size,
        offset: position + Self.blockSize)
      var remaining = entry.byteCount
      let next: () throws -> [UInt8] = {
        guard remaining > 0 else { return [] }
        let bytes = try source.readExactly(min(remaining, 65_536), for: entry.name)
        remaining -= bytes.count
        return bytes
      }
      switch type {
      case UInt8(ascii: "L") where size <= Self.longestName: extra.name = text(try next()[...])
      case UInt8(ascii: "x"):
        guard size <= Self.longestExtension else {
          throw refusal(
            .oversized, "an extended header of at most \(Self.longestExtension) bytes", "\(size)")
        }
        try read(try next(), into: &extra)
      // They speak of the next file, too: the name of a link, and what holds for all files.
      case UInt8(ascii: "K"), UInt8(ascii: "g"): break
      default:
        extra = Extension()
        if isFile { try body(entry, next) }
      }
      let padding = (Self.blockSize - entry.byteCount % Self.blockSize) % Self.blockSize
      try source.skip(remaining + padding, of: entry.name)
      position = entry.offset + entry.byteCount + padding
    }
  }

  /// Reads `LENGTH KEY=VALUE\n` records.
  private func read(_ bytes: [UInt8], into extra: inout Extension) throws {
    var rest = bytes[...]
    while let first = rest.first, first != 0 {
      let digits = rest.prefix { (48...57).contains($0) }
      let length = digits.count <= 5 ? Int(String(decoding: digits, as: UTF8.self)) ?? 0 : 0
      let record = rest.prefix(length).dropFirst(digits.count + 1)
      guard length <= rest.count, record.last == 10,
        let sign = record.firstIndex(of: UInt8(ascii: "="))
      else {
        throw refusal(.malformed, "records LENGTH KEY=VALUE in an extended header", "other bytes")
      }
      let value = record[(sign + 1)...].dropLast()
      switch String(decoding: record[..<sign], as: UTF8.self) {
      case "path": extra.name = text(value)
      case "size":
        guard let size = Int(String(decoding: value, as: UTF8.self)), (0...1 << 40).contains(size)
        else {
          throw refusal(.malformed, "a file's size, at most 2^40 bytes", "another field")
        }
        extra.byteCount = size
      default: break
      }
      rest = rest.dropFirst(length)
    }
  }

  private func parse(_ header: [UInt8]) throws -> (name: String, byteCount: Int, type: UInt8) {
    guard header.count == Self.blockSize else {
      throw refusal(.truncated, "a tar header of 512 bytes", "\(header.count)")
    }
    // The sum is taken with the field itself read as spaces.
    let sum = header.enumerated().reduce(0) { total, item in
      total + ((148..<156).contains(item.offset) ? 32 : Int(item.element))
    }
    guard number(header[148..<156]) == sum else {
      throw refusal(
        .malformed, "a tar header whose check sum is \(sum)",
        "\(number(header[148..<156]).map(String.init) ?? "no number")")
    }
    guard let size = number(header[124..<136]) else {
      throw refusal(
        .malformed, "a file's size in the tar header, at most 2^40 bytes", "another field")
    }
    let name = text(header[0..<100])
    let isUstar = Array(header[257..<262]) == Array("ustar".utf8) && header[262] == 0
    let prefix = isUstar ? text(header[345..<500]) : ""
    return (prefix.isEmpty ? name : prefix + "/" + name, size, header[156])
  }

  private func refusal(_ kind: DatasetError.Kind, _ expected: String, _ found: String)
    -> DatasetError
  {
    DatasetError(
      kind, path: source.path, expected: expected, found: found, remedy: Remedy.fetchAgain)
  }

  /// A name up to its zero.
  private func text(_ field: ArraySlice<UInt8>) -> String {
    let bytes = field.prefix { $0 != 0 }
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    return bytes.map {
      $0 < 128 ? String(UnicodeScalar($0)) : "\\x" + String($0, radix: 16, uppercase: true)
    }.joined()
  }

  /// A number in octal digits between spaces or zeros, or in binary after a byte of 128; nil if it is none, or above
  /// 2^40.
  private func number(_ field: ArraySlice<UInt8>) -> Int? {
    if field.first == 0x80 {
      let bytes = field.dropFirst().drop { $0 == 0 }
      guard bytes.count <= 6 else { return nil }
      let value = bytes.reduce(0) { $0 << 8 | Int($1) }
      return value <= 1 << 40 ? value : nil
    }
    let digits = field.drop { $0 == 32 }.prefix { (48...55).contains($0) }
    guard !digits.isEmpty else { return nil }
    let value = digits.reduce(0) { $0 * 8 + Int($1 - 48) }
    return value <= 1 << 40 ? value : nil
  }
}
