/// Files as a plain tar archive (ustar), which every tar and Python's `tarfile` read.
///
/// A name that no such header holds, or that is not ASCII, gets an extended header (POSIX 2001). Owner and time are 0,
/// so the same files give the same bytes. Memory: none; what a call returns is to be written in order.
enum TarWriter {
  /// A file's header, bytes and padding.
  ///
  /// - Throws: `DatasetError` (`invalidRequest`) for an empty name, one with a zero byte or one of more than 4,096
  ///   bytes.
  static func file(_ name: String, _ bytes: [UInt8]) throws -> [UInt8] {
    let own = Array(name.utf8)
    guard !own.isEmpty, own.count <= 4_096, !own.contains(0) else {
      throw DatasetError(
        .invalidRequest, path: name, expected: "a name of 1 to 4,096 bytes, none of them zero",
        found: "\(own.count) bytes", remedy: "rename the file")
    }
    var result: [UInt8] = []
    if own.count > 100 || own.contains(where: { $0 >= 128 }) {
      result += entry(Array("PaxHeaders/name".utf8), type: "x", record("path", own))
    }
    return result + entry(Array(own.prefix(100)), type: "0", bytes)
  }

  /// What stands after the last file.
  static let end = [UInt8](repeating: 0, count: 1_024)

  /// `LENGTH KEY=VALUE\n`, whose length counts its own digits.
  private static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
    let rest = Array(" \(key)=".utf8) + value + [10]
    var length = rest.count + 1
    while "\(length)".count + rest.count > length { length += 1 }
    return Array("\(length)".utf8) + rest
  }

  private static func entry(_ name: [UInt8], type: Character, _ bytes: [UInt8]) -> [UInt8] {
    func octal(_ value: Int, _ width: Int) -> [UInt8] {
      let digits = String(value, radix: 8)
      return Array((String(repeating: "0", count: max(0, width - digits.count)) + digits).utf8) + [
        0
      ]
    }
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ field: [UInt8], at place: Int) {
      header.replaceSubrange(place..<place + field.count, with: field)
    }
    put(name, at: 0)
    put(octal(0o644, 7), at: 100)
    put(octal(0, 7), at: 108)
    put(octal(0, 7), at: 116)
    if bytes.count < 1 << 33 {
      put(octal(bytes.count, 11), at: 124)
    } else {
      put([0x80], at: 124)
      put((0..<8).map { UInt8(truncatingIfNeeded: bytes.count >> (8 * (7 - $0))) }, at: 128)
    }
    put(octal(0, 11), at: 136)
    put(Array("        \(type)".utf8), at: 148)
    put(Array("ustar\0".utf8) + Array("00".utf8), at: 257)
    put(octal(header.reduce(0) { $0 + Int($1) }, 6) + [32], at: 148)
    return header + bytes + [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
  }
}
