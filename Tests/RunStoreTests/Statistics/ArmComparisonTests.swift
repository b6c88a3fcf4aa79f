import RunStore
import Statistics
import Testing

@Suite("Arms beside a reference")
struct ArmComparisonTests {
  private func scores(_ values: [Double]) -> [Int: Double] {
    Dictionary(uniqueKeysWithValues: values.enumerated().map { ($0.offset, $0.element) })
  }

  /// 2 · P(T ≥ 3.196), four degrees of freedom: 1 − 1.5 x (1 − x²/3) with x = t/√(4 + t²).
  private let alone = 0.033022686

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

  @Test("A table's verdict is that of the margin's p over its arms, and so is no column beside it")
  func table() throws {
    func outcome(_ arm: String, _ mean: Double) -> ArmOutcome {
      // Of standard error 0.00707: 0.0226 from a bound they have t = 3.196.
      let noise = [-0.02, -0.01, 0, 0.01, 0.02]
      return ArmOutcome(arm: arm, scoreBySeed: scores(noise.map { 0.5 + mean + $0 }))
    }
    let base = ArmOutcome(
      arm: "fresh", scoreBySeed: Dictionary(uniqueKeysWithValues: (0..<5).map { ($0, 0.5) }))
    func rows(_ arms: [ArmOutcome]) -> [ArmComparison.Row] {
      ArmComparison(arms + [base], reference: "fresh", margin: 0.01, higherIsBetter: true).rows
    }
    let one = try #require(rows([outcome("a", 0.0126)]).first)
    #expect(one.nonInferiority == .noHarm && abs((one.nonInferiorityP ?? 0) - alone) < 1e-8)
    let three = rows([outcome("a", 0.0126), outcome("b", 0.0126), outcome("c", -0.0326)])
    #expect(three.prefix(3).allSatisfy { $0.nonInferiority == .undecided })
    // Of an arm that is far off the others lose nothing but its place: Holm's step down.
    let sure = rows([outcome("a", 0.0126), outcome("b", 0.5)])
    #expect(sure.prefix(2).allSatisfy { $0.nonInferiority == .noHarm })
    #expect(abs((sure[0].nonInferiorityP ?? 0) - alone) < 1e-8)
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
}
