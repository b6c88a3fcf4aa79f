import Testing

@testable import Statistics

@Suite("Words go by the corrected p")
struct BoundTestTests {
  /// Five paired differences around a mean, of standard error 0.00707: 0.0226 from a bound they have t = 3.196.
  private func difference(mean: Double) -> PairedDifference {
    let noise = [-0.02, -0.01, 0, 0.01, 0.02]
    return PairedDifference(
      Dictionary(uniqueKeysWithValues: noise.enumerated().map { ($0.offset, mean + $0.element) }),
      minus: Dictionary(uniqueKeysWithValues: (0..<5).map { ($0, 0) }))
  }

  /// 2 · P(T ≥ 3.196), four degrees of freedom: 1 − 1.5 x (1 − x²/3) with x = t/√(4 + t²).
  private let alone = 0.033022686

  @Test("A p below 0.05 by itself and above it after correction decides nothing")
  func corrected() throws {
    for (margin, higherIsBetter, mean) in [
      (0.0, true, 0.0226), (0.01, true, 0.0126), (0, false, -0.0226), (0.01, false, -0.0126),
    ] {
      let question = BoundTest.Question(
        difference(mean: mean), margin: margin, higherIsBetter: higherIsBetter)
      let single = try #require(BoundTest.answers(to: [question]).first)
      #expect(single.side == .better)
      #expect(abs((single.adjustedP ?? 0) - alone) < 1e-8)
      let three = BoundTest.answers(to: [question, question, question])
      #expect(three.allSatisfy { $0.side == .undecided })
      #expect(three.allSatisfy { abs(($0.adjustedP ?? 0) - 3 * alone) < 1e-8 })
      // The interval by itself would have decided.
      let interval = try #require(question.difference.interval)
      #expect(!interval.contains(question.bound))
    }
  }

  @Test("Too few seeds are told apart from undecided ones, and do not count as a comparison")
  func tooFew() {
    let four = PairedDifference([0: 1, 1: 2, 2: 1, 3: 2], minus: [0: 0, 1: 0, 2: 0, 3: 0])
    let answers = BoundTest.answers(
      to: [
        .init(four, margin: 0, higherIsBetter: true),
        .init(difference(mean: 0.0226), margin: 0, higherIsBetter: true),
      ])
    #expect(answers.map(\.side) == [.tooFewSeeds, .better])
    #expect(answers[0].adjustedP == nil && abs((answers[1].adjustedP ?? 0) - alone) < 1e-8)
  }

  @Test("The p against a bound is below 0.05 exactly where the interval does not hold the bound")
  func duality() throws {
    let one = difference(mean: 0.0226)
    let interval = try #require(one.interval)
    for (end, inward) in [(interval.lower, 1e-9), (interval.upper, -1e-9)] {
      #expect((one.pValue(against: end + inward) ?? 0) > 0.05)
      #expect((one.pValue(against: end - inward) ?? 1) < 0.05)
    }
    #expect(one.pValue(against: 0) == one.pValue)
  }
}
