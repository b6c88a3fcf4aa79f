import RunStore
import Testing
import Texts

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
    Finding.judged(
      [Hypothesis("a", relation, than: "b")], arms: [arm("a", scores), arm("b", others)],
      measure: PrimaryMeasure(.taskEndAccuracy, higherIsBetter: higherIsBetter, margin: 0.01)
    ).first?.verdict
  }

  private let low = [0.50, 0.51, 0.49, 0.50, 0.52]
  private let high = [0.60, 0.62, 0.60, 0.61, 0.62]
  private let near = [0.502, 0.511, 0.492, 0.499, 0.521]
  private let wild = [0.9, 0.1, 0.8, 0.2, 0.6]

  @Test("A verdict goes by the p that is corrected over the report's claims")
  func corrected() throws {
    // p = 0.033 by itself, 0.099 of three (see BoundTestTests).
    let base = [0.5, 0.5, 0.5, 0.5, 0.5]
    let ahead = [0.5026, 0.5126, 0.5226, 0.5326, 0.5426]
    let arms = [arm("a", ahead), arm("b", ahead), arm("c", ahead), arm("d", base)]
    let claims = ["a", "b", "c"].map { Hypothesis($0, .better, than: "d") }
    let one = Finding.judged([claims[0]], arms: arms, measure: PrimaryMeasure())
    #expect(one.map(\.verdict) == [.asExpected])
    #expect(one[0].statement.contains("corrected p 0.033"))
    let all = Finding.judged(claims, arms: arms, measure: PrimaryMeasure())
    #expect(all.map(\.verdict) == [.undecided, .undecided, .undecided])
    #expect(all[0].statement.contains("95 % interval +0.003 to +0.042, corrected p 0.099"))
    // A claim whose arms were not run is no comparison.
    let two = Finding.judged(
      [claims[0], Hypothesis("a", .better, than: "muon")], arms: arms, measure: PrimaryMeasure())
    #expect(two.map(\.verdict) == [.asExpected])
  }

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
      Finding.judged(
        [Hypothesis("a", .noWorse, than: "b", source: "figure 1")],
        arms: [arm("a", high), arm("b", low)], measure: PrimaryMeasure()
      ).first)
    #expect(finding.statement.hasPrefix("Expected a no worse than b by more than 0.01 (figure 1);"))
    #expect(finding.statement.contains("found +0.106"))
    #expect(finding.statement.contains("95 % interval +0.0"))
    #expect(finding.statement.hasSuffix("over 5 seeds."))
  }
}
