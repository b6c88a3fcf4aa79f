import Foundation
import GRDB
import Testing

@testable import RunStore

@Suite("Runs in the store")
struct StoreRunsTests {
  @Test("A run comes back as it went in, from another opening of the store")
  func roundTrip() throws {
    try withTemporaryFolder { folder in
      let run = Run(
        name: "a \"name\" with 'quotes' and ünïcode", recipe: "random-labels", preset: "short",
        arm: "nap", seed: -3, group: try StoreIdentifier("group-1"), purpose: .comparison,
        configuration: #"{"a": [1, 2.5, null], "b": "ß"}"#, provenance: .fixture(),
        parent: try StoreIdentifier("parent_1"))
      try Store.open(at: folder).create(run)
      let store = try Store.open(at: folder)
      #expect(try store.run(run.id) == run)
      #expect(try store.runs() == [run])
      var isFolder: ObjCBool = false
      #expect(
        FileManager.default.fileExists(
          atPath: folder.appendingPathComponent(run.id.text).path, isDirectory: &isFolder))
      #expect(isFolder.boolValue)
    }
  }

  @Test(
    "Each way of ending is kept with its reason",
    arguments: [
      RunStatus.finished, .interrupted, .diverged(reason: "loss 1e9 at update 12"),
      .notFinite(reason: "loss NaN at update 3"), .failed(message: "disk full"),
    ])
  func ends(status: RunStatus) throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let run = Run.fixture()
      try store.create(run)
      try store.end(run.id, as: status, wallSeconds: 2.5, peakMemoryBytes: 100)
      let ended = try store.run(run.id)
      #expect(ended.status == status)
      #expect(ended.ended != nil)
      #expect(ended.wallSeconds == 2.5)
      #expect(ended.peakMemoryBytes == 100)
    }
  }

  @Test("An outcome is not overwritten by a second one")
  func endsOnce() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let run = Run.fixture()
      try store.create(run)
      try store.end(run.id, as: .finished, wallSeconds: 1)
      #expect(throws: StoreError.self) {
        try store.end(run.id, as: .interrupted, wallSeconds: 1)
      }
      #expect(try store.run(run.id).status == .finished)
      #expect(try store.run(run.id).wallSeconds == 1)
    }
  }

  @Test("A resumed run keeps its lineage, sums its time and has no later measurements")
  func resumes() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let run = Run.fixture()
      let other = Run.fixture(seed: 1)
      try store.create(run)
      try store.create(other)
      for run in [run, other] {
        try store.append(taskValues(tasks: 6), to: run.id)
        try store.append(
          [MetricValue(.gradientNorm, scope: "0.weight", task: 5, updates: 55, value: 1)],
          to: run.id)
        try store.end(run.id, as: .interrupted, wallSeconds: 3, peakMemoryBytes: 7)
      }
      let removed = try store.resume(run.id, fromUpdates: 40, provenance: .fixture(process: 1))
      #expect(removed == 3)
      #expect(try store.points(.taskEndLoss, of: run.id).map(\.updates) == [10, 20, 30, 40])
      #expect(try store.points(SeriesKey(.gradientNorm, scope: "0.weight"), of: run.id).isEmpty)
      #expect(try store.seriesKeys(of: run.id) == [SeriesKey(.taskEndLoss)])
      #expect(try store.points(.taskEndLoss, of: other.id).count == 6)
      #expect(try store.run(run.id).status == .running)
      try store.append(taskValues(tasks: 6), to: run.id)
      #expect(try store.points(.taskEndLoss, of: run.id).count == 6)
      try store.end(run.id, as: .finished, wallSeconds: 4, peakMemoryBytes: 5)
      let ended = try store.run(run.id)
      #expect(ended.wallSeconds == 7)
      #expect(ended.peakMemoryBytes == 7)
      #expect(ended.resumptions == [Resumption(updates: 40, provenance: .fixture(process: 1))])
    }
  }

  @Test("A running run cannot be resumed or removed")
  func refusesRunning() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let run = Run.fixture()
      try store.create(run)
      #expect(throws: StoreError.self) {
        try store.resume(run.id, fromUpdates: 0, provenance: .fixture())
      }
      #expect(throws: StoreError.self) { try store.remove(run.id) }
      #expect(try store.runs().count == 1)
    }
  }

  @Test("Only runs of this machine whose process is gone become interrupted")
  func abandoned() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let gone = Run.fixture(provenance: .fixture(process: 0x7fff_fff0))
      let here = Run.fixture(seed: 1)
      let elsewhere = Run.fixture(
        seed: 2, provenance: .fixture(process: 0x7fff_fff0, host: "another"))
      for run in [gone, here, elsewhere] { try store.create(run) }
      #expect(try store.markAbandonedRunsInterrupted() == [gone.id])
      #expect(try store.runs().map(\.status) == [.interrupted, .running, .running])
    }
  }

  @Test("Runs are listed by recipe, arm, group and purpose, oldest first")
  func filters() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let group = StoreIdentifier.make()
      let runs = [
        Run.fixture(arm: "nap", group: group, purpose: .comparison),
        Run.fixture(arm: "plain", group: group, purpose: .tuning),
        Run.fixture(arm: "nap", seed: 1),
      ]
      for run in runs { try store.create(run) }
      #expect(try store.runs() == runs)
      #expect(try store.runs(arm: "nap") == [runs[0], runs[2]])
      #expect(try store.runs(group: group, purpose: .tuning) == [runs[1]])
      #expect(try store.runs(recipe: "other").isEmpty)
    }
  }

  @Test("A person finds a run by part of its identifier or by its name, and never by chance")
  func finds() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let first = Run.fixture(try StoreIdentifier("260101-101010-aaaa"), name: "one")
      let second = Run.fixture(try StoreIdentifier("260101-101011-bbbb"), name: "two")
      for run in [first, second] { try store.create(run) }
      #expect(try store.findRun("bbbb") == second)
      #expect(try store.findRun("260101-101010") == first)
      #expect(try store.findRun("two") == second)
      #expect(throws: StoreError.notFound(kind: "run", text: "three", path: folder.path)) {
        try store.findRun("three")
      }
      #expect(
        throws: StoreError.ambiguous(
          kind: "run", text: "2601", candidates: [first.id.text, second.id.text])
      ) { try store.findRun("2601") }
    }
  }

  @Test("Removing a run takes its measurements and its folder, and nothing of another's")
  func removes() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let run = Run.fixture()
      let other = Run.fixture(seed: 1)
      for run in [run, other] {
        try store.create(run)
        try store.append(taskValues(tasks: 3), to: run.id)
        try Data("x".utf8).write(to: store.folder(of: run.id).appendingPathComponent("checkpoint"))
        try store.end(run.id, as: .finished, wallSeconds: 1)
      }
      try store.remove(run.id)
      #expect(try store.runs().map(\.id) == [other.id])
      #expect(!FileManager.default.fileExists(atPath: store.folder(of: run.id).path))
      #expect(FileManager.default.fileExists(atPath: store.folder(of: other.id).path))
      #expect(try store.values(of: run.id).isEmpty)
      #expect(try store.values(of: other.id).count == 3)
      let left = try store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM point") }
      #expect(left == 3)
    }
  }

  @Test("The same identifier, and a configuration that is not JSON, are refused")
  func refuses() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let run = Run.fixture()
      try store.create(run)
      #expect(throws: StoreError.exists(identifier: run.id.text, path: folder.path)) {
        try store.create(run)
      }
      #expect(throws: StoreError.self) { try store.create(.fixture(configuration: "{a: 1}")) }
      #expect(try store.runs().count == 1)
    }
  }

  @Test(
    "An identifier is safe as a folder's name and sorts by time",
    arguments: [
      "", "..", "a/b", "../x", "-rf", "a b", "ä", String(repeating: "a", count: 65),
    ])
  func identifiers(text: String) throws {
    #expect(throws: StoreError.invalidIdentifier(text: text)) { try StoreIdentifier(text) }
    let early = StoreIdentifier.make(at: Date(timeIntervalSince1970: 1_767_225_599))
    let late = StoreIdentifier.make(at: Date(timeIntervalSince1970: 1_767_225_600))
    #expect(early < late)
    #expect(early.text.hasPrefix("251231-235959-"))
    #expect(try StoreIdentifier(late.text) == late)
  }
}
