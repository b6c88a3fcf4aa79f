import Foundation
import RunStore
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ActorProgramTests {
  static let arguments =
    AgentFaultRun.arguments() + ["--set", "actors.count=2", "--set", "actors.refreshEveryRounds=5"]

  @Test func `two runs of a seed have the same bytes, and a signal to all of them saves`() throws {
    let whole = try FaultRun.whole.of(Self.arguments)
    #expect(whole.status == .finished)
    try withProgram { nap in
      // As Ctrl-C of a terminal: actors get it, too.
      let stopped = try nap.started(Self.arguments, andAfter: 2) {
        #expect(kill(-$0.processIdentifier, SIGINT) == 0)
      }
      #expect(stopped.code == 130, "\(stopped.errors)")
      let record = try onlyRecord(nap)
      #expect(record.status == .interrupted)
      #expect(record.problems(asBeginningOf: whole) == [])
      #expect(try nap.resume().code == 0)
      #expect(try onlyRecord(nap).isSame(as: whole))
    }
  }

  @Test func `an actor that is killed fails the run, which goes on from its checkpoint`() throws {
    let whole = try FaultRun.whole.of(Self.arguments)
    try withProgram { nap in
      let stopped = try nap.started(Self.arguments, andAfter: 2) {
        let actors = try Self.children(of: $0.processIdentifier)
        #expect(actors.count == 2)
        for actor in actors.suffix(1) { kill(actor, SIGKILL) }
      }
      expectOneSentence(
        (stopped.code, stopped.errors), code: 3, "actor 1 (of 2, process ",
        "its process ended with signal 9")
      #expect(stopped.errors.contains("nap train --resume"))
      #expect(try onlyRecord(nap).problems(asBeginningOf: whole) == [])
      #expect(try nap.resume().code == 0)
      #expect(try onlyRecord(nap).isSame(as: whole))
    }
  }

  @Test func `actors end with a learner that is killed`() throws {
    try withProgram { nap in
      var actors: [Int32] = []
      _ = try nap.started(Self.arguments, andAfter: 1) {
        actors = try Self.children(of: $0.processIdentifier)
        kill($0.processIdentifier, SIGKILL)
      }
      #expect(actors.count == 2)
      let deadline = ContinuousClock.now + .seconds(10)
      while actors.contains(where: { kill($0, 0) == 0 }), ContinuousClock.now < deadline {
        usleep(20_000)
      }
      #expect(actors.allSatisfy { kill($0, 0) != 0 })
    }
  }

  @Test(arguments: [
    (["actors.count=33"], "actors.count: expected 0 to 32"),
    (["actors.count=5", "actors.refreshEveryRounds=2"], "actors.count: expected 0 to 4"),
    (["actors.count=2", "agent=ppo"], "actors.count: expected 0 with agent=ppo"),
    (["actors.count=1", "agent.overlapsLearning=true"], "agent.overlapsLearning: expected false"),
    (["actors.count=1", "actors.timeout=0"], "actors.timeout must be a finite number above 0"),
    (["actors.refreshEveryRounds=0"], "actors.refreshEveryRounds must be at least 1"),
  ])
  func `settings that cannot work are refused before anything is recorded`(
    settings: [String], words: String
  ) throws {
    try withProgram { nap in
      let result = try nap.run(
        ["train", "control", "--preset", "cartpole", "--arm", "nap"]
          + settings.flatMap { ["--set", $0] })
      expectOneSentence((result.code, result.errors), code: 2, words)
      #expect(try Store.open(at: nap.runs).runs().isEmpty)
    }
  }

  @Test func `the actors' verb is not for people`() throws {
    try withProgram { nap in
      let result = try nap.run("act")
      expectOneSentence((result.code, result.errors), code: 2, "set actors.count of nap train")
      #expect(try !nap.run("--help").output.contains(" act "))
    }
  }

  /// The processes that a process started, in order.
  private static func children(of process: Int32) throws -> [Int32] {
    let text = try String(
      contentsOfFile: "/proc/\(process)/task/\(process)/children", encoding: .utf8)
    return text.split(separator: " ").compactMap { Int32($0) }.sorted()
  }
}
