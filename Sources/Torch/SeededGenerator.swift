/// A generator of random numbers that is a value: xoshiro256**, seeded through SplitMix64.
///
/// The same seed gives the same numbers on every platform and in every release; the state is saved and
/// restored exactly, as 64 hexadecimal digits, so that no reader rounds it to a double.
///
/// Source: Blackman and Vigna 2021, "Scrambled linear pseudorandom number generators";
/// Steele, Lea and Flood 2014 for SplitMix64; Lemire 2019 for unbiased bounded draws.
public struct SeededGenerator: RandomNumberGenerator, Hashable, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  /// Seeds the generator. Any seed is good, zero included.
  public init(seed: UInt64) {
    var mixer = SplitMix(state: seed)
    state = (mixer.next(), mixer.next(), mixer.next(), mixer.next())
  }

  /// A generator of its own for a named purpose; this one does not move.
  ///
  /// Adding a purpose never shifts another's numbers.
  public func split(_ name: String) -> SeededGenerator {
    // FNV-1a of the name, then mixed with the state.
    let hash = name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3
    }
    var mixer = SplitMix(state: hash)
    let seed = words.reduce(0 as UInt64) { ($0 ^ $1) &* 0x9e37_79b9_7f4a_7c15 &+ mixer.next() }
    return SeededGenerator(seed: seed)
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    let result = Self.rotate(state.1 &* 5, 7) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = Self.rotate(state.3, 45)
    return result
  }

  /// A whole number in 0 ..< `bound`, every one equally likely.
  ///
  /// Written out here, so that another release of the standard library cannot change the numbers.
  /// - Precondition: `bound` is above 0.
  public mutating func index(below bound: Int) -> Int {
    precondition(bound > 0, "index(below:): the bound must be above 0, got \(bound)")
    let bound = UInt64(bound)
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
    }
    return Int(product.high)
  }

  /// A number in 0 ..< 1 with 53 random bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// The numbers 0 ..< `count` in random order (Fisher and Yates). Cost: `count` draws.
  public mutating func permutation(of count: Int) -> [Int] {
    var order = Array(0..<count)
    guard count > 1 else { return order }
    for last in stride(from: count - 1, through: 1, by: -1) {
      order.swapAt(last, index(below: last + 1))
    }
    return order
  }

  private var words: [UInt64] { [state.0, state.1, state.2, state.3] }

  private static func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 {
    word << count | word >> (64 - count)
  }

  /// Whether two generators will give the same numbers.
  public static func == (left: Self, right: Self) -> Bool { left.words == right.words }

  /// Hashes the state.
  public func hash(into hasher: inout Hasher) { hasher.combine(words) }
}

extension SeededGenerator: Codable {
  /// Reads the state from 64 hexadecimal digits; throws `DecodingError` for anything else.
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    let digits = Array(text.utf8)
    let words = stride(from: 0, to: digits.count, by: 16).compactMap { start in
      UInt64(
        String(decoding: digits[start..<min(start + 16, digits.count)], as: UTF8.self), radix: 16)
    }
    let isHexadecimal = digits.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    guard digits.count == 64, isHexadecimal, words.count == 4, words.contains(where: { $0 != 0 })
    else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription:
            "expected a generator's state of 64 hexadecimal digits, not all zero, found \"\(text)\""
        ))
    }
    state = (words[0], words[1], words[2], words[3])
  }

  /// Writes the state as 64 hexadecimal digits.
  public func encode(to encoder: any Encoder) throws {
    let text = words.map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }
    var container = encoder.singleValueContainer()
    try container.encode(text.joined())
  }
}

/// Sebastiano Vigna's SplitMix64, which turns any seed into well mixed words.
private struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }
}
