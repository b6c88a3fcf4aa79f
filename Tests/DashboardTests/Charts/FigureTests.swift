import Foundation
import RunStore
import Testing
import Texts

@testable import Dashboard

@Suite("Chart descriptions")
struct FigureTests {
  private let figure = ReportInput.fixture().figure

  private func everyChart() -> [JSON] { figure.panels.map(figure.pageChart) + [figure.image] }

  @Test("Each is valid JSON that names its schema and carries its data inside")
  func valid() throws {
    for chart in everyChart() {
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(chart.text.utf8)) as? [String: Any])
      #expect(object["$schema"] as? String == ChartTheme.schema)
      #expect(object["config"] is [String: Any])
      #expect(!chart.text.contains("\"url\""))
    }
  }

  @Test("Every arm has its colour and dash in each chart that draws arms")
  func arms() throws {
    let colours = JSON.array(["plain", "nap", "fresh"]).text
    for (index, drawn) in figure.panels.enumerated() {
      let text = figure.pageChart(drawn).text
      if case .heatMap = drawn.panel { continue }
      #expect(text.contains("\"domain\":\(colours)"), "panel \(index)")
      for arm in ["plain", "nap"] { #expect(text.contains("\"arm\":\"\(arm)\"")) }
    }
    #expect(figure.legendArms == ["plain", "nap", "fresh"])
    for arm in figure.legendArms { #expect(figure.image.text.contains("\"arm\":\"\(arm)\"")) }
  }

  @Test("Shares run from 0 to 1 and are not cut off there; what is no share has an axis of its own")
  func shares() {
    func text(_ metric: Metric, _ values: [Int: Double]) -> String {
      let panel = SeriesPanel(metric, lines: [.init(arm: "nap", seed: 0, values: values)])
      let chart = SeriesChart(panel, arms: ["nap"])
      return panel.view(chart, Palette(arms: ["nap"]), .image).text
    }
    let share = text(.taskEndAccuracy, [0: 0.9, 1: 1])
    #expect(share.contains(#""domain":[0,1]"#) && share.contains(#""clip":false"#))
    for other in [text(.taskEndAccuracy, [0: 0.9, 1: 1.5]), text(.visitScore, [0: 0.9, 1: 1])] {
      #expect(!other.contains(#""domain":[0,1]"#) && !other.contains(#""clip":true"#))
      #expect(other.contains(#""clip":false"#))
    }
  }

  @Test("The vertical axis is logarithmic exactly where it was asked for")
  func scales() {
    func hasLog(_ scale: AxisScale) -> Bool {
      let panel = SeriesPanel.fixture(scale: scale)
      let figure = Figure(panels: [.series(panel)], palette: Palette(arms: ["plain", "nap"]))
      return figure.pageChart(figure.panels[0]).text.contains("\"type\":\"log\"")
    }
    #expect(hasLog(.logarithmic))
    #expect(!hasLog(.linear))
  }

  @Test("A page's chart fills its place and lets arms be hidden; an image's has size and title")
  func media() {
    let page = figure.pageChart(figure.panels[0])
    #expect(page["width"] == "container")
    #expect(page["title"] == nil)
    let marks = page["layer"]?.elements ?? []
    let hidden = "indexof(hidden, datum.arm)"
    #expect(marks.count { $0["transform"]?.text.contains(hidden) == true } == 2)
    let image = figure.image.text
    #expect(!image.contains("hidden"))
    #expect(image.contains("\"text\":\"Accuracy at task end\""))
    #expect(image.contains("95 % t band"))
    #expect(page["description"]?.text.contains("Accuracy at task end") == true)
  }

  @Test("Five seeds give an area and a line of means, four give lines of seeds alone")
  func bands() {
    func kinds(_ seeds: Int) -> [String] {
      let figure = Figure(
        panels: [.series(.fixture(seeds: seeds))], palette: Palette(arms: ["plain", "nap"]))
      let layers = figure.image["vconcat"]?.elements.last?["concat"]?.elements.first?["layer"]
      return (layers?.elements ?? []).compactMap {
        guard case .string(let kind)? = $0["mark"]?["type"] else { return nil }
        return kind
      }
    }
    #expect(kinds(5) == ["area", "line"])
    #expect(kinds(4) == ["line"])
  }

  @Test("A sweep marks each arm's choice, and crosses out the seeds that did not finish")
  func sweep() {
    let panel = SweepPanel(settings: [.fixture("nap"), .fixture("plain", chosen: 1e-4)])
    let layers = panel.view(Palette(arms: ["nap", "plain"]), .image)["layer"]?.elements ?? []
    let rows = layers.map { $0["data"]?["values"]?.elements ?? [] }
    #expect(rows.map(\.count) == [6, 10, 6, 2])
    let chosen = rows[2].filter { $0["chosen"] == true }.compactMap { $0["value"] }
    #expect(chosen == [0.001, 0.0001])
    #expect(layers[2]["transform"]?.text.contains("datum.chosen") == true)
    #expect(panel.subtitle[1].contains("cross"))
  }

  @Test("A heat map parts its colours at 0 and shows what did not finish as such")
  func heatMap() throws {
    guard case .heatMap(let panel) = figure.panels[3].panel else {
      Issue.record("the fourth panel is the heat map")
      return
    }
    let view = panel.view(.image)
    #expect(view.text.contains("\"domain\":[-0.5,0,0.5]"))
    let labels = view["data"]?["values"]?.elements.compactMap { $0["label"] } ?? []
    #expect(labels == ["+0.25", "−0.50", "0.00", "–"])
    #expect(panel.subtitle[1].contains("did not finish"))
  }

  @Test("Differences leave out the reference, and shade the margin on the bad side")
  func differences() {
    let rows = ReportInput.fixture().comparison.rows
    func margin(_ higherIsBetter: Bool) -> [JSON?] {
      let panel = DifferencePanel(
        title: "d", valueTitle: "v", margin: 0.01, higherIsBetter: higherIsBetter, rows: rows)
      #expect(panel.arms == ["plain", "nap"])
      let shade = panel.view(Palette(arms: ["plain", "nap"]), .image)["layer"]?.elements.first?[
        "data"]?["values"]?.elements.first
      return [shade?["low"], shade?["high"]]
    }
    #expect(margin(true) == [-0.01, 0])
    #expect(margin(false) == [0, 0.01])
  }

  @Test("Footnotes are broken at spaces into lines that fit")
  func footnotes() {
    let words = (1...40).map { "word\($0)" }
    let lines = Figure.wrapped(words.joined(separator: " "), atMost: 50)
    #expect(lines.count > 4 && lines.allSatisfy { $0.count <= 50 })
    #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("    word") })
    #expect(lines.joined(separator: " ").split(separator: " ").map(String.init) == words)
    #expect(Figure.wrapped("short", atMost: 50) == ["short"])
    let panel = SeriesPanel(
      .taskEndAccuracy, lines: [.init(arm: "nap", seed: 0, values: [0: 1, 1: 2])])
    func rows(_ footnotes: [String]) -> [JSON] {
      let figure = Figure(
        panels: [.series(panel)], palette: Palette(arms: ["nap"]), footnotes: footnotes)
      guard case .array(let rows)? = figure.image["vconcat"] else { return [] }
      return rows
    }
    // A legend and the panels; with footnotes these two, and the footer below everything.
    #expect(rows([]).count == 2 && rows(["a", "b"]).count == 2)
    #expect(rows(["a", "b"])[1]["height"] == .number(28))
    #expect(rows(["a", "b"])[0]["vconcat"] == .array(rows([])))
  }
}
