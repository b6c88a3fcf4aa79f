import Texts

/// Where the entries of a zip archive lie, as far as files that PyTorch writes need it: stored, not compressed, with
/// 64-bit sizes where they are needed.
///
/// Nothing that the archive says is trusted: every entry must lie in the file. Checksums of entries are left alone,
/// since PyTorch can be told to write none (`torch.serialization.set_crc32_options`). Source: PKWARE's APPNOTE 6.3.10,
/// sections 4.3.7 to 4.3.16 and 4.5.3.
struct ZipDirectory {
  /// The bytes of each entry by its name.
  private(set) var entries: [String: Range<Int>] = [:]
  /// Entries that are compressed or encrypted, which PyTorch writes for programs alone.
  private(set) var compressed: Set<String> = []

  /// The largest directory that is read, in bytes.
  static let limit = 100_000_000
  private static let endSize = 22

  init(_ file: ReadableFile) throws {
    let length = try file.length()
    let (start, size) = try Self.place(file, length)
    guard start >= 0, size >= 0, size <= Self.limit, start <= length - size else {
      throw Self.damaged("a directory within the file", "\(size) bytes at byte \(start)")
    }
    let bytes = try Self.bytes(file, at: start, count: size)
    var cursor = 0
    while cursor < bytes.count {
      guard bytes.count - cursor >= 46, bytes.number(at: cursor, 4) == 0x0201_4b50 else {
        throw Self.damaged("an entry of the directory", "other bytes")
      }
      let nameCount = bytes.number(at: cursor + 28, 2)
      let extraCount = bytes.number(at: cursor + 30, 2)
      let end = cursor + 46 + nameCount + extraCount + bytes.number(at: cursor + 32, 2)
      guard end <= bytes.count else {
        throw Self.damaged("a whole entry of the directory", "the directory's end")
      }
      let nameStart = cursor + 46
      let name = String(decoding: bytes[nameStart..<nameStart + nameCount], as: UTF8.self)
      guard bytes.number(at: cursor + 10, 2) == 0, bytes.number(at: cursor + 8, 2) & 1 == 0 else {
        compressed.insert(name)
        cursor = end
        continue
      }
      let extra = bytes[(nameStart + nameCount)..<(nameStart + nameCount + extraCount)]
      let (count, offset) = try Self.sizes(bytes, cursor, Array(extra))
      entries[name] = try Self.data(file, length, offset, count, name)
      cursor = end
    }
  }

  /// The bytes of an entry.
  func bytes(of name: String, in file: ReadableFile) throws -> [UInt8]? {
    guard let range = entries[name] else { return nil }
    return try Self.bytes(file, at: range.lowerBound, count: range.count)
  }

  /// Where the directory begins, and its size.
  private static func place(_ file: ReadableFile, _ length: Int) throws -> (Int, Int) {
    let reach = min(length, endSize + 65_535)
    let tail = try bytes(file, at: length - reach, count: reach)
    guard
      let end = stride(from: tail.count - endSize, through: 0, by: -1).first(where: {
        tail.number(at: $0, 4) == 0x0605_4b50
      })
    else {
      throw damaged("the end of a zip archive", "none", kind: .wrongLength)
    }
    let (size, start) = (tail.number(at: end + 12, 4), tail.number(at: end + 16, 4))
    let locator = end - 20
    guard start == 0xffff_ffff || size == 0xffff_ffff || tail.number(at: end + 10, 2) == 0xffff,
      locator >= 0, tail.number(at: locator, 4) == 0x0706_4b50
    else { return (start, size) }
    let place = tail.number(at: locator + 8, 8)
    guard place >= 0, place <= length - 56 else {
      throw damaged("the 64-bit end of the directory", "byte \(place)")
    }
    let wide = try bytes(file, at: place, count: 56)
    guard wide.number(at: 0, 4) == 0x0606_4b50 else {
      throw damaged("the 64-bit end of the directory", "other bytes")
    }
    return (wide.number(at: 48, 8), wide.number(at: 40, 8))
  }

  /// Size and place of an entry, 64 bits wide where the entry says so.
  private static func sizes(_ bytes: [UInt8], _ cursor: Int, _ extra: [UInt8]) throws -> (Int, Int)
  {
    let narrow = [24, 20, 42].map { bytes.number(at: cursor + $0, 4) }
    var wide: [Int] = []
    var place = 0
    while place + 4 <= extra.count {
      let count = extra.number(at: place + 2, 2)
      guard place + 4 + count <= extra.count else { break }
      if extra.number(at: place, 2) == 1 {
        wide = stride(from: 0, through: count - 8, by: 8).map {
          extra.number(at: place + 4 + $0, 8)
        }
      }
      place += 4 + count
    }
    var next = 0
    let values = try narrow.map { value -> Int in
      guard value == 0xffff_ffff else { return value }
      guard next < wide.count else { throw damaged("a 64-bit size", "none") }
      next += 1
      return wide[next - 1]
    }
    guard values[0] == values[1] else {
      throw damaged("an entry that is not compressed", "two sizes, \(values[0]) and \(values[1])")
    }
    return (values[0], values[2])
  }

  /// The bytes of an entry, behind its own header.
  private static func data(
    _ file: ReadableFile, _ length: Int, _ offset: Int, _ count: Int, _ name: String
  ) throws -> Range<Int> {
    guard offset >= 0, count >= 0, offset <= length - 30 else {
      throw damaged("an entry within the file", "byte \(offset)", tensor: name)
    }
    let header = try bytes(file, at: offset, count: 30)
    guard header.number(at: 0, 4) == 0x0403_4b50 else {
      throw damaged("the header of an entry", "other bytes", tensor: name)
    }
    let start = offset + 30 + header.number(at: 26, 2) + header.number(at: 28, 2)
    guard start <= length, count <= length - start else {
      throw damaged(
        "\(count) bytes of an entry", "\(max(0, length - start))", kind: .wrongLength, tensor: name)
    }
    return start..<(start + count)
  }

  private static func bytes(_ file: ReadableFile, at offset: Int, count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeMutableBytes { try file.read($0, at: offset) }
    return bytes
  }

  private static func damaged(
    _ expected: String, _ found: String, kind: SafetensorsError.Kind = .wrongLayout,
    tensor: String? = nil
  ) -> SafetensorsProblem {
    SafetensorsProblem(
      kind: kind, tensor: tensor, expected: expected, found: found,
      advice: "the file is damaged or cut off: copy it again")
  }
}

extension [UInt8] {
  /// The little-endian number of `count` bytes from `place` on, which must be there; as many bits as an `Int` has.
  func number(at place: Int, _ count: Int) -> Int {
    Int(
      truncatingIfNeeded: self[place..<place + count].reversed().reduce(UInt64(0)) {
        $0 << 8 | UInt64($1)
      })
  }
}
