/// The members of an `ar` archive, which a Debian package is (deb(5)).
///
/// Source: ar(5). Names longer than 16 bytes are not read: a package has none. Memory: one block of 64 KiB.
struct ArReader {
  /// Where a member's bytes lie.
  struct Member: Hashable {
    let name: String
    /// Bytes of the archive before the member's own.
    let offset: Int
    let byteCount: Int
  }

  private let source: any ByteSource
  private static let magic = Array("!<arch>\n".utf8)
  private static let headerSize = 60

  init(_ source: any ByteSource) { self.source = source }

  /// The first member that `isWanted`, nil if there is none. What lies before it is read and passed over.
  func first(where isWanted: (Member) -> Bool) throws -> Member? {
    guard try source.read(Self.magic.count) == Self.magic else {
      throw refusal(.malformed, "an ar archive, which begins with !<arch>", "other bytes")
    }
    var offset = Self.magic.count
    while case let header = try source.read(Self.headerSize), !header.isEmpty {
      let member = try parse(header, at: offset + Self.headerSize)
      if isWanted(member) { return member }
      // Members begin at even places; the last may lack the byte that fills it up.
      let stored = member.offset + member.byteCount
      offset = min(stored + stored % 2, source.storedByteCount)
      var rest = offset - member.offset
      while rest > 0 {
        rest -= try source.readExactly(min(rest, 65_536), for: "member \(member.name)").count
      }
    }
    return nil
  }

  private func parse(_ header: [UInt8], at offset: Int) throws -> Member {
    guard header.count == Self.headerSize else {
      throw refusal(.truncated, "an ar header of 60 bytes", "\(header.count)")
    }
    let name = String(decoding: header[0..<16].prefix { $0 != 32 && $0 != 47 }, as: UTF8.self)
    let digits = header[48..<58].prefix { (48...57).contains($0) }
    guard header[58...] == [96, 10], !digits.isEmpty,
      header[48..<58].dropFirst(digits.count).allSatisfy({ $0 == 32 })
    else {
      throw refusal(.malformed, "an ar header with a size in decimal digits", "other bytes")
    }
    let byteCount = digits.reduce(0) { $0 * 10 + Int($1 - 48) }
    guard byteCount <= source.storedByteCount - offset else {
      throw refusal(
        .truncated, "\(byteCount) bytes of member \(name)",
        "\(source.storedByteCount - offset) to the end")
    }
    return Member(name: name, offset: offset, byteCount: byteCount)
  }

  private func refusal(
    _ kind: DatasetError.Kind, _ expected: String, _ found: String
  ) -> DatasetError {
    DatasetError(
      kind, path: source.path, expected: expected, found: found, remedy: Remedy.fetchAgain)
  }
}
