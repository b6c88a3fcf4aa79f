internal import CZlib

extension RenderedImage {
  /// The image as a PNG file: eight bits a channel, no filter, with `nap` as the software that made it.
  public var png: [UInt8] {
    var bytes = Self.signature
    bytes += Self.chunk(
      "IHDR", Self.bigEndian(UInt32(width)) + Self.bigEndian(UInt32(height)) + [8, 2, 0, 0, 0])
    bytes += Self.mark
    var rows: [UInt8] = []
    rows.reserveCapacity((3 * width + 1) * height)
    for row in 0..<height {
      rows.append(0)
      rows += rgb[(3 * row * width)..<(3 * (row + 1) * width)]
    }
    bytes += Self.chunk("IDAT", Self.deflated(rows))
    return bytes + Self.chunk("IEND", [])
  }

  /// What follows the first 33 bytes, signature and header, of every PNG file that ``png`` makes.
  private static let mark = chunk("tEXt", Array("Software\0nap".utf8))

  /// The bytes that ``isMarked(_:)`` needs.
  static let markedByteCount = 33 + mark.count

  /// Whether a PNG file that begins so was made by ``png``, or is the beginning of one, as a full disk leaves it.
  static func isMarked(_ beginning: [UInt8]) -> Bool {
    guard beginning.count >= markedByteCount else {
      return signature.starts(with: beginning.prefix(8))
    }
    return Array(beginning[33..<markedByteCount]) == mark
  }

  private static let signature: [UInt8] = [137, 80, 78, 71, 13, 10, 26, 10]

  private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
    let checked = Array(name.utf8) + content
    let sum = UInt32(crc32(0, checked, uInt(checked.count)))
    return bigEndian(UInt32(content.count)) + checked + bigEndian(sum)
  }

  private static func bigEndian(_ value: UInt32) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }

  private static func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var size = compressBound(uLong(bytes.count))
    var output = [UInt8](repeating: 0, count: Int(size))
    let status = compress(&output, &size, bytes, uLong(bytes.count))
    precondition(status == Z_OK, "zlib: status \(status) with room for every outcome")
    return Array(output[..<Int(size)])
  }
}
