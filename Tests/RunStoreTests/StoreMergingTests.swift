import Foundation
import Testing

@testable import RunStore

/// Runs of stores from other machines.
@Suite struct StoreMergingTests {
  private func stores(_ body: (Store, Store) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try body(
        Store.open(at: folder.appending(path: "here")),
        Store.open(at: folder.appending(path: "there")))
    }
  }

  /// A finished run with a file in its folder.
  private func add(_ run: Run, tasks: Int = 3, to store: Store) throws {
    try store.create(run)
    try store.append(taskValues(tasks: tasks), to: run.id)
    try store.noteWrittenState("abc", by: run.id)
    try Data("weights \(tasks)".utf8).write(
      to: store.folder(of: run.id).appending(path: "checkpoint"))
    try store.end(run.id, as: .finished, wallSeconds: 1)
  }

  @Test
  func `runs come with points, files, states, plans and tuned settings, and twice changes nothing`()
    throws
  {
    try stores { here, there in
      let plan = Comparison(
        kind: .sweep, recipe: "random-labels", preset: "short", configuration: "{}",
        provenance: .fixture(), entries: [PlanEntry(arm: "nap", seed: 1000, overrides: ["a": "1"])])
      try there.create(plan)
      let planned = Run.fixture(seed: 1000, group: plan.id, purpose: .tuning)
      try there.start(planned, asEntry: 0, of: plan.id)
      try there.end(planned.id, as: .finished, wallSeconds: 1)
      let setting = TunedSetting(
        comparison: plan.id, recipe: "random-labels", preset: "short", arm: "nap", key: "a",
        value: 1,
        score: "s", higherIsBetter: true, candidates: [])
      try there.record(setting)
      let (own, theirs) = (Run.fixture(seed: 1), Run.fixture(seed: 2))
      try add(own, to: here)
      try add(theirs, to: there)
      var told: [StoreIdentifier] = []
      let merged = try here.merge(there) { told.append($0.id) }
      #expect(merged.taken == [planned.id, theirs.id] && told == merged.taken)
      #expect(merged.plans == [plan.id] && merged.refused.isEmpty && merged.present.isEmpty)
      #expect(try here.values(of: theirs.id) == there.values(of: theirs.id))
      #expect(try here.run(theirs.id) == there.run(theirs.id))
      #expect(try here.hasWrittenState("abc", by: theirs.id))
      let file = here.folder(of: theirs.id).appending(path: "checkpoint")
      #expect(try String(contentsOf: file, encoding: .utf8) == "weights 3")
      #expect(try here.comparison(plan.id) == there.comparison(plan.id))
      #expect(try here.tunedSettings(of: plan.id) == [setting])
      let again = try here.merge(there)
      #expect(again.taken.isEmpty && again.present.count == 2 && again.plans.isEmpty)
      #expect(try here.runs().count == 3)
    }
  }

  @Test func `a clash is named and both stay, and a run that trains waits`() throws {
    try stores { here, there in
      let (same, further, running) = (StoreIdentifier.make(), StoreIdentifier.make(), Run.fixture())
      try add(.fixture(same, seed: 1), to: here)
      try add(.fixture(same, seed: 2), to: there)
      let run = Run.fixture(further)
      try add(run, tasks: 2, to: here)
      try add(run, tasks: 4, to: there)
      try there.create(running)
      let orphan = Run.fixture()
      try add(orphan, to: there)
      try FileManager.default.createDirectory(
        at: here.folder(of: orphan.id), withIntermediateDirectories: true)
      let merged = try here.merge(there)
      #expect(merged.taken.isEmpty && merged.refused.count == 4)
      let reasons = Dictionary(uniqueKeysWithValues: merged.refused.map { ($0.run, $0.reason) })
      #expect(reasons[same]?.contains("another run") == true)
      #expect(reasons[further]?.contains("finished with 2 values, there finished with 4") == true)
      #expect(reasons[running.id]?.contains("trains there") == true)
      #expect(reasons[orphan.id]?.contains("without its run") == true)
      #expect(try here.values(of: further).count == 2 && there.values(of: further).count == 4)
      #expect(try here.run(same).seed == 1 && there.run(same).seed == 2)
    }
  }
}
