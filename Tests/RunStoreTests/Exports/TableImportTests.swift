import Foundation
import TestSupport
import Testing

@testable import RunStore

/// Tables of runs, ours and others'.
@Suite struct TableImportTests {
  private func imported(
    _ text: String, _ labels: RunLabels = RunLabels(), in folder: URL, name: String = "old.csv"
  ) throws -> (store: Store, runs: [Run]) {
    let file = folder.appending(path: name)
    try Data(text.utf8).write(to: file)
    let store = try Store.open(at: folder.appending(path: "imported"))
    return (store, try store.importRuns(from: file, labels: labels, provenance: .fixture()))
  }

  @Test(arguments: [true, false])
  func `both forms of an exported table come back`(isWide: Bool) throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder.appending(path: "own"))
      let facts = ProtocolManifest(groups: ["ALE/Pong": ["romMD5": "1a2b"]])
      let runs = [
        Run.fixture(arm: "nap, \"best\"", seed: 3, name: "=one", manifest: facts),
        .fixture(arm: "norm", configuration: #"{"optimizer":{"kind":"adam"},"hidden":[24,24]}"#),
      ]
      for run in runs {
        try store.create(run)
        try store.append(
          taskValues(tasks: 3) + [
            MetricValue(.deadUnits, scope: "hidden0", task: 1, updates: 20, value: .infinity),
            MetricValue(.frames, task: 1, updates: 20, value: 1e9),
          ], to: run.id)
      }
      let text = try isWide ? store.wideCSV(of: runs) : store.csv(of: runs)
      let (other, found) = try imported(text, in: folder)
      #expect(found.map(\.id) == runs.map(\.id))
      for (run, original) in zip(found, runs) {
        #expect(try other.values(of: run.id) == store.values(of: original.id))
        #expect(
          [run.arm, run.recipe, run.preset] == [original.arm, original.recipe, original.preset])
        #expect(run.seed == original.seed && run.purpose == .imported)
        if isWide {
          #expect(run.name == original.name)
        } else {
          #expect(run.manifest == original.manifest)
        }
      }
      guard isWide else { return }
      let head = try #require(text.split(separator: "\r\n").first)
      #expect(
        head
          == "run,name,recipe,preset,arm,seed,parent,task,updates,setting:hidden,setting:optimizer.kind,"
          + "setting:optimizer.learningRate,frames,seconds,dead_units[hidden0],task_end_loss")
      #expect(found[1].configuration == #"{"hidden":[24,24],"optimizer.kind":"adam"}"#)
    }
  }

  @Test func `another program's table is runs by its column of steps`() throws {
    try withTemporaryFolder { folder in
      let (store, runs) = try imported(
        "\u{FEFF}Step,acc,phase\n1,0.5,warm\n2,,\"up, to\n here\"\n3,0.75,\n",
        RunLabels(recipe: "cifar", arm: "theirs", seed: 7, metrics: ["acc": "test_accuracy"]),
        in: folder)
      #expect(runs.map(\.arm) == ["theirs"] && runs[0].seed == 7 && runs[0].name == "old")
      #expect(try store.points(.testAccuracy, of: runs[0].id).map(\.updates) == [1, 3])
      #expect(runs[0].configuration.contains("up, to\\n here"))
    }
  }

  @Test(arguments: [
    ("", "name columns"), ("a,a\n1,2\n", "name columns"), ("x,y\n1,2\n", "updates or step"),
    ("step,y\n1\n", "line 2 has 1 fields"), ("step,y\n1,\"2\n", "has no end"),
    ("step,y\n-1,2\n", "no count"), ("step,y\n1.5,2\n", "no count"), ("step,y\n1,\n", "no number"),
    ("metric,value,updates\nloss,x,1\n", "no number"), ("step\n", "nothing"),
  ])
  func `what is no table of runs is refused by name`(text: String, reason: String) throws {
    try withTemporaryFolder { folder in
      do {
        let (store, runs) = try imported(text, in: folder)
        #expect(reason == "nothing" && runs.isEmpty)
        #expect(try store.runs().isEmpty)
      } catch let error as StoreError {
        #expect(
          error.description.contains("old.csv") && error.description.contains(reason), "\(error)")
      }
    }
  }
}
