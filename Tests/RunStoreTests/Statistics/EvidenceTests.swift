import Testing

@testable import RunStore

@Suite("The rules of evidence")
struct EvidenceTests {
  private func scores(_ values: [Double]) -> [Int: Double] {
    Dictionary(uniqueKeysWithValues: values.enumerated().map { ($0.offset, $0.element) })
  }

  /// The word for a difference that is asked about by itself.
  private func word(
    _ difference: PairedDifference, margin: Double, higherIsBetter: Bool
  ) -> NonInferiority {
    NonInferiority(
      BoundTest.answers(
        to: [.init(difference, margin: margin, higherIsBetter: higherIsBetter)])[0])
  }

  @Test("Fewer than five seeds give no interval and no p-value")
  func tooFew() {
    let four = PairedDifference(scores([1, 2, 3, 4]), minus: scores([0, 0, 0, 0]))
    #expect(four.interval == nil && four.pValue == nil)
    #expect(word(four, margin: 0.01, higherIsBetter: true) == .tooFewSeeds)
    let five = PairedDifference(scores([1, 2, 3, 4, 5]), minus: scores([0, 0, 0, 0, 0]))
    #expect(five.interval != nil && five.pValue != nil)
  }

  @Test("Only seeds that both arms have are paired, and the others are named")
  func pairing() {
    let difference = PairedDifference([1: 5, 2: 6, 9: 1], minus: [2: 1, 1: 3, 4: 0])
    #expect(difference.seeds == [1, 2])
    #expect(difference.differences.values == [2, 5])
    #expect(difference.unpairedSeeds == [4, 9])
  }

  @Test("Equal differences have p 1 at zero and 0 elsewhere")
  func degenerate() {
    let base = scores([1, 2, 3, 4, 5])
    #expect(PairedDifference(base, minus: base).pValue == 1)
    #expect(PairedDifference(scores([2, 3, 4, 5, 6]), minus: base).pValue == 0)
  }

  @Test("No harm, harm and undecided are told apart for scores that rise and that fall")
  func nonInferiority() {
    let base = scores([0.5, 0.6, 0.7, 0.8, 0.9])
    func verdict(_ shift: Double, spread: Double, higherIsBetter: Bool) -> NonInferiority {
      let noise = [-1.0, 1, -0.5, 0.5, 0]
      let values = base.mapValues { $0 + shift }.reduce(into: [:]) { result, entry in
        result[entry.key] = entry.value + spread * noise[entry.key]
      }
      return word(
        PairedDifference(values, minus: base), margin: 0.01, higherIsBetter: higherIsBetter)
    }
    #expect(verdict(-0.002, spread: 0.001, higherIsBetter: true) == .noHarm)
    #expect(verdict(-0.05, spread: 0.001, higherIsBetter: true) == .harm)
    #expect(verdict(-0.005, spread: 0.1, higherIsBetter: true) == .undecided)
    #expect(verdict(0.002, spread: 0.001, higherIsBetter: false) == .noHarm)
    #expect(verdict(0.05, spread: 0.001, higherIsBetter: false) == .harm)
    #expect(verdict(-0.05, spread: 0.001, higherIsBetter: false) == .noHarm)
  }

  @Test("Arms stand beside the reference with p-values corrected over those that have one")
  func comparison() {
    let base = scores([0.5, 0.6, 0.7, 0.8, 0.9])
    let better = base.mapValues { $0 + 0.1 + 0.01 * $0 }
    let noisy = scores([0.55, 0.5, 0.8, 0.7, 0.95])
    let table = ArmComparison(
      [
        ArmOutcome(arm: "nap", scoreBySeed: better),
        ArmOutcome(arm: "norm", scoreBySeed: noisy),
        ArmOutcome(
          arm: "plain", scoreBySeed: [0: 0.1, 1: 0.2],
          unfinishedBySeed: [2: .notFinite(reason: "loss")]),
        ArmOutcome(arm: "fresh", scoreBySeed: base),
      ], reference: "fresh", margin: 0.01, higherIsBetter: true)
    #expect(table.reference == "fresh")
    #expect(table.rows.map(\.outcome.arm) == ["nap", "norm", "plain", "fresh"])
    let nap = table.rows[0]
    let p = nap.difference?.pValue
    #expect(p.map { $0 * 2 } == nap.adjustedP)
    #expect(nap.nonInferiority == .noHarm)
    #expect(table.rows[1].adjustedP != nil)
    #expect(table.rows[2].adjustedP == nil)
    #expect(table.rows[2].unpairedSeeds == [2, 3, 4])
    #expect(table.rows[3].difference == nil && table.rows[3].nonInferiority == nil)
  }

  @Test("Without the reference arm there are no differences")
  func withoutReference() {
    let table = ArmComparison(
      [ArmOutcome(arm: "nap", scoreBySeed: scores([1, 2]))], reference: "fresh", margin: 0.01,
      higherIsBetter: true)
    #expect(table.reference == nil)
    #expect(table.rows[0].difference == nil)
  }

  @Test("A trend holds the fifths, the mean and the slope over tasks")
  func trend() throws {
    let values = Dictionary(uniqueKeysWithValues: (0..<10).map { ($0, 1 - 0.05 * Double($0)) })
    let trend = try #require(Trend(values))
    #expect(trend.taskCount == 10)
    #expect(abs(trend.firstFifth - 0.975) < 1e-12)
    #expect(abs(trend.lastFifth - 0.575) < 1e-12)
    #expect(abs(trend.slope + 0.05) < 1e-12)
    #expect(Trend([:]) == nil)
    let one = try #require(Trend([3: 0.5]))
    #expect(one.firstFifth == 0.5 && one.lastFifth == 0.5 && one.slope.isNaN)
  }

  @Test("The rolling mean is centred, shrinks at the ends and passes over what is not finite")
  func smoothing() {
    #expect(rollingMean([1, 2, 3, 4, 9], window: 3) == [1.5, 2, 3, 16.0 / 3, 6.5])
    #expect(rollingMean([1, .nan, 3], window: 3) == [1, 2, 3])
    #expect(rollingMean([1, 5], window: 1) == [1, 5])
    #expect(rollingMean([.nan], window: 1)[0].isNaN)
  }
}

@Suite("The bootstrap")
struct BootstrapTests {
  private let sample = Sample([0.61, 0.72, 0.55, 0.68, 0.66, 0.71, 0.59, 0.74, 0.63, 0.69])

  @Test("The same seed gives the same interval, another seed another")
  func seeded() {
    let first = Bootstrap.interval(of: sample, draws: 500, seed: 1, statistic: \.mean)
    #expect(first == Bootstrap.interval(of: sample, draws: 500, seed: 1, statistic: \.mean))
    #expect(first != Bootstrap.interval(of: sample, draws: 500, seed: 2, statistic: \.mean))
  }

  @Test("For a mean, the interval is near the normal one with the deviation over n")
  func mean() throws {
    let interval = try #require(
      Bootstrap.interval(of: sample, draws: 20_000, seed: 3, statistic: \.mean))
    let count = Double(sample.count)
    let half = 1.96 * sample.standardDeviation * ((count - 1) / count / count).squareRoot()
    #expect(abs(interval.lower - (sample.mean - half)) < 0.05 * half)
    #expect(abs(interval.upper - (sample.mean + half)) < 0.05 * half)
  }

  @Test("One measurement has no interval; equal ones have one of no width")
  func degenerate() {
    #expect(Bootstrap.interval(of: Sample([1]), seed: 0, statistic: \.mean) == nil)
    #expect(
      Bootstrap.interval(of: Sample([2, 2, 2]), draws: 10, seed: 0, statistic: \.mean)
        == ConfidenceInterval(lower: 2, upper: 2))
  }

  @Test("The generator gives SplitMix64's published numbers")
  func splitMix() {
    var generator = SplitMix64(seed: 1_234_567)
    #expect(
      (0..<3).map { _ in generator.next() }
        == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
  }
}
