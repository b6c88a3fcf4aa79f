import CZlib

/// A file that data were read from, with the sum of what was read: enough to tell whether it is still the same.
///
/// The sum is zlib's CRC-32, as `crc32`, `unzip -v` and Python's `zlib.crc32` give it. It finds damage and exchange (a
/// chance of 2⁻³² to miss it), not forgery, at the speed of reading.
public struct DataFile: Hashable, Sendable {
  /// Where it lies.
  public let path: String
  /// The name under its dataset, the same whether the file is compressed or not, such as `data_batch_1.bin`.
  public let name: String
  /// Bytes that were read, plain.
  public let byteCount: Int
  /// Their sum, eight hexadecimal digits.
  public let checksum: String

  /// The file of some bytes that were read from it.
  public init(path: String, bytes: [UInt8]) {
    self.path = path
    let last = path.split(separator: "/").last.map(String.init) ?? path
    name = last.hasSuffix(".gz") ? String(last.dropLast(3)) : last
    byteCount = bytes.count
    checksum = Self.checksum(of: bytes)
  }

  /// The CRC-32 of bytes, eight hexadecimal digits.
  static func checksum(of bytes: [UInt8]) -> String {
    var sum = crc32(0, nil, 0)
    bytes.withUnsafeBufferPointer { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let block = UnsafeBufferPointer(rebasing: rest.prefix(1 << 30))
        sum = crc32(sum, block.baseAddress, UInt32(block.count))
        rest = rest.dropFirst(block.count)
      }
    }
    let digits = String(sum, radix: 16)
    return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }
}
