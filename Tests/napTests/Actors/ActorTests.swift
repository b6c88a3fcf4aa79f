import Environments
import Foundation
import Networks
import Reinforcement
import Synchronization
import TensorTestSupport
import TestSupport
import Testing
import Torch
import Training

@testable import Experiments

@Suite("Actors in processes of their own", .serialized, .timeLimit(.minutes(5)))
struct ActorTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var actors: Int
    var refresh: Int
    var arm = "nap"
    var change: @Sendable (inout AgentRunConfiguration) -> Void = { _ in }
  }

  static let cases = [
    Case(testDescription: "one actor", actors: 1, refresh: 1),
    Case(testDescription: "two actors", actors: 2, refresh: 4),
    Case(testDescription: "three actors, new agents", actors: 3, refresh: 7, arm: "fresh"),
    Case(
      testDescription: "two actors that explore", actors: 2, refresh: 3, arm: "plain",
      change: {
        var agent = ValueAgentConfiguration.dqn
        agent.network.torso = .mlp
        agent.network.torsoWidths = [16]
        agent.network.hiddenWidth = 16
        agent.exploration = ExplorationSchedule(final: 0.1, start: 10, decay: 200)
        agent.exploration?.restartsAtTask = true
        agent.learningStarts = $0.agent.learningStarts
        agent.learnPeriod = 2
        agent.targetPeriod = 20
        agent.replay.capacity = 200
        $0.agent = agent
        $0.boundary.clearsReplay = true
      }),
  ]

  @Test(
    "They play, and the learner learns, what one process would in the order that is documented",
    arguments: cases)
  func order(_ example: Case) throws {
    let configuration = try ActorRun.configuration(
      actors: example.actors, refresh: example.refresh, arm: example.arm, example.change)
    let training = try ActorRun.trained(configuration)
    let expected = try ActorRun.numbers(ActorRun.inOneProcess(configuration))
    let found = try ActorRun.numbers(training.agent)
    for (name, bytes) in expected { #expect(found[name] == bytes, "\(name)") }
    #expect(found.count == expected.count && training.agent.position.update > 20)
  }

  @Test("One actor with weights of every round plays as acting beside learning does")
  func overlapping() throws {
    // Those copy the target and give priorities one update earlier.
    let configuration = try ActorRun.configuration(actors: 1, refresh: 1) {
      $0.agent.replay.sampling = .uniform
      $0.agent.targetPeriod = 10_000
      $0.environments.framesPerVisit = 120
      $0.environments.names = [.gridworld]
    }
    var own = configuration
    own.actors.count = 0
    own.agent.overlapsLearning = true
    func states(_ training: AgentTraining) throws -> [UInt8]? {
      try ActorRun.numbers(training.agent)["states"]
    }
    let beside = try ActorRun.trained(own)
    #expect(beside.agent.position.update > 30)
    #expect(try states(ActorRun.trained(configuration)) == states(beside))
  }

  @Test(
    "Run, stop, save, resume: the same tensors, byte for byte, as without a stop",
    arguments: ["nap", "fresh"])
  func resume(arm: String) throws {
    let configuration = try ActorRun.configuration(actors: 2, arm: arm)
    try withTemporaryFolder { folder in
      let whole = try ActorRun.trained(configuration)
      var first = try ActorRun.training(configuration)
      // In a period, at its end, at a visit's end, and at once after a resume.
      for stop in [30, 32, 61, 61, 101] {
        while first.updates < stop { _ = try first.next() }
        var saved = try first.snapshot().copied()
        try saved.write(first.largeState, in: folder)
        for large in first.largeState { try large.commit(in: folder) }
        var next = try ActorRun.training(configuration)
        try next.restore(saved)
        first = next
      }
      while try first.next() != nil {}
      let (left, right) = (try whole.snapshot(), try first.snapshot())
      expectSame(left, right, except: ["replay"])
      // Another number of actors, and none, cannot go on.
      for (count, words) in [(3, "the state of 2 actors"), (0, "a run of actors")] {
        var other = try ActorRun.training(ActorRun.configuration(actors: count, arm: arm))
        #expect { try other.restore(left) } throws: { "\($0)".contains(words) }
      }
    }
  }

  @Test("An actor that dies or hangs is named in bounded time", arguments: [SIGKILL, SIGSTOP])
  func lost(signal: Int32) throws {
    var training = try ActorRun.training(
      ActorRun.configuration(actors: 2) { $0.actors.timeout = 6 })
    for _ in 0..<10 { _ = try training.next() }
    let process = try #require(training.actors?.processIdentifiers.last)
    kill(process, signal)
    let begun = ContinuousClock.now
    #expect {
      while try training.next() != nil {}
    } throws: { error in
      let words = "\(error)"
      return error is ActorError && words.hasPrefix("actor 1 (of 2, process \(process)): ")
        && words.contains(
          signal == SIGKILL ? "ended with signal 9" : "did not answer within 6.0 s")
    }
    #expect(ContinuousClock.now - begun < .seconds(25))
  }

  @Test("An actor that cannot start is named")
  func missing() throws {
    var training = try ActorRun.training(ActorRun.configuration(actors: 2))
    ActorProcesses.program.withLock { $0 = URL(filePath: "/nowhere/nap") }
    #expect { _ = try training.next() } throws: {
      "\($0)".hasPrefix("actor 0 (of 2): it could not be started: ")
    }
  }
}
