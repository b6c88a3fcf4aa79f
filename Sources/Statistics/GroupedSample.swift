/// Measurements in groups, such as the scores of one arm in several games: a group a game, a measurement a seed.
public struct GroupedSample: Hashable, Sendable {
  /// The groups.
  public let groups: [Sample]

  /// Takes groups of measurements.
  public init(_ groups: [Sample]) { self.groups = groups }

  /// All measurements together.
  public var all: Sample { Sample(groups.flatMap(\.values)) }

  /// The percentile bootstrap interval of a statistic of all measurements, with as many drawn from each group as it
  /// has.
  ///
  /// `nil` where a group has fewer measurements than ``Evidence/minimumSeedCount``. The draws are the same at every
  /// call. Cost: `draws` times the statistic. Source: Agarwal et al. 2021, section 4.1, who take 50,000 draws and show
  /// intervals from three seeds on.
  public func interval(
    of statistic: (Sample) -> Double, draws: Int = 2_000, confidence: Double = Evidence.confidence
  ) -> ConfidenceInterval? {
    guard !groups.isEmpty, groups.allSatisfy({ $0.count >= Evidence.minimumSeedCount }) else {
      return nil
    }
    var generator = SplitMix()
    let drawn = (0..<draws).map { _ in
      statistic(
        Sample(
          groups.flatMap { group in
            (0..<group.count).map { _ in
              group.values[Int.random(in: 0..<group.count, using: &generator)]
            }
          }))
    }.sorted()
    let tail = (1 - confidence) / 2
    func quantile(_ share: Double) -> Double {
      let place = share * Double(draws - 1)
      let (low, high) = (drawn[Int(place)], drawn[min(Int(place) + 1, draws - 1)])
      return low + (place - place.rounded(.down)) * (high - low)
    }
    return ConfidenceInterval(lower: quantile(tail), upper: quantile(1 - tail))
  }

  /// SplitMix64 from a fixed state (Steele, Lea and Flood 2014): the interval of given numbers is a fact about them.
  private struct SplitMix: RandomNumberGenerator {
    var state: UInt64 = 0

    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var word = state
      word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
      word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
      return word ^ (word >> 31)
    }
  }
}
