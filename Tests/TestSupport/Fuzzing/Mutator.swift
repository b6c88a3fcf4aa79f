/// Damages sound inputs in the ways that files get damaged and that break parsers.
///
/// Input `n` depends on the seeds, the name and `n` alone: one that broke something is made again
/// without those before it.
public struct Mutator: Sendable {
  /// The sound inputs.
  public let seeds: [[UInt8]]
  /// Pieces that mean something to the parser, inserted now and then.
  public let words: [[UInt8]]
  private let salt: UInt64

  /// States what to damage.
  ///
  /// - Parameter words: pieces of the format's grammar, such as `{` or a key.
  public init(_ seeds: [[UInt8]], words: [String] = [], name: String) {
    precondition(!seeds.isEmpty, "Mutator: at least one sound input")
    self.seeds = seeds
    self.words = words.map { Array($0.utf8) }
    salt = name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
  }

  /// The largest input that comes about: four times the largest seed and 64 KiB.
  public var mostBytes: Int { 4 * (seeds.map(\.count).max() ?? 0) + (64 << 10) }

  /// Input number `index`: a seed after one to four changes.
  public func input(_ index: Int) -> [UInt8] {
    var random = SplitMix(state: salt &+ UInt64(truncatingIfNeeded: index) &* 0xd1b5_4a32_d192_ed03)
    var bytes = seeds[Int.random(in: 0..<seeds.count, using: &random)]
    let changes = Bool.random(using: &random) ? 1 : Int.random(in: 2...4, using: &random)
    for _ in 0..<changes { change(&bytes, &random) }
    return bytes.count > mostBytes ? Array(bytes.prefix(mostBytes)) : bytes
  }

  private func change(_ bytes: inout [UInt8], _ random: inout SplitMix) {
    guard !bytes.isEmpty else {
      bytes.append(UInt8.random(in: 0...255, using: &random))
      return
    }
    // Headers decide most: half of the places lie in the first 64 bytes.
    let reach = Bool.random(using: &random) ? min(64, bytes.count) : bytes.count
    let place = Int.random(in: 0..<reach, using: &random)
    switch Int.random(in: 0..<12, using: &random) {
    case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: bytes[place] = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &random) ?? 0
    case 2: bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
    case 3:
      bytes.removeSubrange(place..<min(place + .random(in: 1...8, using: &random), bytes.count))
    case 4: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
    case 5: overwrite(&bytes, at: place, with: Self.extremeBytes(&random))
    case 6: bytes.insert(contentsOf: Self.extremeText(&random), at: place)
    case 7:
      // A number already there grows or changes beyond every bound.
      let digits = Self.digits(in: bytes, near: place)
      bytes.replaceSubrange(digits, with: Self.extremeText(&random))
    case 8:
      let length = Int.random(in: 1...600, using: &random)
      let block = bytes[place..<min(place + length, bytes.count)]
      bytes.insert(contentsOf: block, at: Int.random(in: 0...bytes.count, using: &random))
    case 9:
      let other = seeds[Int.random(in: 0..<seeds.count, using: &random)]
      bytes = bytes[..<place] + other.suffix(Int.random(in: 0...other.count, using: &random))
    case 10:
      let count = 1 << Int.random(in: 1...13, using: &random)
      let piece = words.randomElement(using: &random) ?? [bytes[place]]
      let repeats = min(count, (64 << 10) / max(piece.count, 1))
      bytes.insert(contentsOf: (0..<repeats).flatMap { _ in piece }, at: place)
    default:
      let piece = words.randomElement(using: &random) ?? [bytes[place]]
      bytes.insert(contentsOf: piece, at: place)
    }
  }

  private func overwrite(_ bytes: inout [UInt8], at place: Int, with piece: [UInt8]) {
    for (index, byte) in zip(place..<min(place + piece.count, bytes.count), piece) {
      bytes[index] = byte
    }
  }

  /// 1, 2, 4 or 8 bytes of an extreme integer, in either byte order.
  private static func extremeBytes(_ random: inout SplitMix) -> [UInt8] {
    let width = [1, 2, 4, 8].randomElement(using: &random) ?? 1
    let values: [Int64] = [0, 1, -1, .max, .min, 1 << 31, 1 << 62, 0x7fff_ffff, 0x8000, 10_000]
    let value = values.randomElement(using: &random) ?? 0
    let bytes = (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * Int64($0))) }
    return Bool.random(using: &random) ? bytes : bytes.reversed()
  }

  /// An extreme number in decimal or octal digits.
  private static func extremeText(_ random: inout SplitMix) -> [UInt8] {
    let texts = [
      "0", "-1", "00", "1.5", "1e400", "-1e-400", "4294967296", "9223372036854775807",
      "9223372036854775808", "-9223372036854775808", "18446744073709551616",
      "4611686018427387904", "77777777777", "1000000000000", "nan", "1e18",
      "1000000000000000000000000000000000000000000",
    ]
    return Array((texts.randomElement(using: &random) ?? "0").utf8)
  }

  /// The first run of decimal digits from `place` on, or an empty range there.
  private static func digits(in bytes: [UInt8], near place: Int) -> Range<Int> {
    let isDigit = { (byte: UInt8) in (48...57).contains(byte) }
    guard let start = bytes[place...].firstIndex(where: isDigit) else { return place..<place }
    let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
    return start..<end
  }
}
