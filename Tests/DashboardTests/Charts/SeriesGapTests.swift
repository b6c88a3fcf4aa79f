import RunStore
import Testing
import Texts

@testable import Dashboard

@Suite("The distance of arms to a reference")
struct SeriesGapTests {
  private let panel = SeriesPanel(
    .trainingLoss, axis: .update,
    lines: [
      .init(arm: "a", seed: 0, values: [0: 1, 1: 2, 2: 3]),
      .init(arm: "a", seed: 1, values: [0: 5]),
      .init(arm: "b", seed: 0, values: [0: 1.5, 2: 2, 7: 9]),
    ])

  @Test("is taken at shared places of shared seeds")
  func values() throws {
    let gap = try #require(panel.gap(to: "b"))
    #expect(gap.lines == [.init(arm: "a", seed: 0, values: [0: 0.5, 2: 1])])
    #expect(gap.scale == .logarithmic && gap.axis == .update)
    #expect(gap.title.contains("distance to b"))
  }

  @Test("does not exist without the reference")
  func absent() { #expect(panel.gap(to: "c") == nil) }

  @Test("A measure over updates says so and reads the series by update")
  func measure() throws {
    let measure = PrimaryMeasure(.trainingLoss, over: .lastFifth, axis: .update)
    #expect(measure.words == "training loss, mean over the last fifth of the updates")
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let run = Run.fixture(arm: "a", seed: 0)
      try store.create(run)
      let points = (0..<10).map {
        MetricValue(.trainingLoss, task: 0, updates: $0, value: Double($0))
      }
      try store.append(points, to: run.id)
      #expect(try measure.values(of: run.id, in: store).count == 10)
      let byTask = PrimaryMeasure(.trainingLoss, over: .lastFifth)
      #expect(try byTask.values(of: run.id, in: store) == [0: 9])
    }
  }
}
