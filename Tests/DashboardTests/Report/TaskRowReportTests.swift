import Foundation
import RunStore
import Testing
import Texts

@testable import Dashboard

@Suite("Reports of named tasks")
struct TaskRowReportTests {
  /// Two arms in two games, twice, three points per visit; the return says run, task and place in the visit.
  private func fill(_ folder: URL, leavingOut missing: Set<Int> = []) throws -> (Store, [Run]) {
    let store = try Store.open(at: folder)
    let runs = try ["nap", "fresh"].enumerated().map { index, arm in
      let run = Run.fixture(arm: arm, seed: 0)
      try store.create(run)
      for task in 0..<4 {
        for point in 1...3 {
          let updates = task * 30 + point * 10
          try store.append(
            [
              MetricValue(
                .episodeReturn, task: task, updates: updates,
                value: Double(100 * index + 10 * task + point))
            ], to: run.id)
        }
        if index == 1 || !missing.contains(task) {
          try store.append(
            [MetricValue(.visitScore, task: task, updates: task * 30 + 30, value: Double(task))],
            to: run.id)
        }
      }
      try store.end(run.id, as: .finished, wallSeconds: 1)
      return try store.run(run.id)
    }
    return (store, runs)
  }

  private var options: ReportOptions {
    var options = ReportOptions()
    options.measure = PrimaryMeasure(.visitScore, over: .secondHalf)
    options.metrics = [.visitScore]
    options.taskRow = TaskRow(
      names: ["pong", "alien"], visits: 2, updatesPerVisit: 30, metrics: [.episodeReturn])
    return options
  }

  @Test("Each game has a figure with its visits one after another, broken between them")
  func curves() throws {
    try withTemporaryFolder { folder in
      let (store, runs) = try fill(folder)
      let input = try ReportInput(store: store, runs: runs, options: options)
      let panels = input.panels.compactMap { panel -> SeriesPanel? in
        if case .series(let series) = panel { series } else { nil }
      }
      #expect(panels.map(\.title) == ["Score of a visit", "Return: pong", "Return: alien"])
      let alien = try #require(panels.last)
      let line = try #require(alien.lines.first { $0.arm == "fresh" })
      #expect(line.values == [10: 111, 20: 112, 30: 113, 40: 131, 50: 132, 60: 133])
      #expect(alien.breaks == [30] && [10, 30, 40].map(alien.piece) == [0, 0, 1])
      let chart = SeriesChart(alien, arms: ["nap", "fresh"])
      let view = alien.view(chart, Palette(arms: ["nap", "fresh"]), .image)
      let text = "\(view)"
      #expect(text.contains("piece") && text.contains("rule"))
      #expect(input.notes.isEmpty)
    }
  }

  @Test("Smoothing stays within a visit")
  func smoothing() {
    // 0 in the first visit and 1 in the second, 101 points each: no window mixes them.
    let values = Dictionary(uniqueKeysWithValues: (1...202).map { ($0, $0 > 101 ? 1.0 : 0) })
    var panel = SeriesPanel(
      .episodeReturn, axis: .update, lines: [.init(arm: "nap", seed: 0, values: values)])
    func found() -> Set<Double> {
      Set(SeriesChart(panel, arms: ["nap"]).seeds.compactMap(\.value))
    }
    #expect(SeriesChart(panel, arms: ["nap"]).window > 1)
    #expect(found().count > 2)
    panel.breaks = [101]
    #expect(found() == [0, 1])
  }

  @Test("A visit without a score is named, and moves no other visit's")
  func missing() throws {
    try withTemporaryFolder { folder in
      let (store, runs) = try fill(folder, leavingOut: [0, 3])
      let input = try ReportInput(store: store, runs: runs, options: options)
      #expect(input.notes.count == 1)
      #expect(input.notes.first?.contains("nap seed 0 in alien (visit 2)") == true)
      #expect(input.notes.first?.contains("pong") == false)
      #expect(input.terminalText.contains("Remarks:\n  Without a value of the measure"))
      let nap = try #require(input.arms.first { $0.arm == "nap" })
      #expect(nap.trendBySeed[0]?.secondHalf == [2: 2])
    }
  }

  @Test("A finished run whose last value comes early did not end early")
  func ends() {
    func remarks(_ isOver: Bool) -> [String] {
      let lines = [
        SeriesPanel.Line(arm: "nap", seed: 0, values: [1: 0, 2: 0]),
        SeriesPanel.Line(arm: "nap", seed: 1, values: [1: 0], isOver: isOver),
      ]
      return SeriesChart(
        SeriesPanel(.episodeReturn, axis: .update, lines: lines), arms: ["nap"]
      ).remarks
    }
    #expect(remarks(false).count == 1 && remarks(true).isEmpty)
  }

  @Test("What is counted is visits, not the points that were drawn along updates")
  func counts() throws {
    try withTemporaryFolder { folder in
      let (store, runs) = try fill(folder)
      var options = options
      options.metrics = [.visitScore, .episodeReturn]
      options.metricsAlongUpdates = [.episodeReturn]
      options.taskNoun = "visit"
      let input = try ReportInput(store: store, runs: runs, options: options)
      #expect(input.summary.contains("over 4 visits and 1 seed"), "\(input.summary)")
      // A measure that is taken along updates counts these, however few of them were looked at.
      options.measure = PrimaryMeasure(.episodeReturn, over: .allTasks, axis: .update)
      let along = try ReportInput(store: store, runs: runs, options: options)
      #expect(along.summary.contains("over 120 updates and 1 seed"), "\(along.summary)")
    }
  }
}
