/// Intervals by drawing again from the sample, for statistics without a formula such as the
/// interquartile mean.
public enum Bootstrap {
  /// The percentile interval: the statistic of `draws` samples of the same size, drawn with
  /// replacement; its ends are their (1 ∓ c)/2 quantiles, interpolated linearly.
  ///
  /// The same seed gives the same interval on every machine. `nil` below two measurements.
  /// Source: Efron 1979.
  public static func interval(
    of sample: Sample, confidence: Double = Evidence.confidence, draws: Int = 10_000,
    seed: UInt64, statistic: (Sample) -> Double
  ) -> ConfidenceInterval? {
    precondition(draws > 0, "the bootstrap needs at least one draw, got \(draws)")
    guard sample.count >= 2 else { return nil }
    var generator = SplitMix64(seed: seed)
    var results: [Double] = []
    results.reserveCapacity(draws)
    for _ in 0..<draws {
      let drawn = (0..<sample.count).map { _ in
        sample.values[generator.next(below: sample.count)]
      }
      results.append(statistic(Sample(drawn)))
    }
    results.sort()
    return ConfidenceInterval(
      lower: quantile((1 - confidence) / 2, ofSorted: results),
      upper: quantile((1 + confidence) / 2, ofSorted: results))
  }

  /// Linear interpolation between the order statistics (type 7 of Hyndman and Fan, numpy's default).
  static func quantile(_ probability: Double, ofSorted values: [Double]) -> Double {
    let position = probability * Double(values.count - 1)
    let index = Int(position)
    guard index + 1 < values.count else { return values[values.count - 1] }
    let share = position - Double(index)
    return values[index] + share * (values[index + 1] - values[index])
  }
}

/// Steele, Lea and Flood's SplitMix64: 64 bits of state, the same sequence on every machine.
struct SplitMix64 {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A number below `bound`, by the high half of a wide product. The bias is below
  /// `bound` / 2⁶⁴.
  mutating func next(below bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }
}
