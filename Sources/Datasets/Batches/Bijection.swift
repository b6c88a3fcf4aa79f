/// A permutation of 0 ..< `count` that is computed place by place, without a table: a Feistel network of eight rounds
/// over the next larger power of 4, walked along its cycle until a number below `count` comes.
///
/// Cost of a place: under four passes of the network on average, from 64 numbers on. Memory: eight words.
///
/// Source: Black and Rogaway 2002, "Ciphers with arbitrary finite domains", methods 2 and 3. The round function is
/// SplitMix64's finalizer, not a cipher's: the order is well mixed, not secret.
struct Bijection: Hashable, Sendable {
  let count: Int
  private let halfBits: UInt64
  private let keys: [UInt64]

  /// - Precondition: `count` is from 1 to 2⁶⁰.
  init(count: Int, key: UInt64) {
    precondition((1...1 << 60).contains(count), "Bijection: 1 to 2^60 numbers, got \(count)")
    self.count = count
    // At least 2^6 numbers, since a network over few has few keys that differ.
    let bits = max(6, Int.bitWidth - (count - 1).leadingZeroBitCount)
    halfBits = UInt64((bits + 1) / 2)
    keys = (1...8).map { Self.mixed(key &+ UInt64($0) &* 0x9e37_79b9_7f4a_7c15) }
  }

  /// The number at a place. - Precondition: the place is in 0 ..< `count`.
  subscript(place: Int) -> Int {
    precondition((0..<count).contains(place), "Bijection: a place in 0 ..< \(count), got \(place)")
    guard count > 1 else { return 0 }
    let mask = (1 as UInt64) << halfBits &- 1
    var number = UInt64(place)
    repeat {
      var (left, right) = (number >> halfBits, number & mask)
      for key in keys { (left, right) = (right, left ^ (Self.mixed(right &+ key) & mask)) }
      number = left << halfBits | right
    } while number >= UInt64(count)
    return Int(number)
  }

  private static func mixed(_ word: UInt64) -> UInt64 {
    var word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }
}
