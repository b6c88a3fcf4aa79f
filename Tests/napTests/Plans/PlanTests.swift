import Foundation
import GRDB
import RunStore
import Testing

/// A comparison of two arms on some seeds, short or long enough to be interrupted.
private func comparison(seeds: Int = 1, tasks: Int = 4, updates: Int = 20) -> [String] {
  [
    "compare", "random-labels", "--arms", "norm,nap", "--seeds", "\(seeds)", "--set",
    "tasks=\(tasks)", "--set", "updatesPerTask=\(updates)", "--set",
    "recording.checkpointEveryTasks=1",
  ] + smallRun
}

extension Program {
  /// A comparison whose report lies in the folder of runs.
  fileprivate func reported(_ words: [String]) -> [String] {
    words + ["--report", runs.appending(path: "report.csv").path]
  }

  /// Adds a plan.
  fileprivate func add(_ words: [String], _ options: [String] = []) throws {
    let result = try run(["plan", "add"] + options + ["--"] + words)
    try #require(result.code == 0, "\(result.errors)")
  }

  /// The state of every entry, and the number of attempts, as the queue has them.
  fileprivate func states() throws -> [String] {
    let queue = try DatabaseQueue(path: runs.appending(path: "plans.sqlite").path)
    return try queue.read {
      try String.fetchAll(
        $0, sql: "SELECT state || ' ' || attempts FROM entry ORDER BY plan, position")
    }
  }

  /// Waits until an entry trains and its run has a checkpoint, half a minute at most.
  fileprivate func waitForCheckpoint() throws {
    let deadline = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < deadline {
      let found = try FileManager.default.subpathsOfDirectory(atPath: runs.path)
      if found.contains(where: { $0.hasSuffix("/checkpoint.safetensors") }) { return }
      usleep(20_000)
    }
    Issue.record("no run came to a checkpoint")
  }
}

@Suite struct PlanTests {
  @Test func `a plan's results are those of the command without a plan`() throws {
    try withProgram { nap in
      let words = nap.reported(comparison())
      try nap.add(words)
      #expect(try nap.states() == ["waiting 0", "waiting 0"])
      let status = try nap.run("plan", "status")
      #expect(status.output.contains("2 waiting; about "), "\(status)")
      let worked = try nap.run("plan", "run")
      #expect(worked.code == 0, "\(worked.errors)")
      #expect(try nap.states() == ["done 1", "done 1"])
      let report = nap.runs.appending(path: "report.csv")
      let written = try Data(contentsOf: report)
      try FileManager.default.removeItem(at: report)
      let direct = try nap.run(words)
      #expect(direct.code == 0 && direct.errors.contains("finished: nothing is trained"))
      #expect(direct.output == worked.output && !worked.output.isEmpty)
      #expect(try Data(contentsOf: report) == written)
      // Nothing is left, and adding the plan again says so.
      #expect(try nap.run("plan", "run").output.isEmpty)
      let again = try nap.run(["plan", "add", "--"] + words)
      #expect(again.code == 0 && again.errors.contains("nothing is trained"), "\(again)")
      let shown = try nap.run(
        "plan", "status", try Store.open(at: nap.runs).comparisons()[0].id.text)
      #expect(shown.output.contains("2 done") && shown.output.contains("nap seed 0  done"))
    }
  }

  @Test func `a sweep of a plan tunes what compare then takes`() throws {
    try withProgram { nap in
      try nap.add(
        [
          "sweep", "random-labels", "--arms", "norm", "--over",
          "optimizer.learningRate=1e-5,3e-3", "--seeds", "1", "--set", "tasks=3", "--set",
          "updatesPerTask=40",
        ] + smallRun)
      let worked = try nap.run("plan", "run")
      #expect(worked.code == 0 && worked.output.contains("*"), "\(worked)")
      let tuned = try Store.open(at: nap.runs, for: .readOnly).tunedSetting(
        recipe: "random-labels", preset: "demo", arm: "norm", key: "optimizer.learningRate")
      #expect(tuned?.value == 3e-3)
    }
  }

  @Test func `two workers share a plan, and the results are told once`() throws {
    try withProgram { nap in
      try nap.add(nap.reported(comparison(seeds: 2)))
      let workers = try (0..<2).map { _ in try nap.start(["plan", "run"]) }
      let outputs = workers.map { process, output, errors in
        let (reader, rest) = (Reader(errors), Reader(output))
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(reader.finish())")
        return rest.finish()
      }
      #expect(outputs.count { !$0.isEmpty } == 1, "\(outputs)")
      #expect(try nap.states() == [String](repeating: "done 1", count: 4))
      let store = try Store.open(at: nap.runs, for: .readOnly)
      #expect(try store.runs().count == 4)
      #expect(try store.runs().allSatisfy { $0.status == .finished && $0.resumptions.isEmpty })
    }
  }

  @Test(arguments: [SIGTERM, SIGKILL])
  func `a run whose worker ends goes on from its checkpoint to the same numbers`(
    signal: Int32
  ) throws {
    let words = comparison(seeds: 1, tasks: 40, updates: 40)
    try withProgram { whole in
      try withProgram { nap in
        let direct = try whole.run(whole.reported(words))
        #expect(direct.code == 0, "\(direct.errors)")
        try nap.add(nap.reported(words))
        let (process, output, errors) = try nap.start(["plan", "run", "--lease", "2"])
        try nap.waitForCheckpoint()
        kill(process.processIdentifier, signal)
        let (reader, rest) = (Reader(errors), Reader(output))
        process.waitUntilExit()
        let text = reader.finish()
        _ = rest.finish()
        if signal == SIGTERM {
          #expect(process.terminationStatus == 130, "\(text)")
          #expect(
            try nap.states() == ["waiting 0", "waiting 0"], "what is given back costs nothing")
        } else {
          #expect(try nap.states() == ["running 1", "waiting 0"])
        }
        let worked = try nap.run("plan", "run", "--lease", "2")
        #expect(worked.code == 0, "\(worked.errors)")
        #expect(worked.errors.contains("norm seed 0: resumed"), "\(worked.errors)")
        let attempts = signal == SIGKILL ? 2 : 1
        #expect(try nap.states() == ["done \(attempts)", "done 1"])
        #expect(try series(nap) == series(whole))
        let runs = try Store.open(at: nap.runs, for: .readOnly).runs()
        #expect(runs.map(\.resumptions.count).sorted() == [0, 1])
        #expect(runs.contains { $0.resumptions.first.map { $0.updates > 0 } ?? false })
      }
    }
  }

  /// All values of all runs but those of the machine.
  private func series(_ nap: Program) throws -> [[String]] {
    let store = try Store.open(at: nap.runs, for: .readOnly)
    return try store.runs().sorted { ($0.arm, $0.seed) < ($1.arm, $1.seed) }.map { run in
      try store.values(of: run.id).filter { !Metric.ofTheMachine.contains($0.metric) }
        .map { "\($0.metric.name) \($0.scope) \($0.task) \($0.updates) \($0.value.bitPattern)" }
        .sorted()
    }
  }

  @Test func `a canceled plan is saved by its worker, and goes on when it is added again`() throws {
    try withProgram { nap in
      let words = nap.reported(comparison(seeds: 1, tasks: 60, updates: 40))
      try nap.add(words)
      let (process, output, errors) = try nap.start(["plan", "run", "--lease", "2"])
      try nap.waitForCheckpoint()
      let plan = try Store.open(at: nap.runs, for: .readOnly).comparisons()[0].id
      #expect(try nap.run("plan", "cancel", plan.text).code == 0)
      let (reader, rest) = (Reader(errors), Reader(output))
      process.waitUntilExit()
      #expect(process.terminationStatus == 0, "\(reader.finish())")
      #expect(rest.finish().isEmpty)
      #expect(try nap.states() == ["canceled 0", "canceled 0"])
      try nap.add(words)
      let worked = try nap.run("plan", "run")
      #expect(worked.code == 0 && worked.errors.contains("resumed"), "\(worked.errors)")
    }
  }

  @Test func `an entry whose settings no longer parse fails at once, and the others are trained`()
    throws
  {
    try withProgram { nap in
      try nap.add(nap.reported(comparison(seeds: 1)))
      try DatabaseQueue(path: nap.runs.appending(path: Store.fileName).path).write {
        try $0.execute(
          sql:
            #"UPDATE comparison_entry SET overrides = '{"optimizer.speed":"1"}' WHERE position = 0"#
        )
      }
      let worked = try nap.run("plan", "run")
      #expect(worked.code == 3 && worked.errors.contains("optimizer.speed"), "\(worked)")
      #expect(try nap.states() == ["failed 1", "done 1"])
      let shown = try nap.run("plan", "status", "--json")
      #expect(shown.output.contains(#""failed":1"#) && shown.output.contains("optimizer.speed"))
    }
  }

  @Test func `looking for plans where none is leaves no queue behind`() throws {
    try withProgram { nap in
      _ = try Store.open(at: nap.runs)
      let shown = try nap.run("plan", "status")
      #expect(shown.code == 0 && shown.output.contains("no plans in"), "\(shown)")
      #expect(try nap.run("plan", "status", "--json").output == "[]\n")
      let files = try FileManager.default.contentsOfDirectory(atPath: nap.runs.path)
      #expect(files.contains(Store.fileName) && !files.contains("plans.sqlite"), "\(files)")
    }
  }

  @Test func `a plan of another version is not begun, and both versions are named`() throws {
    try withProgram { nap in
      try nap.add(nap.reported(comparison(seeds: 1)))
      try DatabaseQueue(path: nap.runs.appending(path: "plans.sqlite").path).write {
        try $0.execute(sql: "UPDATE plan SET program = 'nap 0.0.1 with libtorch 1.0'")
      }
      let worked = try nap.run("plan", "run")
      #expect(worked.code == 3, "\(worked)")
      #expect(worked.errors.contains("nap 0.0.1") && worked.errors.contains("this is nap 0.1.0"))
      #expect(try nap.states() == ["waiting 0", "waiting 0"])
    }
  }

  @Test(arguments: [
    (["plan", "add"], "found nothing"), (["plan", "add", "--", "train", "x"], "found train x"),
    (["plan", "add", "--", "compare", "random-labels", "--jobs", "2"], "--jobs"),
    (["plan", "add", "--within", "0", "--", "compare", "random-labels"], "--within 0.0"),
    (["plan", "add", "--workers", "0", "--", "compare", "random-labels"], "--workers 0"),
    (["plan", "add", "--retries=-1", "--", "compare", "random-labels"], "--retries -1"),
    (["plan", "add", "--", "compare", "random-labels", "--set", "a=1"], "a"),
    (["plan", "run", "--lease", "0"], "--lease 0.0"), (["plan", "run", "--entry", "1"], "--plan"),
    (
      ["plan", "add", "--within", "1e-9", "--"] + comparison(),
      "the runs of one seed (2, every arm)"
    ),
  ])
  func `usage that cannot be meant is refused, and nothing is recorded`(
    words: [String], message: String
  ) throws {
    try withProgram { nap in
      let result = try nap.run(words)
      #expect(result.code == 2 && result.errors.contains(message), "\(result.errors)")
      #expect((try? Store.open(at: nap.runs, for: .readOnly).comparisons().isEmpty) ?? true)
    }
  }
}
