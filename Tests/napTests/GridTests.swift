import Experiments
import Foundation
import RunStore
import TestSupport
import Testing

@testable import NapCommand

/// Seeds, games and grids of plans.
@Suite struct GridTests {
  @Test func `seeds are a number or a list`() throws {
    #expect(try SeedList(parsing: "3").seeds() == [0, 1, 2])
    #expect(try SeedList(parsing: "2").seeds(from: 1_000) == [1_000, 1_001])
    #expect(try SeedList(parsing: "0-3,20").seeds() == [0, 1, 2, 3, 20])
    #expect(try SeedList(parsing: "7-7").seeds() == [7])
    for text in [
      "", "0", "-1", "3-1", "1,1", "0-4,3", "a", "1-2-3", "1,", "0-99999", "5.5",
      "9223372036854775807-9223372036854775807,-",
    ] {
      #expect(throws: UsageError.self, "\(text)") { try SeedList(parsing: text) }
    }
    #expect(throws: UsageError.self) { try SeedList(parsing: "0-3").seeds(from: 1_000) }
  }

  @Test func `a choice at the edge of its values is named`() {
    func setting(_ value: Double, of values: [Double]) -> TunedSetting {
      TunedSetting(
        comparison: .make(), recipe: "r", preset: "p", arm: "nap", key: "optimizer.learningRate",
        value: value, score: "s", higherIsBetter: true,
        candidates: values.map { .init(value: $0, scoreBySeed: [1_000: 1]) })
    }
    let found = SweepTable.edges([
      setting(1, of: [1, 2, 3]), setting(2, of: [1, 2, 3]), setting(3, of: [1, 2, 3]),
      setting(5, of: [5]),
    ])
    #expect(found.count == 2 && found[0].contains("smallest") && found[1].contains("largest"))
  }

  @Test func `a game's report stands beside that of all games`() {
    #expect(
      ReportWriter.path("/x/report.html", game: "atari:space_invaders")
        == "/x/report-space-invaders.html")
  }

  @Test func `a dry run lists runs and hours and leaves nothing`() throws {
    try withTemporaryFolder { folder in
      let nap = Program(runs: folder.appending(path: "runs"))
      let shown = try nap.run(
        [
          "compare", "random-labels", "--arms", "norm,nap", "--seeds", "0-1,20", "--set", "tasks=2",
          "--dry-run",
        ]
          + ["--report", folder.appending(path: "r.csv").path] + smallRun)
      #expect(shown.code == 0, "\(shown.errors)")
      #expect(shown.output.contains("nap seed 20") && shown.output.contains("6 runs, 6 to train"))
      #expect(shown.output.contains("run-hours"), "\(shown.output)")
      #expect(!FileManager.default.fileExists(atPath: nap.runs.path))
      let sweep = try nap.run(
        [
          "sweep", "random-labels", "--arms", "nap", "--over", "optimizer.learningRate=1e-3,1e-2",
          "--seeds", "3",
        ]
          + ["--set", "tasks=2", "--dry-run"] + smallRun)
      #expect(sweep.code == 0 && sweep.output.contains("6 runs, 6 to train"), "\(sweep.errors)")
      #expect(sweep.output.contains("nap seed 1002 optimizer.learningRate=1e-2"), "\(sweep.output)")
      let reported = try nap.run([
        "sweep", "random-labels", "--over", "tasks=1,2", "--seeds", "0-2",
      ])
      #expect(reported.code == 2 && reported.errors.contains("1000"), "\(reported.errors)")
    }
  }

  /// An agent of a visit, some rounds long.
  private static let smallAgent = [
    "environments.visits=1", "environments.framesPerVisit=60", "agent.learningStarts=20",
    "agent.network.torsoWidths=8", "agent.network.hiddenWidth=8", "agent.replay.capacity=100",
    "agent.batchSize=8",
  ].flatMap { ["--set", $0] }

  @Test func `games are trained one by one and stand in one table, and a repeated command goes on`()
    throws
  {
    try withProgram { nap in
      let report = nap.runs.appending(path: "r.csv")
      let arguments =
        [
          "compare", "control", "--preset", "gridworld", "--games", "gridworld,cartpole", "--arms",
          "norm,nap",
          "--seeds", "4-4", "--report", report.path, "--threads", "1",
        ]
        + Self.smallAgent
      let done = try nap.run(arguments)
      #expect(done.code == 0, "\(done.errors)")
      #expect(done.output.contains("interquartile mean"), "\(done.output)")
      #expect(try Store.open(at: nap.runs, for: .readOnly).runs().map(\.seed) == [4, 4, 4, 4])
      for game in ["gridworld", "cartpole"] {
        #expect(
          FileManager.default.fileExists(atPath: nap.runs.appending(path: "r-\(game).csv").path))
      }
      let all = try String(contentsOf: report, encoding: .utf8)
      #expect(
        all.contains("Score by game: gridworld,,norm,4,") && all.contains("interquartile mean"))
      let again = try nap.run(arguments)
      #expect(again.code == 0 && again.errors.contains("nothing is trained"), "\(again.errors)")
      let other = nap.runs.appending(path: "again.csv")
      let shown = try nap.run("report", "-o", other.path)
      #expect(shown.code == 0, "\(shown.errors)")
      #expect(try String(contentsOf: other, encoding: .utf8) == all)
      let none = try nap.run("compare", "random-labels", "--games", "breakout")
      #expect(none.code == 2 && none.errors.contains("--games"), "\(none.errors)")
    }
  }

  @Test func `a sweep over games chooses one value for all of them`() throws {
    try withProgram { nap in
      let arguments =
        [
          "sweep", "control", "--preset", "gridworld", "--games", "gridworld,cartpole", "--arms",
          "nap", "--over", "agent.optimizer.learningRate=1e-4,1e-2", "--seeds", "1", "--threads",
          "1",
        ]
        + Self.smallAgent
      let done = try nap.run(arguments)
      #expect(done.code == 0, "\(done.errors)")
      let store = try Store.open(at: nap.runs, for: .readOnly)
      let plan = try #require(store.comparisons().last)
      let setting = try #require(store.tunedSettings(of: plan.id).first)
      // The score of a value is the mean over the games.
      let measure = Control.tuningMeasure
      for candidate in setting.candidates {
        let own = try plan.entries.filter {
          $0.overrides[setting.key].flatMap(Double.init) == candidate.value
        }.map { entry -> Double in
          let run = try #require(entry.run)
          return measure.score(try #require(try measure.trend(of: run, in: store)))
        }
        #expect(own.count == 2)
        #expect(abs((candidate.scoreBySeed[1_000] ?? .nan) - (own[0] + own[1]) / 2) < 1e-12)
      }
      #expect(done.output.contains("gridworld") && done.output.contains("interquartile mean"))
      let page = nap.runs.appending(path: "s.csv")
      let report = try nap.run("report", plan.id.text, "-o", page.path)
      #expect(report.code == 0, "\(report.errors)")
      #expect(try String(contentsOf: page, encoding: .utf8).contains("Choosing agent.optimizer"))
    }
  }
}
