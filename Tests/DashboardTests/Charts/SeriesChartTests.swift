import Foundation
import RunStore
import Statistics
import Testing
import Texts

@testable import Dashboard

@Suite("What a series panel draws")
struct SeriesChartTests {
  private func panel(
    _ values: [[Double]], scale: AxisScale = .linear, arm: String = "nap"
  ) -> SeriesPanel {
    SeriesPanel(
      .taskEndLoss, scale: scale,
      lines: values.enumerated().map { seed, values in
        .init(
          arm: arm, seed: seed,
          values: Dictionary(uniqueKeysWithValues: values.enumerated().map { ($0, $1) }))
      })
  }

  @Test("Below five seeds every seed is drawn and there is no band")
  func points() {
    let chart = SeriesChart(panel([[1, 2], [3, 4], [5, 6], [7, 8]]), arms: ["nap"])
    #expect(chart.band.isEmpty)
    #expect(chart.seeds.map(\.value) == [1, 3, 5, 7, 2, 4, 6, 8])
    #expect(chart.subtitle == ["one line a seed"])
  }

  @Test("From five seeds on there is the mean with its t interval")
  func band() throws {
    let values = [[1.0, 2], [2, 4], [3, 5], [4, 9], [5, 1]]
    let chart = SeriesChart(panel(values), arms: ["nap"])
    #expect(chart.seeds.isEmpty)
    #expect(chart.band.map(\.task) == [0, 1])
    let sample = Sample(values.map { $0[1] })
    #expect(chart.band[1].mean == sample.mean)
    #expect(chart.band[1].interval == sample.meanInterval())
    #expect(chart.subtitle == ["mean of 5 seeds, 95 % t band"])
  }

  @Test("On a logarithmic axis mean and interval are those of the logarithms")
  func logarithmic() throws {
    let values = [1.0, 10, 100, 1000, 1e4].map { [$0] }
    let chart = SeriesChart(panel(values, scale: .logarithmic), arms: ["nap"])
    #expect(abs(chart.band[0].mean - 100) < 1e-9)
    let interval = try #require(Sample(values.map { log($0[0]) }).meanInterval())
    #expect(abs(log(chart.band[0].interval.upper) - interval.upper) < 1e-9)
    #expect(chart.band[0].interval.lower > 0)
    #expect(chart.subtitle[0].hasPrefix("geometric mean"))
  }

  @Test("The axis is logarithmic by itself only where values are above 0 and span a decade")
  func automatic() {
    func isLogarithmic(_ values: [Double]) -> Bool {
      SeriesChart(panel([values], scale: .automatic), arms: ["nap"]).isLogarithmic
    }
    #expect(isLogarithmic([0.01, 1]))
    #expect(!isLogarithmic([0.5, 1]))
    #expect(!isLogarithmic([0, 1]))
    #expect(!isLogarithmic([-1, 100]))
    #expect(!isLogarithmic([.nan]))
    #expect(isLogarithmic([0.01, .infinity, 1]))
  }

  @Test("Values that cannot be drawn leave a gap and are counted")
  func gaps() {
    let chart = SeriesChart(panel([[1, .nan, 0, 3]], scale: .logarithmic), arms: ["nap"])
    let drawn = chart.seeds.map { point in point.value.map { (100 * $0).rounded() / 100 } }
    #expect(drawn == [1, nil, nil, 3])
    #expect(
      chart.remarks == [
        "1 value not finite, left out as gaps",
        "1 value not above 0, which a logarithmic axis cannot show",
      ])
  }

  @Test("A run that ends early is told, and the others go on as single seeds")
  func early() {
    let chart = SeriesChart(panel([[1], [1, 2], [1, 2], [1, 2], [1, 2]]), arms: ["nap"])
    #expect(chart.band.map(\.task) == [0])
    #expect(chart.seeds.count == 4)
    #expect(chart.remarks == ["nap: 1 of 5 seeds end early, the first after 1 task"])
    #expect(chart.subtitle == ["mean of 5 seeds, 95 % t band; thin: single seeds"])
  }

  @Test("Many tasks are smoothed over a window that the caption names; few are not")
  func smoothing() {
    #expect(SeriesChart.window(forTasks: 100) == 1)
    #expect(SeriesChart.window(forTasks: 101) == 3)
    #expect(SeriesChart.window(forTasks: 500) == 13)
    let zigzag = (0..<500).map { Double($0 % 2) }
    let chart = SeriesChart(panel([zigzag]), arms: ["nap"])
    #expect(chart.window == 13)
    #expect(chart.subtitle == ["one line a seed", "rolling mean over 13 tasks"])
    #expect(chart.seeds.allSatisfy { abs(($0.value ?? 9) - 0.5) < 0.1 })
    #expect(chart.seeds.first?.task == 0 && chart.seeds.last?.task == 499)
    #expect(chart.taskCount == 500)
  }

  @Test(
    "A logarithmic axis has three to six labels, round numbers within the values",
    arguments: [
      [0.02, 3.0], [7.5, 1200], [1, 1e9], [2.1, 4.9], [1e-6, 1e-5],
    ])
  func ticks(ends: [Double]) {
    let ticks = SeriesChart.logarithmicTicks(ends)
    #expect((3...6).contains(ticks.count), "\(ticks)")
    #expect(ticks.allSatisfy { ends[0] <= $0 && $0 <= ends[1] })
    #expect(ticks == ticks.sorted())
  }

  @Test("Arms that are not asked for are not drawn")
  func arms() {
    let chart = SeriesChart(.fixture(), arms: ["nap"])
    #expect(Set(chart.band.map(\.arm)) == ["nap"])
  }
}
