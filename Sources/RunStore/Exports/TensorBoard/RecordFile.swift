import Foundation

/// TensorFlow's framing of records in a file: length (8 bytes, little-endian), its masked CRC-32C, the bytes, and
/// theirs.
///
/// Source: TensorFlow's `tfrecord` page; CRC-32C is RFC 3720, B.4, its mask is that of the page.
enum RecordFile {
  /// A record with its frame.
  static func framed(_ payload: Data) -> Data {
    var frame = bytes(UInt64(payload.count))
    frame += bytes(masked(frame))
    return frame + payload + bytes(masked(payload))
  }

  /// The records of a file. One that is cut off at the end, as a writer that was killed leaves it, is left out.
  ///
  /// - Throws: ``StoreError/unreadableImport(path:expected:reason:)`` for a checksum that does not hold.
  static func payloads(of file: Data, path: String) throws -> [Data] {
    var payloads: [Data] = []
    var place = file.startIndex
    func refusal(_ part: String) -> StoreError {
      .unreadableImport(
        path: path, expected: "a TensorBoard event file",
        reason: "the checksum of the \(part) at byte \(place - file.startIndex) does not hold")
    }
    while file.endIndex - place >= 12 {
      let length = file[place..<place + 8]
      guard number(file[place + 8..<place + 12]) == UInt64(masked(length)) else {
        throw refusal("length")
      }
      let count = number(length)
      guard count <= UInt64(file.endIndex - place - 12), file.endIndex - place - 16 >= Int(count)
      else { break }
      let payload = file[place + 12..<place + 12 + Int(count)]
      guard number(file[payload.endIndex..<payload.endIndex + 4]) == UInt64(masked(payload)) else {
        throw refusal("record")
      }
      payloads.append(payload)
      place = payload.endIndex + 4
    }
    return payloads
  }

  private static func bytes(_ value: some FixedWidthInteger) -> Data {
    withUnsafeBytes(of: value.littleEndian) { Data($0) }
  }

  private static func number(_ bytes: Data) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The CRC-32C of some bytes, turned and moved so that a checksum of checksums stays one.
  static func masked(_ bytes: Data) -> UInt32 {
    let sum = ~bytes.reduce(~UInt32(0)) {
      ($0 >> 8) ^ table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)]
    }
    return (sum >> 15 | sum << 17) &+ 0xa282_ead8
  }

  private static let table: [UInt32] = (0..<256).map { start in
    (0..<8).reduce(UInt32(start)) { value, _ in
      value & 1 == 1 ? value >> 1 ^ 0x82f6_3b78 : value >> 1
    }
  }
}
