import Foundation
import RunStore
import TestSupport
import Testing
import Torch

@testable import Experiments

@Suite("Plans take what was trained before")
struct ComparisonPlanTests {
  private static func provenance(_ change: (inout Provenance) -> Void = { _ in }) -> Provenance {
    var provenance = Provenance.current(
      napVersion: "1", libtorchVersion: "2", device: "cpu", threadCount: 1)
    provenance.build = "a build"
    change(&provenance)
    return provenance
  }

  private static func plan(
    arms: [String] = ["norm", "nap"], seeds: Int = 1,
    kind: Comparison.Kind = .comparison, _ provenance: Provenance = provenance()
  ) throws -> Comparison {
    try ComparisonPlan.make(
      Control.self, kind: kind, preset: "gridworld", base: AgentTrainingTests.tiny("plain"),
      entries: ComparisonPlan.entries(arms: arms, seeds: Array(0..<seeds)), provenance: provenance)
  }

  /// Records a run of each entry of a plan, made by a build.
  private static func train(
    _ plan: Comparison, in store: Store, by provenance: Provenance = provenance(),
    as status: RunStatus = .finished, manifest: ProtocolManifest? = nil
  ) throws -> [StoreIdentifier] {
    try plan.entries.enumerated().map { position, entry in
      let run = Run(
        recipe: plan.recipe, preset: plan.preset, arm: entry.arm, seed: entry.seed, group: plan.id,
        purpose: .comparison, configuration: plan.configuration, provenance: provenance,
        manifest: manifest)
      try store.start(run, asEntry: position, of: plan.id)
      try store.end(run.id, as: status, wallSeconds: 1)
      return run.id
    }
  }

  @Test("More seeds and arms take the runs that are there, in their own places")
  func takes() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let first = try Self.plan()
      try store.create(first)
      let runs = try Self.train(first, in: store)
      let more = try Self.plan(arms: ["plain", "nap", "norm"], seeds: 2)
      let found = try ComparisonPlan.finishedRuns(Control.self, for: more, in: store)
      #expect(found == [1: runs[1], 2: runs[0]])
    }
  }

  @Test("Another build, machine or sitting, an unknown build and another kind of plan give nothing")
  func refuses() throws {
    let changes: [(inout Provenance) -> Void] = [
      { $0.build = "another" }, { $0.build = nil }, { $0.napVersion = "0" },
      { $0.libtorchVersion = "0" }, { $0.device = "cuda" }, { $0.threadCount = 2 },
      { $0.host.processor = "another" },
    ]
    for (number, change) in changes.enumerated() {
      try withTemporaryFolder { folder in
        let store = try Store.open(at: folder)
        let first = try Self.plan()
        try store.create(first)
        // The plan's own record is of no account: what trained the run is.
        _ = try Self.train(first, in: store, by: Self.provenance(change))
        let more = try Self.plan(seeds: 2)
        #expect(
          try ComparisonPlan.finishedRuns(Control.self, for: more, in: store).isEmpty, "\(number)")
      }
    }
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let first = try Self.plan()
      try store.create(first)
      let runs = try Self.train(first, in: store, as: .interrupted)
      // One continues another build, the other with the same.
      for (run, build) in zip(runs, ["another", "a build"]) {
        try store.resume(run, fromUpdates: 0, provenance: Self.provenance { $0.build = build })
        try store.end(run, as: .finished, wallSeconds: 1)
      }
      #expect(
        try ComparisonPlan.finishedRuns(Control.self, for: Self.plan(seeds: 2), in: store)
          == [1: runs[1]])
      #expect(
        try ComparisonPlan.finishedRuns(Control.self, for: Self.plan(kind: .sweep), in: store)
          .isEmpty)
    }
  }

  /// The plan as earlier versions stored it, with settings of kinds that are not chosen.
  private static func earlier(_ plan: Comparison) throws -> Comparison {
    let text = plan.configuration
      .replacing(#""kind":"adam""#, with: #""kind":"adam","momentum":0,"smoothing":0.99"#)
      .replacing(#""kind":"constant""#, with: #""decayUpdates":0,"finalRate":0,"kind":"constant""#)
      .replacing(#""kind":"categorical""#, with: #""kind":"categorical","sampleCount":64"#)
    #expect(text.contains("smoothing") && text.contains("finalRate") && text.contains("sampleC"))
    return Comparison(
      kind: plan.kind, recipe: plan.recipe, preset: plan.preset, configuration: text,
      provenance: plan.provenance, entries: plan.entries)
  }

  @Test("Plans of earlier versions, whose texts have settings of other kinds, are the same plans")
  func earlierTexts() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let first = try Self.earlier(Self.plan())
      try store.create(first)
      let again = try Self.plan()
      #expect(
        try ComparisonPlan.unfinished(Control.self, like: again, in: store)?.id == first.id)
      #expect(
        try ComparisonPlan.unfinished(Control.self, like: Self.plan(seeds: 2), in: store) == nil)
      let runs = try Self.train(first, in: store)
      #expect(try ComparisonPlan.finished(Control.self, like: again, in: store).count == 1)
      #expect(
        try ComparisonPlan.finishedRuns(Control.self, for: Self.plan(seeds: 2), in: store)
          == [0: runs[0], 1: runs[1]])
      let base = try ComparisonPlan.request(Control.self, first, entry: 0).configuration
      #expect(try base == ComparisonPlan.request(Control.self, again, entry: 0).configuration)
    }
  }

  @Test(
    "Runs in other environments than those there are now, and such as did not finish, are not taken"
  )
  func environments() throws {
    let own = try #require(
      try Control.start(AgentTrainingTests.tiny("norm"), seed: 0, device: .cpu).manifest())
    var other = own
    other.groups["Gridworld"]?["actions"] = "5"
    for (manifest, status, isTaken) in [
      (own, RunStatus.finished, true), (other, .finished, false),
      (own, .diverged(reason: "x"), false),
    ] {
      try withTemporaryFolder { folder in
        let store = try Store.open(at: folder)
        let first = try Self.plan()
        try store.create(first)
        _ = try Self.train(first, in: store, as: status, manifest: manifest)
        let found = try ComparisonPlan.finishedRuns(
          Control.self, for: Self.plan(seeds: 2), in: store)
        #expect(found.isEmpty == !isTaken)
      }
    }
  }
}
