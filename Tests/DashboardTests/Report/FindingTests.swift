import RunStore
import Testing

@testable import Dashboard

@Suite("Expectations beside what was found")
struct FindingTests {
  private func arm(_ name: String, _ scores: [Double]) -> ArmSummary {
    ArmSummary(
      arm: name,
      trendBySeed: Dictionary(
        uniqueKeysWithValues: scores.enumerated().compactMap { seed, score in
          Trend([0: score]).map { (seed, $0) }
        }))
  }

  private func verdict(
    _ relation: Hypothesis.Relation, _ scores: [Double], than others: [Double],
    higherIsBetter: Bool = true
  ) -> Finding.Verdict? {
    Finding(
      Hypothesis("a", relation, than: "b"), arms: [arm("a", scores), arm("b", others)],
      measure: PrimaryMeasure(.taskEndAccuracy, higherIsBetter: higherIsBetter, margin: 0.01)
    )?.verdict
  }

  private let low = [0.50, 0.51, 0.49, 0.50, 0.52]
  private let high = [0.60, 0.62, 0.60, 0.61, 0.62]
  private let near = [0.502, 0.511, 0.492, 0.499, 0.521]
  private let wild = [0.9, 0.1, 0.8, 0.2, 0.6]

  @Test("Better means that the interval lies on the good side")
  func better() {
    #expect(verdict(.better, high, than: low) == .asExpected)
    #expect(verdict(.better, low, than: high) == .against)
    #expect(verdict(.better, wild, than: low) == .undecided)
    #expect(verdict(.better, low, than: high, higherIsBetter: false) == .asExpected)
    #expect(verdict(.better, Array(high.prefix(4)), than: low) == .tooFewSeeds)
  }

  @Test("No worse means that the interval lies above the margin")
  func noWorse() {
    #expect(verdict(.noWorse, near, than: low) == .asExpected)
    #expect(verdict(.noWorse, low, than: high) == .against)
    #expect(verdict(.noWorse, wild, than: low) == .undecided)
    #expect(verdict(.noWorse, high, than: low, higherIsBetter: false) == .against)
  }

  @Test("What failed comes first, what held last, and an arm that was not run is left out")
  func order() {
    var input = ReportInput.fixture()
    input.hypotheses.append(Hypothesis("nap", .better, than: "muon"))
    #expect(input.findings.map(\.verdict) == [.against, .against, .asExpected])
    #expect(input.findings[0].statement.contains("plain better than nap"))
  }

  @Test("The statement carries the difference, its interval and the seeds")
  func statement() throws {
    let finding = try #require(
      Finding(
        Hypothesis("a", .noWorse, than: "b", source: "figure 1"),
        arms: [arm("a", high), arm("b", low)], measure: PrimaryMeasure()))
    #expect(finding.statement.hasPrefix("Expected a no worse than b by more than 0.01 (figure 1);"))
    #expect(finding.statement.contains("found +0.106"))
    #expect(finding.statement.contains("95 % interval +0.0"))
    #expect(finding.statement.hasSuffix("over 5 seeds."))
  }
}
