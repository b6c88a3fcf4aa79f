import Statistics
import Testing

@testable import RunStore

@Suite("The measure of a sequence")
struct SequenceMeasureTests {
  private let measure = PrimaryMeasure("visit_score", over: .secondHalf, solvedBeyond: 0)

  private func outcome(_ arm: String, _ trend: Trend, by average: TaskAverage) -> ArmOutcome {
    ArmOutcome(
      arm: arm, scoreBySeed: [0: measure.score(trend, by: average)],
      pairedValuesBySeed: [0: measure.pairedValues(trend)])
  }

  @Test(
    "The mean over the tasks of the second half counts, and the interquartile mean stands beside it"
  )
  func averages() throws {
    // Eight goals, twice: three of the second visits are never found.
    let scores = [1.0, 1, 1, 1, 1, 1, 1, 1, -0.5, 0.97, 0.9, -0.5, 0.95, 0.96, 0.94, -0.5]
    let trend = try #require(
      Trend(Dictionary(uniqueKeysWithValues: scores.enumerated().map { ($0.offset, $0.element) })))
    #expect(abs(measure.score(trend) - 0.4025) < 1e-12)  // 3.22 / 8
    // Of −0.5 −0.5 −0.5 0.9 0.94 0.95 0.96 0.97 the middle four.
    #expect(abs(measure.score(trend, by: .interquartileMean) - 0.5725) < 1e-12)
    #expect(trend.firstHalf == 1)
    #expect(measure.solved(trend) == SolvedTasks(count: 5, of: 8))
    #expect(measure.words == "score of a visit, mean over the second half of the tasks")
    // A value at the threshold is not beyond it, and less may be better.
    let edge = try #require(Trend([0: 1, 1: 0]))
    #expect(measure.solved(edge) == SolvedTasks(count: 0, of: 1))
    let falling = PrimaryMeasure("x", over: .secondHalf, higherIsBetter: false, solvedBeyond: 0.5)
    #expect(falling.solved(edge) == SolvedTasks(count: 1, of: 1))
    #expect(PrimaryMeasure("x", over: .secondHalf).solved(edge) == nil)
    #expect(PrimaryMeasure("x", over: .lastFifth, solvedBeyond: 0).solved(edge) == nil)
  }

  @Test("Differences are taken task by task over the tasks that both have, and averaged either way")
  func differences() throws {
    // Ten tasks; the second visit of one game has huge numbers, which the interquartile mean leaves out.
    let base = (0..<10).map { ($0, Double($0)) }
    let ahead = [5: 1.0, 6: 2, 7: 3, 8: -400, 9: 900]
    let other = base.map { ($0.0, $0.1 + (ahead[$0.0] ?? 100)) }
    let trends = try [base, other].map {
      try #require(Trend(Dictionary(uniqueKeysWithValues: $0)))
    }
    #expect(measure.score(trends[0]) == 7)
    for (average, expected) in [(TaskAverage.mean, 101.2), (.interquartileMean, 2)] {
      let outcomes = zip(["fresh", "nap"], trends).map { outcome($0, $1, by: average) }
      #expect(abs(outcomes[1].difference(from: outcomes[0], by: average).mean - expected) < 1e-9)
      let comparison = ArmComparison(
        outcomes, reference: "fresh", margin: 0.01, higherIsBetter: true, by: average)
      #expect(abs((comparison.rows[1].difference?.mean ?? 0) - expected) < 1e-9)
    }
    // A task that one lacks moves nothing: without the last one the others' differences remain.
    let shorter = try #require(
      Trend(Dictionary(uniqueKeysWithValues: other.filter { $0.0 != 9 }), amongTasks: 10))
    #expect(
      outcome("nap", shorter, by: .mean).difference(from: outcome("fresh", trends[0], by: .mean))
        .mean == -98.5)
    // Other measures go by scores.
    let plain = PrimaryMeasure("visit_score", over: .lastFifth)
    #expect(plain.pairedValues(trends[0]).isEmpty && !plain.hasInterquartileMean)
  }
}
