import Foundation
import RunStore
import TestSupport
import Testing
import Torch
import Training

@testable import Experiments

/// Evaluations come after the checkpoint of the same update, can be stopped, and are then owed.
@Suite struct EvaluationTests {
  private func isStopping<Result>(_ body: () throws -> Result) rethrows -> Result {
    try StopRequest.answering({ true }) { try body() }
  }

  /// Checks the law for one run that owes an evaluation at its `updates`.
  private func check<Run: TrainingRun>(
    _ fresh: () throws -> Run, folder: URL, until updates: Int
  ) throws {
    var whole = try fresh()
    while whole.updates < updates - 1 { _ = try whole.next() }
    let expected = try #require(try whole.next())

    var run = try fresh()
    try run.open(in: folder)
    while run.updates < updates - 1 { _ = try run.next() }
    let stepped = try #require(try run.step())
    #expect(run.owesEvaluation)
    #expect(throws: StopRequest.Stopped.self) { try isStopping { _ = try run.evaluate() } }
    #expect(run.owesEvaluation, "it is still owed")

    let snapshot = try run.snapshot(in: folder)
    #expect(snapshot.owesEvaluation)
    var resumed = try fresh()
    try resumed.restore(snapshot)
    let owed = try #require(try resumed.next())
    #expect(owed.updates == updates && resumed.updates == updates, "nothing is trained")
    #expect(try !resumed.owesEvaluation && !resumed.snapshot().owesEvaluation)
    #expect(
      Set(stepped.measurements + owed.measurements) == Set(expected.measurements),
      "the parts are the whole")
    #expect(!owed.measurements.isEmpty)
    // What follows is what follows without a stop.
    for _ in 0..<3 {
      let (left, right) = (try whole.next(), try resumed.next())
      #expect(left?.measurements == right?.measurements && left?.updates == right?.updates)
    }
  }

  @Test(arguments: ["nap", "fresh"])
  func `a task's evaluation is apart from its last update`(arm: String) throws {
    try withTemporaryFolder { folder in
      var configuration = Small.configuration(try Arm(arm))
      configuration.recording.evaluateEveryUpdates = 6
      for updates in [6, 24] {
        try check(
          { try RandomLabels.start(configuration, seed: 2, device: .cpu) }, folder: folder,
          until: updates)
      }
    }
  }

  @Test func `an agent's evaluation is apart from its round`() throws {
    try withTemporaryFolder { folder in
      var configuration = try AgentTrainingTests.tiny()
      configuration.recording.evaluateEveryRounds = 30
      configuration.recording.evaluationEpisodes = 3
      try check(
        { try AgentTraining(configuration, seed: 3, device: .cpu) }, folder: folder, until: 60)
    }
  }

  @Test func `a session saves before it evaluates, and records the evaluation after a stop`() throws
  {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      var configuration = Small.configuration()
      configuration.recording.checkpointEveryTasks = 1
      var session = try TrainingSession<RandomLabels>(
        .init(preset: "p", arm: "nap", configuration: configuration, seed: 0, device: .cpu),
        store: store)
      for _ in 0..<11 { _ = try session.next() }
      let event = try isStopping { try session.next() }
      #expect(event?.updates == 12)
      let saved = try Checkpoint(reading: session.checkpointURL)
      #expect(saved.identity.updates == 12 && saved.snapshot.owesEvaluation)
      #expect(try store.lastPoint(SeriesKey(.taskEndLoss), of: session.run) == nil)
      #expect(try session.interrupt() == .interrupted)

      var again = try TrainingSession<RandomLabels>(
        resuming: try store.run(session.run), device: .cpu, store: store)
      let owed = try again.next()
      #expect(owed?.updates == 12)
      _ = try again.interrupt()
      #expect(try store.lastPoint(SeriesKey(.taskEndLoss), of: again.run)?.updates == 12)
      #expect(try !Checkpoint(reading: again.checkpointURL).snapshot.owesEvaluation)
    }
  }
}
