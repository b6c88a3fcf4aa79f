import RunStore
import Testing

@testable import Dashboard

/// Scores by game, and their averages.
@Suite struct GameResultsTests {
  private func results(_ scores: [String: [String: [Double]]]) -> GameResults {
    GameResults(
      scores: scores.mapValues { games in
        games.mapValues {
          Dictionary(uniqueKeysWithValues: Array($0.enumerated().map { ($0, $1) }))
        }
      }, arms: ["nap", "norm"], games: ["a", "b"],
      measure: PrimaryMeasure(.visitScore, over: .allTasks))
  }

  @Test func `the table has means by game and the averages over all`() {
    let text = results(["nap": ["a": [1, 3], "b": [5, 100]], "norm": ["a": [2]]]).text
    let rows = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(rows.contains(["a", "2.000", "2.000"]))
    #expect(rows.contains(["b", "52.500", "-"]))
    #expect(rows.contains(["interquartile", "mean", "4.000", "2.000"]))
    #expect(rows.contains(["mean", "over", "games", "27.250", "2.000"]))
    #expect(rows.contains(["runs", "4", "1"]))
    #expect(text.contains("Intervals need 5 seeds"))
  }

  @Test func `five seeds have intervals, in the table and in the figure`() throws {
    let own = results(["nap": ["a": [1, 2, 3, 4, 5], "b": [3, 3, 3, 3, 3]]])
    #expect(own.text.contains("3.000 (") && own.text.contains("bootstrap"))
    let plan = Comparison(
      kind: .comparison, recipe: "control", preset: "p", configuration: "{}",
      provenance: Run.fixture(arm: "nap", seed: 0).provenance, entries: [])
    let page = own.report(plan, pages: [], tuned: [])
    guard case .baselines(let panel)? = page.panels.first else {
      Issue.record("no figure")
      return
    }
    #expect(panel.methods == ["a", "b", "interquartile mean"])
    let last = try #require(panel.rows.last)
    #expect(last.interval != nil && last.mean == 3)
    #expect(Report.csv(page).contains("Score by game: a,,nap,0,,,1.0"))
  }
}
