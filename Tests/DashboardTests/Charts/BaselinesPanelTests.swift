import Foundation
import RunStore
import Testing
import Texts

@testable import Dashboard

@Suite struct BaselinesPanelTests {
  private let panel = BaselinesPanel(
    valueTitle: "accuracy", higherIsBetter: true,
    rows: [
      .init(base: "plain", methods: "none", scoreBySeed: [0: 0.1, 1: 0.3]),
      .init(base: "plain", methods: "redo", scoreBySeed: [0: 0.6, 1: 0.6]),
      .init(base: "plain", methods: "l2", scoreBySeed: [0: 0.4, 1: 0.4]),
      .init(base: "nap", methods: "none", scoreBySeed: [0: 0.7, 1: 0.7]),
      .init(base: "nap", methods: "redo", scoreBySeed: [1: 0.72]),
      .init(base: "nap", methods: "l2", scoreBySeed: [:]),
    ])

  @Test func `the spread is that of the means, over the methods that finished`() throws {
    let spreads = panel.spreads
    #expect(spreads.map(\.base) == ["plain", "nap"])
    let plain = try #require(spreads.first)
    #expect(plain.count == 3)
    #expect(abs(plain.lowest - 0.2) < 1e-12 && abs(plain.highest - 0.6) < 1e-12)
    #expect(abs(plain.deviation - 0.2) < 1e-12)
    #expect(spreads[1].count == 2)
    #expect(abs(spreads[1].deviation - 0.02 / 2.0.squareRoot()) < 1e-12)
    #expect(panel.subtitle.contains { $0.hasPrefix("plain: 3 from 0.200 to 0.600") })
  }

  @Test func `methods stand by the best they reach on any arm`() {
    #expect(panel.methods == ["redo", "none", "l2"])
    var lower = panel
    lower.higherIsBetter = false
    #expect(lower.methods == ["none", "l2", "redo"])
  }

  @Test func `every point and mean is in the image`() throws {
    let figure = Figure(panels: [.baselines(panel)], palette: Palette(arms: ["plain", "nap"]))
    #expect(figure.legendArms == ["plain", "nap"])
    let text = figure.image.text
    for value in ["0.1", "0.3", "0.72", "0.2"] { #expect(text.contains("\"value\":\(value)")) }
    #expect(text.components(separatedBy: "\"seed\":").count - 1 >= 9)
  }

  @Test func `a report with baselines draws them, and lines for the arms without`() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      var runs: [Run] = []
      for arm in ["plain", "plain/l2", "plain/redo", "nap", "nap/redo"] {
        let run = Run.fixture(arm: arm, seed: 0)
        try store.create(run)
        try store.append(
          (0..<5).map {
            MetricValue(.taskEndAccuracy, task: $0, updates: $0, value: Double(arm.count) / 20)
          }, to: run.id)
        try store.end(run.id, as: .finished, wallSeconds: 1)
        runs.append(try store.run(run.id))
      }
      var options = ReportOptions()
      options.reference = "plain"
      let without = try ReportInput(store: store, runs: runs, options: options)
      #expect(!without.panels.contains { if case .baselines = $0 { true } else { false } })
      options.baselines = [
        "plain/l2": ("plain", "l2"), "plain/redo": ("plain", "redo"), "nap/redo": ("nap", "redo"),
      ]
      let strength = "methods.l2.coefficient"
      options.tuned = [
        .fixture("nap"), .fixture("nap/redo"), .fixture("plain", key: strength),
        .fixture("plain/l2", key: strength),
      ]
      let input = try ReportInput(store: store, runs: runs, options: options)
      let sweeps = input.panels.compactMap { panel -> SweepPanel? in
        if case .sweep(let sweep) = panel { sweep } else { nil }
      }
      #expect(sweeps.map(\.axisTitle) == [strength, "learning rate"])
      #expect(sweeps.map { $0.settings.map(\.arm) } == [["plain"], ["nap"]])
      guard case .baselines(let baselines) = input.panels[0],
        case .series(let lines) = input.panels[1]
      else {
        Issue.record("a figure of baselines, then lines, were expected")
        return
      }
      #expect(baselines.bases == ["plain", "nap"])
      #expect(Set(baselines.rows.map(\.methods)) == ["none", "l2", "redo"])
      #expect(Set(lines.lines.map(\.arm)) == ["plain", "nap"])
      #expect(input.notes.contains { $0.contains("without baseline methods") })
      #expect(input.arms.count == 5)
      let csv = Report.csv(input)
      #expect(csv.contains("Accuracy at task end,") && csv.contains(",nap/redo,0,4,"))
      #expect(csv.contains("Baseline methods on each arm,,nap/redo,0,,,0.4"))
    }
  }
}
