import Foundation
import GRDB
import RunStore
import TestSupport
import Testing

/// A small run of an agent, which saves at the end of every visit.
enum AgentFaultRun {
  /// Settings of a small agent that learns early.
  static let agent = [
    "--threads", "1", "--set", "agent.learningStarts=15", "--set", "agent.batchSize=8",
    "--set", "agent.network.hiddenWidth=16", "--set", "recording.everyRounds=5",
  ]

  /// Grids, each visited for 60 steps; a full segment of the replay has 40.
  static func grids(_ count: Int) -> [String] {
    let names = Array(repeating: "gridworld", count: count).joined(separator: ",")
    return [
      "control", "--preset", "gridworld", "--env", names, "--set", "environments.framesPerVisit=60",
      "--set", "agent.network.torsoWidths=16", "--set", "agent.replay.segmentBytes=1000",
    ] + agent
  }

  /// Four grids, twice.
  static func arguments(arm: String = "nap") -> [String] { ["train"] + grids(4) + ["--arm", arm] }
}

/// An environment of Gymnasium in a module of its own: CartPole, with faults that a test switches on.
struct FragileWorld {
  /// What can be wrong with it, each a file that the module looks for.
  enum Fault: String {
    /// Its process kills itself at the 70th step.
    case death
    /// It has a third action.
    case thirdAction
    /// What it shows is no number from the seventh step of an episode on.
    case notANumber
    /// From the second episode of a process on it takes half a minute to begin one.
    case silence
    /// It holds what cannot be pickled.
    case unsavable
  }

  static let isInstalled = Python.has("gymnasium")
  static let name = "gymnasium:nap_fragile:Fragile-v0"

  /// One visit of 120 steps, saved after every 40.
  static let arguments = arguments(steps: 120)

  /// One visit, saved after every 40 steps; as long as a test needs to interrupt it in time.
  static func arguments(steps: Int) -> [String] {
    [
      "train", "control", "--preset", "cartpole", "--env", name,
      "--set", "environments.framesPerVisit=\(steps)", "--set", "agent.network.torsoWidths=16",
      "--set", "recording.checkpointEveryRounds=20",
    ] + AgentFaultRun.agent
  }

  private static let module = """
    import os, signal, time
    import gymnasium
    from gymnasium import spaces
    from gymnasium.envs.classic_control.cartpole import CartPoleEnv

    # Copies of the process, which prove that a state can be saved, play on unharmed.
    PLAYER = os.getpid()

    def has(fault):
        return os.path.exists(os.path.join(os.path.dirname(__file__), fault))

    class Fragile(CartPoleEnv):
        def __init__(self):
            super().__init__()
            self.count = 0
            self.action_space = spaces.Discrete(3 if has("thirdAction") else 2)
            self.handle = (number for number in range(9)) if has("unsavable") else None
        def step(self, action):
            self.count += 1
            if self.count == 70 and os.getpid() == PLAYER and has("death"):
                os.kill(PLAYER, signal.SIGKILL)
            seen, *rest = super().step(min(int(action), 1))
            self.shown = getattr(self, "shown", 0) + 1
            if has("notANumber") and self.shown >= 7:
                seen = seen * float("nan")
            return (seen, *rest)
        def reset(self, **options):
            self.shown = 0
            self.begun = getattr(self, "begun", 0) + 1
            if self.begun >= 3 and os.getpid() == PLAYER and has("silence"):
                time.sleep(30)
            return super().reset(**options)

    gymnasium.register(id="Fragile-v0", entry_point=Fragile, max_episode_steps=50)
    """

  private let folder: URL

  init(in folder: URL) throws {
    self.folder = folder
    try Data(Self.module.utf8).write(to: folder.appending(path: "nap_fragile.py"))
  }

  func begin(_ fault: Fault) throws { try Data().write(to: file(fault)) }
  func end(_ fault: Fault) throws { try FileManager.default.removeItem(at: file(fault)) }

  private func file(_ fault: Fault) -> URL { folder.appending(path: fault.rawValue) }

  /// A program that finds the environment, with runs of its own.
  func program(_ runs: String) -> Program {
    Program(
      runs: folder.appending(path: runs),
      environment: ["NAP_PYTHON": Python.executable.path, "PYTHONPATH": folder.path])
  }
}

extension RunRecord.State {
  /// The saved tensors but for the environment: the bytes of a pickle tell how often it was resumed.
  var withoutWorld: [String: Data] {
    Dictionary(
      uniqueKeysWithValues: zip(names, bytes).filter { !$0.0.hasPrefix("environment.state") })
  }
}

@Suite struct AgentFaultTests {
  @Test(arguments: ["nap", "fresh"])
  func `an agent that was stopped ends with the bytes of one that was not`(arm: String) throws {
    let arguments = AgentFaultRun.arguments(arm: arm)
    let whole = try FaultRun.whole.of(arguments)
    try withProgram { nap in
      let stopped = try nap.started(arguments, andAfter: 2) { $0.interrupt() }
      #expect(stopped.code == 130, "\(stopped.errors)")
      let record = try onlyRecord(nap)
      #expect(stopped.errors.contains("nap train --resume \(record.run)"))
      #expect(record.status == .interrupted)
      #expect(record.problems(asBeginningOf: whole) == [])
      #expect(try nap.resume().code == 0)
      #expect(try onlyRecord(nap).isSame(as: whole))
    }
  }

  @Test func `a replay that was cut short is named, and the run goes on once it is back`() throws {
    let arguments = AgentFaultRun.arguments()
    let whole = try FaultRun.whole.of(arguments)
    try withProgram { nap in
      #expect(try nap.started(arguments, andAfter: 2) { $0.interrupt() }.code == 130)
      let before = try onlyRecord(nap)
      let folder = nap.runs.appending(path: "\(before.run)/replay")
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      // The snapshot itself, and a full segment that it names.
      for kind in ["generation-", "segment-"] {
        let name = try #require(names.first { $0.hasPrefix(kind) })
        let url = folder.appending(path: name)
        let good = try Data(contentsOf: url)
        let bad = good.prefix(good.count / 2)
        try bad.write(to: url)
        let refused = try nap.resume(before.run)
        expectOneSentence(
          (refused.code, refused.errors), code: 3, url.path, "expected", "found",
          "put the file back, or train a new run: the folder has no other snapshot")
        #expect(try Data(contentsOf: url) == bad, "\(kind): the file was changed")
        #expect(try onlyRecord(nap) == before, "\(kind): the record was changed")
        // Playing takes no replay.
        if kind == "segment-" {
          let played = try nap.run("play", before.run.text, "--no-video", "--threads", "1")
          #expect(played.code == 0, "\(played.errors)")
        }
        try good.write(to: url)
      }
      #expect(try nap.resume().code == 0)
      #expect(try onlyRecord(nap).isSame(as: whole))
    }
  }

  @Test(.enabled(if: FragileWorld.isInstalled, "the tests' Python has no Gymnasium"))
  func `a world whose process dies fails the run, which goes on from its checkpoint`() throws {
    try withTemporaryFolder { folder in
      let world = try FragileWorld(in: folder)
      let undisturbed = world.program("whole")
      #expect(try undisturbed.run(FragileWorld.arguments).code == 0)
      let whole = try onlyRecord(undisturbed)
      let nap = world.program("runs")
      try world.begin(.death)
      let failed = try nap.run(FragileWorld.arguments)
      expectOneSentence(
        (failed.code, failed.errors), code: 3, FragileWorld.name,
        "its Python process ended with signal 9")
      #expect(failed.errors.contains("stays at its checkpoint of update 20"))
      let advice = failed.errors.split(separator: "\n").filter { $0.contains("nap train --resume") }
      #expect(advice.count == 1)
      let before = try onlyRecord(nap)
      #expect(before.status.state == "failed")
      #expect(before.status.reason?.contains("signal 9") == true)
      #expect(before.state?.updates == 20)
      #expect(before.problems(asBeginningOf: whole) == [])
      try world.end(.death)
      let resumed = try nap.resume()
      #expect(resumed.code == 0, "\(resumed.errors)")
      let record = try onlyRecord(nap)
      #expect(record.status == .finished)
      #expect(record.values == whole.values)
      #expect(record.state?.withoutWorld == whole.state?.withoutWorld)
      #expect(partialFiles(nap.runs) == [])
    }
  }

  @Test(.enabled(if: FragileWorld.isInstalled, "the tests' Python has no Gymnasium"))
  func
    `a world that shows what is no number is named with the step, and is no training that diverged`()
    throws
  {
    try withTemporaryFolder { folder in
      let world = try FragileWorld(in: folder)
      try world.begin(.notANumber)
      let nap = world.program("runs")
      let failed = try nap.run(FragileWorld.arguments)
      expectOneSentence(
        (failed.code, failed.errors), code: 3, "Gymnasium/nap_fragile:Fragile-v0",
        "expected finite observations, found NaN at place 0 after step 7 of the episode")
      #expect(!failed.errors.contains("diverged") && !failed.errors.contains("learning rate"))
      #expect(try onlyRecord(nap).status.state == "failed")
    }
  }

  @Test(.enabled(if: FragileWorld.isInstalled, "the tests' Python has no Gymnasium"))
  func `a plan whose runs stopped at faults says so, and the same command ends them`() throws {
    try withTemporaryFolder { folder in
      let world = try FragileWorld(in: folder)
      let nap = world.program("runs")
      let report = folder.appending(path: "report.csv").path
      let compare =
        ["compare"] + FragileWorld.arguments.dropFirst() + [
          "--arms", "plain,nap", "--seeds", "1", "--jobs", "2", "--report", report,
        ]
      try world.begin(.death)
      let failed = try nap.run(compare)
      #expect(failed.code == 3, "\(failed.errors)")
      #expect(failed.errors.contains("2 of 2 runs stopped at a fault"))
      // A plan continues by its own command.
      #expect(!failed.errors.contains("--resume"))
      let sweep =
        ["sweep"] + FragileWorld.arguments.dropFirst() + [
          "--arms", "nap", "--seeds", "1", "--over", "agent.optimizer.learningRate=1e-3",
        ]
      let swept = try nap.run(sweep)
      #expect(swept.code == 3 && swept.errors.contains("1 of 1 runs stopped at a fault"))
      #expect(swept.errors.contains("warning: arm nap: no reference returns are known of"))
      try world.end(.death)
      let again = try nap.run(compare)
      #expect(again.code == 0, "\(again.errors)")
      let runs = try Store.open(at: nap.runs, for: .readOnly).runs()
        .filter { $0.purpose == .comparison }
      #expect(runs.count == 2)
      #expect(runs.allSatisfy { $0.status == .finished && $0.resumptions.count == 1 })
    }
  }

  @Test(.enabled(if: FragileWorld.isInstalled, "the tests' Python has no Gymnasium"))
  func `a world that got another action is refused, for going on and for playing`() throws {
    try withTemporaryFolder { folder in
      let world = try FragileWorld(in: folder)
      let nap = world.program("runs")
      try world.begin(.death)
      #expect(try nap.run(FragileWorld.arguments).code == 3)
      try world.end(.death)
      let before = try onlyRecord(nap)
      try world.begin(.thirdAction)
      let resumed = try nap.resume()
      expectOneSentence(
        (resumed.code, resumed.errors), code: 3,
        "the environments that run \(before.run) was begun with",
        "Fragile-v0.actions: 2 against 3", "install what it was begun with")
      let played = try nap.run("play", before.run.text, "--no-video", "--threads", "1")
      expectOneSentence(
        (played.code, played.errors), code: 3,
        RunRecord.checkpoint(of: before.run, in: nap.runs).path,
        "expected an agent of the installed environments", "Fragile-v0.actions: 2 against 3",
        "install what its run was begun with")
      #expect(try onlyRecord(nap) == before)
      try world.end(.thirdAction)
      // A video of another environment than the run's says so.
      try DatabaseQueue(path: nap.runs.appending(path: Store.fileName).path).inDatabase {
        try $0.execute(
          sql: """
            UPDATE run SET manifest = replace(manifest, '"actions":"2"', '"actions":"9"')
            """)
      }
      let elsewhere = try nap.run(
        "play", before.run.text, "--no-video", "--threads", "1", "--json", "--episodes", "1")
      #expect(elsewhere.code == 0)
      #expect(elsewhere.errors.contains("Fragile-v0.actions: 9 against 2"))
      #expect(elsewhere.output.contains("\"protocol\":{"))
    }
  }

  @Test func `runs of environments that differ stand in one report only where that is asked for`()
    throws
  {
    try withProgram { nap in
      let report = nap.runs.appending(path: "report.csv").path
      let compare =
        ["compare"] + AgentFaultRun.grids(2) + [
          "--arms", "plain,nap", "--seeds", "1", "--jobs", "2", "--report", report,
        ]
      let trained = try nap.run(compare)
      #expect(trained.code == 0, "\(trained.errors)")
      try FileManager.default.removeItem(atPath: report)
      // As when the environment had changed between the two runs.
      try DatabaseQueue(path: nap.runs.appending(path: Store.fileName).path).inDatabase {
        try $0.execute(
          sql: """
            UPDATE run SET manifest = json_set(manifest, '$.groups.Gridworld.actions', '5')
            WHERE arm = 'plain'
            """)
      }
      for command in [compare, ["report", "-o", report]] {
        let refused = try nap.run(command)
        expectOneSentence(
          (refused.code, refused.errors), code: 3, "different protocols",
          "Gridworld.actions: 5 against 4", "--mix-protocols")
        #expect(!FileManager.default.fileExists(atPath: report), "\(command[0])")
        let mixed = try nap.run(command + ["--mix-protocols"])
        #expect(mixed.code == 0, "\(mixed.errors)")
        try FileManager.default.removeItem(atPath: report)
      }
      let runs = try Store.open(at: nap.runs, for: .readOnly).runs()
      #expect(runs.count == 2 && runs.allSatisfy { $0.status == .finished })
    }
  }
}
