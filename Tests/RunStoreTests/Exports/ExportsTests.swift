import Foundation
import Testing

@testable import RunStore

@Suite("Exports")
struct ExportsTests {
  @Test("An exported run comes into another store with every value, those not finite too")
  func archive() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder.appendingPathComponent("a"))
      let other = try Store.open(at: folder.appendingPathComponent("b"))
      let run = Run.fixture(group: .make(), purpose: .comparison)
      try store.create(run)
      let values =
        taskValues(tasks: 4) + [
          MetricValue(.gradientNorm, scope: "a\"b", task: 0, updates: 3, value: .infinity),
          MetricValue(.gradientNorm, scope: "a\"b", task: 0, updates: 4, value: -.infinity),
          MetricValue(.gradientNorm, task: 0, updates: 3, value: 0.1 + 0.2),
        ]
      try store.append(values, to: run.id)
      try store.end(run.id, as: .interrupted, wallSeconds: 1)
      try store.resume(run.id, fromUpdates: 1000, provenance: .fixture())
      try store.end(run.id, as: .diverged(reason: "loss 1e9"), wallSeconds: 0.1)
      let data = try store.archive(of: run.id)
      try other.importArchive(data, path: "run.json")
      #expect(try other.run(run.id) == store.run(run.id))
      #expect(try other.values(of: run.id) == store.values(of: run.id))
      #expect(try other.values(of: run.id).count == values.count)
      #expect(FileManager.default.fileExists(atPath: other.folder(of: run.id).path))
      #expect(throws: StoreError.exists(identifier: run.id.text, path: other.folder.path)) {
        try other.importArchive(data, path: "run.json")
      }
    }
  }

  @Test("A text that a spreadsheet would compute is made plain; numbers stay numbers")
  func formulas() {
    let line = SeriesCSV.line(["=cmd()", "+1", "-0.5", "@x", "-inf", "a=b", "\t=1", "-x,y", ""])
    #expect(line == "'=cmd(),+1,-0.5,'@x,-inf,a=b,'\t=1,\"'-x,y\",\r\n")
  }

  @Test("NaN survives an archive, and a running run comes in as interrupted")
  func archiveOfRunning() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder.appendingPathComponent("a"))
      let other = try Store.open(at: folder.appendingPathComponent("b"))
      let run = Run.fixture()
      try store.create(run)
      try store.append(
        [
          MetricValue(.taskEndLoss, task: 0, updates: 1, value: .nan, reason: "not converged"),
          MetricValue(.taskEndLoss, task: 0, updates: 2, value: 1, reason: "not kept"),
          MetricValue(.deadUnits, task: 0, updates: 1, value: .nan),
        ], to: run.id)
      let reasons = try store.points(.taskEndLoss, of: run.id).map(\.reason)
      #expect(reasons == ["not converged", nil])
      #expect(try store.points(.deadUnits, of: run.id).map(\.reason) == [nil])
      try other.importArchive(try store.archive(of: run.id), path: "x")
      #expect(try other.points(.taskEndLoss, of: run.id).map(\.reason) == reasons)
      #expect(try other.points(.taskEndLoss, of: run.id).map(\.value.isNaN) == [true, false])
      #expect(try other.run(run.id).status == .interrupted)
    }
  }

  @Test(
    "A damaged or foreign archive is refused by name and leaves nothing",
    arguments: [
      "", "{}", #"{"version": 99}"#, "[1, 2",
    ])
  func damaged(text: String) throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let error = #expect(throws: StoreError.self) {
        try store.importArchive(Data(text.utf8), path: "some.json")
      }
      guard case .unreadableArchive("some.json", _) = error else {
        Issue.record("expected unreadableArchive, found \(String(describing: error))")
        return
      }
      #expect(try store.runs().isEmpty)
    }
  }

  @Test("An archive cannot name a folder outside the store, nor columns that do not fit")
  func hostile() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder.appendingPathComponent("a"))
      let other = try Store.open(at: folder.appendingPathComponent("b"))
      let run = Run.fixture(try StoreIdentifier("victim"))
      try store.create(run)
      try store.append(taskValues(tasks: 1), to: run.id)
      let text = String(decoding: try store.archive(of: run.id), as: UTF8.self)
      for (old, new) in [("\"victim\"", "\"../victim\""), ("10\n", "10, 20\n"), ("10\n", "-10\n")] {
        let changed = text.replacingOccurrences(of: old, with: new)
        #expect(changed != text)
        #expect(throws: StoreError.self) {
          try other.importArchive(Data(changed.utf8), path: "x")
        }
      }
      #expect(try other.runs().isEmpty)
    }
  }

  @Test(
    "CSV has a header, one line a measurement, quotes what it must and names what is not finite")
  func csv() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let run = Run.fixture(try StoreIdentifier("r1"), arm: "nap, \"best\"", seed: 3)
      try store.create(run)
      try store.append(
        [
          MetricValue(.taskEndLoss, task: 0, updates: 10, value: 0.1),
          MetricValue(
            .taskEndLoss, task: 1, updates: 20, value: .nan, reason: "the batch is empty, \"b\""),
          MetricValue(.seconds, task: 1, updates: 20, value: 2),
        ], to: run.id)
      let start = "r1,random-labels,short,\"nap, \"\"best\"\"\",3,"
      #expect(
        try store.csv(of: [run], metrics: [.taskEndLoss]) == """
          run,recipe,preset,arm,seed,metric,scope,task,updates,value,reason\r
          \(start)task_end_loss,,0,10,0.1,\r
          \(start)task_end_loss,,1,20,nan,"the batch is empty, ""b""\"\r\n
          """)
      #expect(try store.csv(of: [run]).split(separator: "\r\n").count == 4)
    }
  }
}
