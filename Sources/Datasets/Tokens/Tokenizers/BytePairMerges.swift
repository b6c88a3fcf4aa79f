import HeapModule

/// The merges of byte-pair encoding (Sennrich et al. 2016): of all neighbours that may merge, those of the least rank
/// merge first, the leftmost of equal ones before the others, until none may.
///
/// Cost: n log n for n symbols.
struct BytePairMerges: Sendable {
  /// Rank and result of two tokens, each in 32 bits.
  private var merges: [UInt64: UInt64] = [:]

  /// The next merge, which comes after all before it. False for a pair that has one.
  mutating func append(_ left: UInt32, _ right: UInt32, into merged: UInt32) -> Bool {
    let rank = UInt64(merges.count)
    return merges.updateValue(rank << 32 | UInt64(merged), forKey: Self.key(left, right)) == nil
  }

  private static func key(_ left: UInt32, _ right: UInt32) -> UInt64 {
    UInt64(left) << 32 | UInt64(right)
  }

  private struct Candidate: Comparable {
    let rank: UInt32
    let place: UInt32
    let merged: UInt32

    static func < (left: Candidate, right: Candidate) -> Bool {
      (left.rank, left.place) < (right.rank, right.place)
    }
  }

  /// Merges in place.
  func apply(to symbols: inout [UInt32]) {
    guard symbols.count > 1 else { return }
    // A list of the symbols that are left, by place; a symbol that went into the one before it has itself as successor.
    var next = Array(1...symbols.count)
    var previous = Array(-1..<(symbols.count - 1))
    var candidates = Heap<Candidate>()
    func consider(_ place: Int, _ symbols: [UInt32], _ next: [Int]) {
      guard place >= 0, next[place] < symbols.count,
        let found = merges[Self.key(symbols[place], symbols[next[place]])]
      else { return }
      candidates.insert(
        Candidate(
          rank: UInt32(found >> 32), place: UInt32(place),
          merged: UInt32(truncatingIfNeeded: found)))
    }
    for place in symbols.indices { consider(place, symbols, next) }
    while let best = candidates.popMin() {
      let place = Int(best.place)
      let other = next[place]
      // Neighbours may have changed since.
      guard other != place, other < symbols.count,
        let found = merges[Self.key(symbols[place], symbols[other])],
        UInt32(truncatingIfNeeded: found) == best.merged
      else { continue }
      symbols[place] = best.merged
      next[place] = next[other]
      next[other] = other
      if next[place] < symbols.count { previous[next[place]] = place }
      consider(previous[place], symbols, next)
      consider(place, symbols, next)
    }
    var kept: [UInt32] = []
    var place = 0
    while place < symbols.count {
      kept.append(symbols[place])
      place = next[place]
    }
    symbols = kept
  }
}
