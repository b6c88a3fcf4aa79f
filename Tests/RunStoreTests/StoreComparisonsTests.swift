import Foundation
import Testing

@testable import RunStore

@Suite("Plans of runs in the store")
struct StoreComparisonsTests {
  private func plan(_ kind: Comparison.Kind = .comparison) -> Comparison {
    Comparison(
      kind: kind, recipe: "random-labels", preset: "short",
      configuration: #"{"primary":"task_end_accuracy"}"#, provenance: .fixture(),
      entries: [
        PlanEntry(arm: "nap", seed: 0, overrides: ["optimizer.learningRate": "0.001"]),
        PlanEntry(arm: "plain", seed: 0), PlanEntry(arm: "nap", seed: 1),
        PlanEntry(arm: "plain", seed: 1),
      ])
  }

  @Test("A plan comes back as it went in")
  func roundTrip() throws {
    try withTemporaryFolder { folder in
      let plan = plan()
      try Store.open(at: folder).create(plan)
      let store = try Store.open(at: folder)
      #expect(try store.comparison(plan.id) == plan)
      #expect(try store.comparisons(recipe: "random-labels") == [plan])
      #expect(try store.comparisons(recipe: "other").isEmpty)
      #expect(try store.findComparison(String(plan.id.text.suffix(4))) == plan)
      #expect(plan.arms == ["nap", "plain"] && plan.seeds == [0, 1])
      #expect(throws: StoreError.self) { try store.create(plan) }
    }
  }

  @Test("A plan takes runs of another, which stay that one's, and none that the store has not")
  func takenRuns() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let (first, second) = (plan(), plan())
      try store.create(first)
      let run = Run.fixture(group: first.id, purpose: .comparison)
      try store.start(run, asEntry: 1, of: first.id)
      try store.end(run.id, as: .finished, wallSeconds: 1)
      try store.create(second, taking: [3: run.id])
      let entries = try store.comparison(second.id).entries
      #expect(entries.map(\.run) == [nil, nil, nil, run.id])
      #expect(entries[3].state == .settled && entries[0].state == .waiting)
      #expect(try store.run(run.id).group == first.id)
      let third = plan()
      #expect(throws: (any Error).self) { try store.create(third, taking: [0: .make()]) }
      #expect(try store.comparisons().map(\.id) == [first.id, second.id])
    }
  }

  @Test("An entry's state is what its run says, through interruption, resumption and removal")
  func states() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let plan = plan()
      try store.create(plan)
      let run = Run.fixture(group: plan.id, purpose: .comparison)
      func state() throws -> PlanEntry.State { try store.comparison(plan.id).entries[2].state }
      #expect(try state() == .waiting)
      try store.start(run, asEntry: 2, of: plan.id)
      #expect(try state() == .running)
      #expect(try store.comparison(plan.id).entries[2].run == run.id)
      try store.end(run.id, as: .interrupted, wallSeconds: 1)
      #expect(try state() == .stopped)
      try store.resume(run.id, fromUpdates: 0, provenance: .fixture())
      #expect(try state() == .running)
      try store.end(run.id, as: .notFinite(reason: "loss"), wallSeconds: 1)
      #expect(try state() == .settled)
      #expect(try !store.comparison(plan.id).isSettled)
      try store.remove(run.id)
      #expect(try state() == .waiting)
      #expect(try store.comparison(plan.id).entries[2].run == nil)
    }
  }

  @Test("An entry is given once, and a refused run leaves nothing behind")
  func claims() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let plan = plan()
      try store.create(plan)
      try store.start(.fixture(), asEntry: 0, of: plan.id)
      #expect(throws: StoreError.self) { try store.start(.fixture(), asEntry: 0, of: plan.id) }
      #expect(throws: StoreError.self) { try store.start(.fixture(), asEntry: 9, of: plan.id) }
      #expect(try store.runs().count == 1)
    }
  }

  @Test("A tuned setting is found by arm, the latest first, with its curve")
  func tuned() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      func setting(_ value: Double, sweep: StoreIdentifier, arm: String = "nap") -> TunedSetting {
        TunedSetting(
          comparison: sweep, recipe: "random-labels", preset: "short", arm: arm,
          key: "optimizer.learningRate", value: value, score: "mean task_end_accuracy",
          higherIsBetter: true,
          candidates: [
            .init(value: 3e-3, scoreBySeed: [101: .infinity], unfinishedSeeds: [103, 102]),
            .init(value: 1e-3, scoreBySeed: [101: 0.5, 102: 0.75]),
          ])
      }
      let sweep = plan(.sweep)
      try store.create(sweep)
      try store.record(setting(1e-3, sweep: sweep.id))
      try store.record(setting(2e-3, sweep: sweep.id, arm: "plain"))
      func latest() throws -> TunedSetting? {
        try store.tunedSetting(
          recipe: "random-labels", preset: "short", arm: "nap", key: "optimizer.learningRate")
      }
      #expect(try latest() == setting(1e-3, sweep: sweep.id))
      #expect(try latest()?.candidates.map(\.value) == [1e-3, 3e-3])
      try store.record(setting(5e-3, sweep: try StoreIdentifier("later")))
      #expect(try latest()?.value == 5e-3)
      try store.record(setting(7e-3, sweep: sweep.id))
      #expect(try store.tunedSettings(of: sweep.id).map(\.value).sorted() == [2e-3, 7e-3])
      #expect(
        try store.tunedSetting(recipe: "x", preset: "short", arm: "nap", key: "k") == nil)
      try store.remove(comparison: sweep.id)
      #expect(try store.tunedSettings(of: sweep.id).isEmpty)
      #expect(throws: StoreError.self) { try store.comparison(sweep.id) }
    }
  }
}
