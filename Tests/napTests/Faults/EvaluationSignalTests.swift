import Foundation
import RunStore
import TestSupport
import Testing

/// Signals while something takes long that is no update.
@Suite struct EvaluationSignalTests {
  /// One evaluation of seconds, at round 16 of 20; a checkpoint at the same round.
  private let arguments =
    [
      "train", "control", "--preset", "cartpole", "--set", "environments.framesPerVisit=40",
      "--set", "agent.network.torsoWidths=16", "--set", "recording.evaluateEveryRounds=16",
      "--set", "recording.evaluationEpisodes=1500", "--set", "recording.checkpointEveryRounds=16",
    ] + AgentFaultRun.agent

  @Test(arguments: [SIGTERM, SIGKILL])
  func `a run that is stopped in an evaluation has saved before it, and takes it up again`(
    signal: Int32
  ) throws {
    let whole = try FaultRun.whole.of(arguments)
    try withProgram { nap in
      var asked = ContinuousClock.now
      let stopped = try nap.started(arguments, andAfter: 0) { process in
        // The checkpoint is there, and seconds of evaluation still to come.
        let deadline = ContinuousClock.now + .seconds(60)
        while try RunRecord(nap.runs)?.state == nil, ContinuousClock.now < deadline {
          usleep(2_000)
        }
        #expect(process.isRunning)
        asked = .now
        kill(process.processIdentifier, signal)
      }
      #expect(stopped.code == (signal == SIGTERM ? 130 : SIGKILL), "\(stopped.errors)")
      #expect(ContinuousClock.now - asked < .seconds(10))
      let record = try onlyRecord(nap)
      #expect(record.state?.updates == 16)
      let evaluated = Metric.evaluationReturn.name
      #expect(!record.values.contains { $0.metric == evaluated }, "it was in the evaluation")
      #expect(record.problems(asBeginningOf: whole) == [])
      let resumed = try nap.resume()
      #expect(resumed.code == 0, "\(resumed.errors)")
      #expect(try onlyRecord(nap).isSame(as: whole))
      #expect(try onlyRecord(nap).values.contains { $0.metric == evaluated })
    }
  }

  @Test func `a round that takes long is given up, and the run goes on from its checkpoint`() throws
  {
    try withProgram { nap in
      let stopped = try nap.started(
        [
          "train", "control", "--preset", "cartpole", "--set",
          "environments.framesPerVisit=100000000",
          "--set", "agent.learnPeriod=1000000", "--set", "agent.network.torsoWidths=16",
        ] + AgentFaultRun.agent, andAfter: 0
      ) { process in
        nap.waitUntilRecorded()
        usleep(1_000_000)
        process.terminate(within: 30)
      }
      #expect(stopped.code == 130, "\(stopped.errors)")
      #expect(stopped.errors.contains("abandoned"), "\(stopped.errors)")
      #expect(try onlyRecord(nap).status == .interrupted)
    }
  }

  @Test func `measuring that is stopped shows what it has`() throws {
    try withProgram { nap in
      #expect(try nap.run(FaultRun.arguments(tasks: 3)).code == 0)
      let url = RunRecord.checkpoint(of: try onlyRecord(nap).run, in: nap.runs).path
      let (process, output, errors) = try nap.start(
        [
          "measure", url, url, "--diagnostics", "dead-units", "--steps", "1000000", "--threads",
          "1",
        ])
      let readers = [Reader(output), Reader(errors)]
      usleep(1_500_000)
      process.terminate(within: 30)
      process.waitUntilExit()
      let texts = readers.map { $0.finish() }
      #expect(process.terminationReason == .exit && process.terminationStatus == 130)
      #expect(texts[1].contains("0 of 2 checkpoints were measured"), "\(texts)")
    }
  }

  @Test func `playing that is stopped ends at once`() throws {
    try withProgram { nap in
      let trained = try nap.run(AgentFaultRun.arguments())
      #expect(trained.code == 0, "\(trained.errors)")
      let run = try onlyRecord(nap).run.text
      let (process, output, errors) = try nap.start(
        ["play", run, "--no-video", "--episodes", "1000000", "--frames", "1000000000"])
      let readers = [Reader(output), Reader(errors)]
      usleep(2_500_000)
      let asked = ContinuousClock.now
      process.terminate(within: 30)
      process.waitUntilExit()
      let texts = readers.map { $0.finish() }
      #expect(process.terminationReason == .exit && process.terminationStatus == 130, "\(texts)")
      #expect(ContinuousClock.now - asked < .seconds(10) && texts[1].contains("interrupted"))
    }
  }

  @Test(.enabled(if: FragileWorld.isInstalled, "the tests' Python has no Gymnasium"))
  func `an environment that does not answer is not waited for once an end is asked for`() throws {
    try withTemporaryFolder { folder in
      let world = try FragileWorld(in: folder)
      try world.begin(.silence)
      let nap = world.program("runs")
      var asked = ContinuousClock.now
      let stopped = try nap.started(FragileWorld.arguments, andAfter: 0) { process in
        nap.waitUntilRecorded()
        usleep(500_000)
        asked = .now
        process.terminate(within: 30)
      }
      #expect(stopped.code == 130, "\(stopped.errors)")
      #expect(ContinuousClock.now - asked < .seconds(20))
      #expect(try onlyRecord(nap).status == .interrupted)
    }
  }

  @Test func `a pipe where a file should be is refused and not waited for`() throws {
    try withProgram { nap in
      let place = nap.runs.appending(path: Store.fileName)
      #expect(mkfifo(place.path, 0o600) == 0)
      let store = try nap.runInTime(["runs"], seconds: 20)
      #expect(store.code == 3 && store.errors.contains("it is no file"), "\(store.errors)")
      try FileManager.default.removeItem(at: place)
      let folder = nap.runs.appending(path: "data/cifar-10-batches-bin")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      for number in 1...5 {
        #expect(mkfifo(folder.appending(path: "data_batch_\(number).bin").path, 0o600) == 0)
      }
      let pipe = nap.runs.appending(path: "pipe.safetensors").path
      #expect(mkfifo(pipe, 0o600) == 0)
      var program = nap
      program.environment["NAP_DATA"] = nap.runs.appending(path: "data").path
      for arguments in [
        ["train", "random-labels", "--threads", "1"], ["inspect", pipe], ["audit", pipe],
        ["measure", pipe], ["play", pipe, "--no-video"],
      ] {
        let result = try program.runInTime(arguments, seconds: 20)
        #expect(result.code == 3 && result.signal == nil, "\(arguments): \(result.errors)")
        #expect(result.errors.contains("file"), "\(arguments): \(result.errors)")
      }
    }
  }
}
