import Foundation
import RunStore
import Testing

@Suite("Rows of named tasks")
struct TaskRowTests {
  private let row = TaskRow(
    names: ["pong", "goal", "goal"], visits: 2, updatesPerVisit: 100, metrics: [.episodeReturn])

  @Test("Names that repeat are told apart, and a task is said with its visit")
  func names() {
    #expect(row.names == ["pong", "goal, task 2", "goal, task 3"])
    #expect(row.taskCount == 6)
    #expect(row.words(task: 0) == "pong (visit 1)")
    #expect(row.words(task: 4) == "goal, task 2 (visit 2)")
    let once = TaskRow(names: ["pong"], visits: 1, updatesPerVisit: 1, metrics: [])
    #expect(once.words(task: 0) == "pong")
    #expect(once.visitEnds.isEmpty)
  }

  @Test("A name's points stand by the updates spent with it, a visit after the one before")
  func values() {
    // Visits end at updates 100, 200, …, 600; the end of a visit is of its own task.
    let points = [
      SeriesPoint(task: 0, updates: 50, value: 1), SeriesPoint(task: 0, updates: 100, value: 2),
      SeriesPoint(task: 1, updates: 101, value: 3), SeriesPoint(task: 3, updates: 301, value: 4),
      SeriesPoint(task: 3, updates: 400, value: 5), SeriesPoint(task: 4, updates: 450, value: 6),
      SeriesPoint(task: 5, updates: 600, value: 7),
    ]
    #expect(row.values(points, ofName: 0) == [50: 1, 100: 2, 101: 4, 200: 5])
    #expect(row.values(points, ofName: 1) == [1: 3, 150: 6])
    #expect(row.values(points, ofName: 2) == [200: 7])
    #expect(row.visitEnds == [100])
  }

  @Test("A task without a value moves no other out of the second half, and is named as missing")
  func secondHalf() throws {
    let values = [0: 1.0, 1: 2, 3: 4, 5: 6]
    #expect(Trend(values, amongTasks: 6)?.secondHalf == [3: 4, 5: 6])
    #expect(
      Trend([0: 1, 1: 2, 2: 3, 3: 4, 4: 5], amongTasks: 5)?.secondHalf == [2: 3, 3: 4, 4: 5])
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let run = Run.fixture(arm: "nap", seed: 0)
      try store.create(run)
      let measure = PrimaryMeasure(.visitScore, over: .secondHalf)
      #expect(try store.taskCount(of: run.id) == 0)
      // Frames of all six tasks are recorded, scores of three: two of the first half, one of the second.
      var recorded = (0..<6).map { MetricValue(.frames, task: $0, updates: $0 + 1, value: 1) }
      recorded += [0, 1, 4].map {
        MetricValue(.visitScore, task: $0, updates: $0 + 1, value: Double($0))
      }
      try store.append(recorded.filter { $0.task != 4 }, to: run.id)
      #expect(try store.taskCount(of: run.id) == 6)
      // Nothing of what counts has a value.
      #expect(try measure.trend(of: run.id, in: store) == nil)
      try store.append(recorded, to: run.id)
      let trend = try #require(try measure.trend(of: run.id, in: store))
      #expect(measure.score(trend) == 4 && trend.secondHalf == [4: 4])
      #expect(try measure.missingTasks(of: run.id, in: store) == [3, 5])
      let all = PrimaryMeasure(.visitScore, over: .allTasks)
      #expect(try all.missingTasks(of: run.id, in: store) == [2, 3, 5])
      #expect(
        try PrimaryMeasure(.visitScore, over: .firstFifth).missingTasks(of: run.id, in: store) == []
      )
      #expect(
        try PrimaryMeasure(.visitScore, over: .lastFifth).missingTasks(of: run.id, in: store) == [5]
      )
      let updates = PrimaryMeasure(.visitScore, over: .allTasks, axis: .update)
      #expect(try updates.missingTasks(of: run.id, in: store) == [])
    }
  }
}
