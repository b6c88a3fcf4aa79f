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

/// Examples that lie together, such as those of one file: consecutive examples of the data set.
public struct ExampleBlocks: Codable, Hashable, Sendable {
  /// The examples of each block.
  public let counts: [Int]
  /// Blocks that are read at the same time: their examples are mixed with one another.
  public let together: Int

  /// States blocks.
  public init(counts: [Int], together: Int) { (self.counts, self.together) = (counts, together) }
}

/// One epoch's order of a bijection: blocks in a mixed order, some of them at a time, whose examples are mixed with one
/// another. A single block is one bijection of all examples.
///
/// Memory: one number a block and one a window. Cost of a place: a search among windows, and among the blocks of one.
struct BlockOrder: Sendable {
  private let blocks: ExampleBlocks
  private let key: UInt64
  /// The first example of each block.
  private let starts: [Int]
  private let order: Bijection
  /// The first place of each window.
  private let windows: [Int]
  private var current: Window

  /// A window's blocks, in the order they have there.
  private struct Window {
    var number: Int
    var places: Range<Int>
    var blocks: [(start: Int, count: Int)]
    var order: Bijection
  }

  /// - Precondition: every count is above 0, and there is a block.
  init(_ blocks: ExampleBlocks, key: UInt64) {
    (self.blocks, self.key) = (blocks, key)
    func sums(_ counts: some Sequence<Int>) -> [Int] {
      counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    }
    let order = Bijection(count: blocks.counts.count, key: key)
    self.order = order
    starts = sums(blocks.counts)
    windows = sums(
      stride(from: 0, to: blocks.counts.count, by: blocks.together).map { first in
        (first..<min(first + blocks.together, blocks.counts.count)).reduce(0) {
          $0 + blocks.counts[order[$1]]
        }
      })
    current = Window(number: -1, places: 0..<0, blocks: [], order: Bijection(count: 1, key: 0))
  }

  /// The blocks that places from here on are in, until another window begins.
  mutating func index(at place: Int) -> Int {
    if !current.places.contains(place) { enter(place) }
    var number = current.order[place - current.places.lowerBound]
    for block in current.blocks {
      if number < block.count { return block.start + number }
      number -= block.count
    }
    preconditionFailure("BlockOrder: place \(place) is beyond the last")
  }

  private mutating func enter(_ place: Int) {
    var (low, high) = (0, windows.count - 1)
    while high - low > 1 {
      let middle = (low + high) / 2
      if windows[middle] <= place { low = middle } else { high = middle }
    }
    let first = low * blocks.together
    let places = windows[low]..<windows[low + 1]
    current = Window(
      number: low, places: places,
      blocks: (first..<min(first + blocks.together, blocks.counts.count)).map {
        (starts[order[$0]], blocks.counts[order[$0]])
      }, order: Bijection(count: places.count, key: key &+ UInt64(low) &+ 1))
  }
}
