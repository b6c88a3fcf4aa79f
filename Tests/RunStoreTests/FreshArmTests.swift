import Foundation
import GRDB
import Testing

@testable import RunStore

@Suite("What earlier builds called fresh")
struct FreshArmTests {
  private static func continual(fresh: Bool, kind: String = "layer") -> String {
    #"{"isFresh":\#(fresh),"nap":{"normalization":{"kind":"\#(kind)"}},"tasks":3}"#
  }

  private static func agent(fresh: Bool, kind: String = "layer") -> String {
    #"{"boundary":{"isFresh":\#(fresh)},"nap":{"normalization":{"kind":"\#(kind)"}}}"#
  }

  @Test("A run's configuration says which fresh it is")
  func names() {
    for configuration in [Self.continual(fresh: true), Self.agent(fresh: true)] {
      #expect(FreshArm.name("fresh", ofRun: configuration) == "fresh-norm")
      #expect(FreshArm.name("fresh/redo+l2", ofRun: configuration) == "fresh-norm/redo+l2")
      #expect(FreshArm.name("fresh[lr=1]", ofRun: configuration) == "fresh-norm[lr=1]")
      for other in ["norm", "fresh-norm", "fresher", "nap/fresh"] {
        #expect(FreshArm.name(other, ofRun: configuration) == other)
      }
    }
    // The network as written, one that continues, and configurations of other recipes keep their names.
    for configuration in [
      Self.continual(fresh: true, kind: "none"), Self.agent(fresh: true, kind: "none"),
      Self.continual(fresh: false), "{}", "[1]", "nonsense", #"{"isFresh":true}"#,
    ] {
      #expect(FreshArm.name("fresh", ofRun: configuration) == "fresh", "\(configuration)")
    }
  }

  private func rename(_ folder: URL) throws -> (old: Run, written: Run, plan: Comparison) {
    let plan = Comparison(
      kind: .comparison, recipe: "random-labels", preset: "short",
      configuration: Self.continual(fresh: false), provenance: .fixture(),
      entries: [PlanEntry(arm: "fresh", seed: 0), PlanEntry(arm: "fresh/redo", seed: 1)])
    let stranger = Comparison(
      kind: .comparison, recipe: "own", preset: "p", configuration: "{}", provenance: .fixture(),
      entries: [PlanEntry(arm: "fresh", seed: 0)])
    let old = Run.fixture(arm: "fresh", configuration: Self.continual(fresh: true))
    let written = Run.fixture(
      arm: "fresh", name: "mine", configuration: Self.continual(fresh: true, kind: "none"))
    let store = try Store.open(at: folder)
    try store.create(plan)
    try store.create(stranger)
    try store.start(old, asEntry: 0, of: plan.id)
    try store.create(written)
    try store.record(
      TunedSetting(
        comparison: plan.id, recipe: "random-labels", preset: "short", arm: "fresh", key: "lr",
        value: 0.003, score: "s", higherIsBetter: true, candidates: []))
    // As if an earlier build had written it.
    try store.write {
      try $0.execute(sql: "DELETE FROM grdb_migrations WHERE identifier LIKE '5 %'")
    }
    return (old, written, plan)
  }

  @Test(
    "An older store's runs, plans and tuned rates of fresh are fresh-norm's, for readers and writers"
  )
  func migration() throws {
    try withTemporaryFolder { folder in
      let (old, written, plan) = try rename(folder)
      let file = folder.appendingPathComponent(Store.fileName)
      for access in [Store.Access.readOnly, .readAndWrite] {
        let store = try Store.open(at: folder, for: access)
        let found = try store.run(old.id)
        #expect(found.arm == "fresh-norm")
        #expect(found.name == "random-labels/short/fresh-norm/0")
        #expect(try store.run(written.id).arm == "fresh")
        #expect(try store.run(written.id).name == "mine")
        // Entries that wait would otherwise be trained as something else than those that are done.
        #expect(
          try store.comparison(plan.id).entries.map(\.arm) == ["fresh-norm", "fresh-norm/redo"])
        #expect(try store.comparisons(recipe: "own")[0].entries.map(\.arm) == ["fresh"])
        func tuned(_ arm: String) throws -> TunedSetting? {
          try store.tunedSetting(recipe: "random-labels", preset: "short", arm: arm, key: "lr")
        }
        #expect(try tuned("fresh") == nil)
        #expect(try tuned("fresh-norm")?.arm == "fresh-norm" && tuned("fresh-norm")?.value == 0.003)
      }
      #expect(FileManager.default.fileExists(atPath: file.path))
      // Once done it is not done again: what is called fresh from now on stays so.
      let later = Run.fixture(arm: "fresh", configuration: Self.continual(fresh: true))
      try Store.open(at: folder).create(later)
      #expect(try Store.open(at: folder).run(later.id).arm == "fresh")
    }
  }

  @Test("A run that an earlier build exported comes in under today's name")
  func archive() throws {
    try withTemporaryFolder { folder in
      let run = Run.fixture(arm: "fresh", configuration: Self.agent(fresh: true))
      let from = try Store.open(at: folder.appendingPathComponent("a"))
      try from.create(run)
      let data = try from.archive(of: run.id)
      let to = try Store.open(at: folder.appendingPathComponent("b"))
      #expect(try to.importArchive(data, path: "x.json").arm == "fresh-norm")
      #expect(try to.run(run.id).name == "random-labels/short/fresh-norm/0")
    }
  }
}
