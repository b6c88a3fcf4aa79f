import Foundation
import RunStore
import Statistics
import Testing
import Texts

@testable import Dashboard

@Suite("Reports from a store")
struct ReportFromStoreTests {
  /// A store with finished runs of some arms and seeds.
  private func fill(
    _ folder: URL, arms: [String], seeds: Int, tasks: Int = 10, rate: Double = 1e-3
  ) throws -> (Store, [Run]) {
    let store = try Store.open(at: folder)
    var runs: [Run] = []
    for arm in arms {
      for seed in 0..<seeds {
        let run = Run.fixture(arm: arm, seed: seed, rate: rate)
        try store.create(run)
        try store.append(
          (0..<tasks).map { task in
            MetricValue(
              .taskEndAccuracy, task: task, updates: 10 * (task + 1),
              value: fixtureValue(arm, seed: seed, task: task))
          }, to: run.id)
        try store.end(run.id, as: .finished, wallSeconds: 2)
        runs.append(try store.run(run.id))
      }
    }
    return (store, runs)
  }

  @Test("Arms, rates, scores, differences and panels come out of the store")
  func whole() throws {
    try withTemporaryFolder { folder in
      let (store, runs) = try fill(folder, arms: ["fresh", "nap", "plain"], seeds: 5)
      let input = try ReportInput(store: store, runs: runs)
      #expect(input.arms.map(\.arm) == ["plain", "nap", "fresh"])
      #expect(input.arms.allSatisfy { $0.learningRate == 1e-3 && $0.trendBySeed.count == 5 })
      #expect(
        input.panels.map(\.title) == [
          "Accuracy at task end", "Difference to fresh, seed by seed",
        ])
      #expect(input.kicker == "random-labels · short")
      #expect(input.summary.contains("over 10 tasks and 5 seeds"))
      #expect(input.summary.contains("Every run finished."))
      let expected = fixtureValue("nap", seed: 2, task: 4)
      guard case .series(let panel) = input.panels[0] else {
        Issue.record("the first panel is a series")
        return
      }
      #expect(
        panel.lines.first { $0.arm == "nap" && $0.seed == 2 }?.values[4] == expected)
      let row = try #require(input.comparison.rows.first { $0.outcome.arm == "nap" })
      #expect(abs((row.difference?.mean ?? 0) + 0.02) < 1e-12)
    }
  }

  @Test(
    "Runs of protocols that differ are refused with what differs, and shown with a remark when told to"
  )
  func mixedProtocols() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let caps = [(0, "108000"), (0, "18000"), (2, "108000")]
      var runs: [Run] = []
      for (seed, cap) in caps {
        let manifest = ProtocolManifest(groups: ["atari": ["rules.frameCap": cap]])
        let run = Run.fixture(arm: "nap", seed: seed, manifest: manifest)
        try store.create(run)
        try store.append(
          [MetricValue(.taskEndAccuracy, task: 0, updates: 10, value: 0.5)], to: run.id)
        try store.end(run.id, as: .finished, wallSeconds: 1)
        runs.append(try store.run(run.id))
      }
      let difference = "atari.rules.frameCap: 108000 against 18000"
      #expect(throws: DashboardError.mixedProtocols(differences: [difference])) {
        try ReportInput(store: store, runs: runs)
      }
      var options = ReportOptions()
      options.mixesProtocols = true
      let mixed = try ReportInput(store: store, runs: runs, options: options)
      #expect(mixed.notes.contains { $0.contains(difference) })
      // The same configuration and seed under another protocol repeats nothing.
      #expect(mixed.notes.allSatisfy { !$0.contains("repeats it") })
      #expect(mixed.arms.map(\.arm).sorted() == ["nap (1)", "nap (2)"])
      // What differs stands beside the runs that it holds for.
      #expect(
        Report.csv(mixed).contains(
          "protocol: atari.rules.frameCap = 18000,,\(runs[1].id.text),,,,\r\n"))
      #expect(mixed.protocolParagraphs.contains("atari: rules.frameCap 18000 (\(runs[1].id.text))"))
      // Arms that were told of the boundary say so, whatever their labels are.
      options.armNotes = ["nap": "the method"]
      options.runsThatKnowBoundaries = [runs[1].id]
      let told = try ReportInput(store: store, runs: runs, options: options)
      #expect(
        Set(told.arms.map(\.note)) == ["the method", "the method [knows the boundary]"])
      let same = try ReportInput(store: store, runs: [runs[0], runs[2]])
      #expect(same.notes.allSatisfy { !$0.contains("protocol") })
      let page = HTMLPage(input: same, bundle: "").text
      #expect(page.contains("atari.rules.frameCap = 108000"))
      // Tables, numbers and images say it, too.
      #expect(same.terminalText.contains("Measured in:\n  atari: rules.frameCap 108000"))
      #expect(Report.csv(same).hasSuffix("protocol: atari.rules.frameCap = 108000,,,,,,\r\n"))
      #expect("\(same.figure.image)".contains("atari: rules.frameCap 108000"))
      #expect(
        try store.csv(of: [runs[0]]).contains(",protocol,atari.rules.frameCap,,,,108000\r\n"))
      #expect(
        try !store.csv(of: [runs[0]], metrics: [.taskEndAccuracy]).contains(",protocol,"))
    }
  }

  @Test("A run that did not finish has no score and is listed with how far it came")
  func unfinished() throws {
    try withTemporaryFolder { folder in
      var (store, runs) = try fill(folder, arms: ["nap", "fresh"], seeds: 1)
      let stopped = Run.fixture(arm: "nap", seed: 1)
      try store.create(stopped)
      try store.append(
        (0..<4).map { MetricValue(.taskEndAccuracy, task: $0, updates: $0, value: 0.5) },
        to: stopped.id)
      try store.end(stopped.id, as: .notFinite(reason: "loss NaN"), wallSeconds: 1)
      runs.append(try store.run(stopped.id))
      let input = try ReportInput(store: store, runs: runs)
      #expect(input.arms[0].trendBySeed.keys.sorted() == [0])
      #expect(input.unfinishedLines == ["nap, seed 1: not finite: loss NaN, after 4 tasks"])
      #expect(input.summary.contains("1 run of 3 did not finish and has no score."))
      #expect(input.summary.contains("no intervals"))
      guard case .series(let panel) = input.panels[0] else { return }
      #expect(panel.lines.contains { $0.seed == 1 && $0.values.count == 4 })
    }
  }

  @Test("A finished run without a value of the measure did finish, and has no score")
  func withoutScore() throws {
    try withTemporaryFolder { folder in
      var (store, runs) = try fill(folder, arms: ["nap", "fresh"], seeds: 1)
      let silent = Run.fixture(arm: "nap", seed: 1)
      try store.create(silent)
      try store.append(
        [MetricValue(.parameterNorm, task: 0, updates: 1, value: 1)], to: silent.id)
      try store.end(silent.id, as: .finished, wallSeconds: 1)
      runs.append(try store.run(silent.id))
      let input = try ReportInput(store: store, runs: runs)
      #expect(input.unfinishedTitle == "Without a score")
      #expect(
        input.unfinishedLines == [
          "nap, seed 1: finished, and nothing that counts has a value of the measure"
        ])
      #expect(input.terminalText.hasPrefix("Without a score:\n"))
      #expect(
        input.summary.contains("Every run finished. 1 finished run has no value of the measure."))
      let broken = Run.fixture(arm: "nap", seed: 2)
      try store.create(broken)
      try store.end(broken.id, as: .failed(message: "no disk"), wallSeconds: 1)
      let mixed = try ReportInput(store: store, runs: runs + [store.run(broken.id)])
      #expect(mixed.unfinishedTitle == "Did not finish, or have no score")
      #expect(mixed.summary.contains("1 run of 4 did not finish and has no score."))
    }
  }

  @Test("Different settings of one arm stay apart, and a repeated run shows its latest once")
  func labels() throws {
    try withTemporaryFolder { folder in
      let (store, first) = try fill(folder, arms: ["nap"], seeds: 2)
      let (_, other) = try fill(folder, arms: ["nap"], seeds: 2, rate: 1e-2)
      let (_, again) = try fill(folder, arms: ["nap"], seeds: 1)
      let input = try ReportInput(store: store, runs: first + other + again)
      #expect(input.arms.map(\.arm) == ["nap (1e-3)", "nap (0.0100)"])
      #expect(input.arms.map(\.learningRate) == [1e-3, 1e-2])
      #expect(input.runs.count == 4)
      #expect(input.runs.contains(again[0]) && !input.runs.contains(first[0]))
      #expect(input.notes.count == 1 && input.notes[0].contains(first[0].id.text))
    }
  }

  @Test("One setting deep among many keeps runs of one arm apart, whatever the order of keys")
  func deepSettings() throws {
    func configuration(rate: String, reversed: Bool) -> String {
      var members = (0..<40).map { "\"setting\($0)\": {\"inner\": {\"value\": \($0)}}" }
      members.append("\"optimizer\": {\"kind\": \"adam\", \"learningRate\": \(rate)}")
      return "{" + (reversed ? members.reversed() : members).joined(separator: ", ") + "}"
    }
    let runs = [("3e-4", false), ("1e-3", false), ("3e-3", false), ("1e-3", true)].enumerated()
      .map { index, kind in
        Run.fixture(
          arm: "norm", seed: index == 3 ? 1 : 0,
          configuration: configuration(rate: kind.0, reversed: kind.1))
      }
    let labels = ArmLabels(runs, learningRateKey: "optimizer.learningRate")
    #expect(labels.runs.count == 4)
    #expect(
      runs.map { labels.label[$0.id] ?? "" } == [
        "norm (3e-4)", "norm (1e-3)", "norm (3e-3)", "norm (1e-3)",
      ])
  }

  @Test("Without runs or measurements there is nothing to show")
  func nothing() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      #expect(throws: DashboardError.nothingToShow(reason: "no run was given")) {
        try ReportInput(store: store, runs: [])
      }
      let run = Run.fixture(arm: "nap", seed: 0)
      try store.create(run)
      #expect(throws: DashboardError.self) { try ReportInput(store: store, runs: [run]) }
    }
  }

  @Test("The learning rate is found by its key, and is unknown where there is none")
  func learningRate() {
    let text = #"{"a": {"b": {"c": 0.25}}, "s": "x"}"#
    #expect(ReportInput.number(in: text, at: "a.b.c") == 0.25)
    #expect(ReportInput.number(in: text, at: "a.b") == nil)
    #expect(ReportInput.number(in: text, at: "s") == nil)
    #expect(ReportInput.number(in: "nonsense", at: "a") == nil)
  }
}
