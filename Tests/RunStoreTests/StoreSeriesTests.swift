import Foundation
import Testing

@testable import RunStore

@Suite("Series in the store")
struct StoreSeriesTests {
  @Test(
    "Numbers that are not finite come back as what they were",
    arguments: [
      Double.nan, .infinity, -.infinity, 0, -1.5, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
      0.1 + 0.2,
    ])
  func notFinite(value: Double) throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let run = Run.fixture()
      try store.create(run)
      try store.append([MetricValue(.taskEndLoss, task: 0, updates: 1, value: value)], to: run.id)
      let found = try store.points(.taskEndLoss, of: run.id)
      #expect(found.count == 1)
      let kept = found[0].value
      #expect(value.isNaN ? kept.isNaN : kept == value)
    }
  }

  @Test("A value that was not finite can be replaced by one that is, and the other way round")
  func replaces() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let run = Run.fixture()
      try store.create(run)
      for value in [1, Double.nan, 2, .infinity] {
        try store.append([MetricValue(.taskEndLoss, task: 0, updates: 1, value: value)], to: run.id)
      }
      #expect(
        try store.points(.taskEndLoss, of: run.id)
          == [SeriesPoint(task: 0, updates: 1, value: .infinity)])
    }
  }

  @Test("Adding the same measurements twice changes nothing")
  func idempotent() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let run = Run.fixture()
      try store.create(run)
      try store.append(taskValues(tasks: 5), to: run.id)
      let before = try store.values(of: run.id)
      try store.append(taskValues(tasks: 5), to: run.id)
      #expect(try store.values(of: run.id) == before)
      #expect(before.count == 5)
    }
  }

  @Test("Layers, tasks at one update, the last value and the value by task are told apart")
  func reads() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let run = Run.fixture()
      try store.create(run)
      try store.append(
        [
          MetricValue(.parameterNorm, task: 1, updates: 20, value: 4),
          MetricValue(.parameterNorm, task: 0, updates: 5, value: 1),
          MetricValue(.parameterNorm, task: 0, updates: 10, value: 2),
          MetricValue(.parameterNorm, task: 1, updates: 10, value: 3),
          MetricValue(.parameterNorm, scope: "0.weight", task: 0, updates: 5, value: 9),
        ], to: run.id)
      #expect(try store.points(.parameterNorm, of: run.id).map(\.value) == [1, 2, 3, 4])
      #expect(try store.valueByTask(SeriesKey(.parameterNorm), of: run.id) == [0: 2, 1: 4])
      #expect(try store.lastPoint(SeriesKey(.parameterNorm), of: run.id)?.value == 4)
      let layer = SeriesKey(.parameterNorm, scope: "0.weight")
      #expect(try store.points(layer, of: run.id).map(\.value) == [9])
      #expect(try store.seriesKeys(of: run.id) == [SeriesKey(.parameterNorm), layer])
      #expect(try store.lastPoint(SeriesKey(.taskEndLoss), of: run.id) == nil)
    }
  }

  @Test("One series of many runs leaves out those that lack it")
  func manyRuns() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let runs = [Run.fixture(), .fixture(seed: 1), .fixture(seed: 2)]
      for run in runs { try store.create(run) }
      try store.append(taskValues(tasks: 2), to: runs[0].id)
      try store.append(taskValues(tasks: 3), to: runs[2].id)
      let found = try store.points(SeriesKey(.taskEndLoss), of: runs.map(\.id))
      #expect(found.mapValues(\.count) == [runs[0].id: 2, runs[2].id: 3])
    }
  }

  @Test("Measurements of an unknown run, and negative counts, are refused whole")
  func refuses() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let unknown = StoreIdentifier.make()
      #expect(throws: StoreError.notFound(kind: "run", text: unknown.text, path: folder.path)) {
        try store.append(taskValues(tasks: 1), to: unknown)
      }
      let run = Run.fixture()
      try store.create(run)
      let values = taskValues(tasks: 2) + [MetricValue(.seconds, task: 0, updates: -1, value: 0)]
      #expect(throws: StoreError.self) { try store.append(values, to: run.id) }
      #expect(try store.values(of: run.id).isEmpty)
    }
  }

  @Test("Truncating keeps the update itself and says how many went")
  func truncates() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let run = Run.fixture()
      try store.create(run)
      try store.append(taskValues(tasks: 4), to: run.id)
      #expect(try store.write { try Store.removePoints($0, of: run.id, after: 20) } == 2)
      #expect(try store.points(.taskEndLoss, of: run.id).map(\.updates) == [10, 20])
    }
  }
}
