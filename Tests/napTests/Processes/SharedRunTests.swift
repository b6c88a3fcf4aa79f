import Experiments
import Foundation
import RunStore
import Testing
import Torch

/// Several processes that train one run.
@Suite(.timeLimit(.minutes(3))) struct SharedRunTests {
  /// In float64, so that another order of sums is far below what is compared.
  private let exact = FaultRun.arguments(tasks: 4) + ["--set", "network.dtype=float64"]

  private func isClose(_ one: [RunRecord.Value], _ other: [RunRecord.Value]) -> Bool {
    guard one.count == other.count else { return false }
    return zip(one, other).allSatisfy { one, other in
      let (left, right) = (Double(bitPattern: one.bits), Double(bitPattern: other.bits))
      return one.metric == other.metric && one.scope == other.scope
        && one.updates == other.updates
        && abs(left - right) <= 1e-6 * max(1, abs(left))
    }
  }

  @Test func `two processes record what one records, as one run`() throws {
    let whole = try FaultRun.whole.of(exact)
    for arguments in [exact, exact + ["--shard-optimizer"]] {
      try withProgram { nap in
        let result = try nap.run(Program.shared(2, arguments))
        #expect(result.code == 0, "\(result.errors)")
        let record = try onlyRecord(nap)
        #expect(record.status == .finished && isClose(whole.values, record.values))
        #expect(record.state?.names == whole.state?.names)
        #expect(try nap.run("runs").output.contains("2 processes"))
        #expect(try nap.run("runs", "show", record.run.text).output.contains("2 processes"))
      }
    }
  }

  @Test(arguments: [0, 1])
  func `a signal to any rank stops all, saves, and the run goes on in another number`(rank: Int)
    throws
  {
    let arguments = exact.map { $0 == "tasks=4" ? "tasks=60" : $0 }
    let whole = try FaultRun.whole.of(arguments)
    try withProgram { nap in
      let stopped = try nap.started(Program.shared(2, arguments), andAfter: 3) {
        kill(try Program.rank(rank, of: $0), SIGTERM)
      }
      #expect(stopped.code == 130, "\(stopped.errors)")
      var record = try onlyRecord(nap)
      #expect(record.status == .interrupted)
      let resumption = ["train", "--resume", record.run.text, "--threads", "1"]
      let again = try nap.started(Program.shared(3, resumption), andAfter: 2) {
        kill($0.processIdentifier, SIGINT)
      }
      #expect(
        again.code == 130 && again.errors.contains("continues in 3 processes"), "\(again.errors)")
      #expect(try nap.resume().code == 0)
      record = try onlyRecord(nap)
      #expect(record.status == .finished && isClose(whole.values, record.values))
    }
  }

  @Test func `a rank that is killed is named, and the run goes on from its checkpoint`() throws {
    let arguments = FaultRun.arguments(tasks: 60)
    try withProgram { nap in
      let stopped = try nap.started(Program.shared(2, restarts: 1, arguments), andAfter: 3) {
        kill(try Program.rank(1, of: $0), SIGKILL)
      }
      #expect(stopped.code == 0, "\(stopped.errors)")
      #expect(stopped.errors.contains("rank 1 stopped: its process was ended by signal 9"))
      #expect(try onlyRecord(nap).status == .finished)
    }
    // Without a launcher that sees it, and at rank 0, which keeps the store and writes.
    try withProgram { nap in
      let port = try nap.freePort()
      let train = FaultRun.arguments(tasks: 4_000) + ["--timeout", "3"]
      let first = try nap.startRank(0, of: 2, port: port, train)
      let second = try nap.startRank(1, of: 2, port: port, train)
      nap.waitUntilRecorded()
      usleep(500_000)
      let reader = Reader(second.errors)
      kill(first.process.processIdentifier, SIGKILL)
      let killed = ContinuousClock.now
      second.process.waitUntilExit()
      #expect(second.process.terminationStatus == 3)
      #expect(ContinuousClock.now - killed < .seconds(20))
      #expect(reader.finish().contains("rank 0"))
    }
  }

  @Test func `a rank that hangs is named within the timeout`() throws {
    try withProgram { nap in
      let train = FaultRun.arguments(tasks: 4_000) + ["--timeout", "2"]
      let stopped = try nap.started(Program.shared(2, train), andAfter: 3) {
        kill(try Program.rank(1, of: $0), SIGSTOP)
      }
      #expect(stopped.code == 3)
      #expect(stopped.errors.contains("rank 1 died or was cut off"), "\(stopped.errors)")
      let record = try onlyRecord(nap)
      #expect(record.state != nil)
      #expect(stopped.errors.contains("nap train --resume \(record.run)"))
    }
  }

  @Test func `ranks that were started otherwise are told apart in bounded time`() throws {
    try withProgram { nap in
      let train = FaultRun.arguments() + ["--timeout", "5"]
      let other = try nap.ranks([train, train + ["--seed", "1"]])
      #expect(other.map(\.code) == [3, 3])
      #expect(other[1].errors.contains("another command than rank 0"), "\(other[1].errors)")
      #expect(other[0].errors.contains("rank 1 stopped"), "\(other[0].errors)")
      let missing = try nap.ranks([FaultRun.arguments() + ["--timeout", "1"]], size: 2)
      #expect(
        missing[0].code == 3 && missing[0].errors.contains("rank 1 of 2 processes did not come"))
      #expect(try Store.open(at: nap.runs).runs().isEmpty)
    }
  }

  @Test func `what rank 0 cannot do, the others hear of`() throws {
    try withProgram { nap in
      #expect(try nap.run(exact).code == 0)
      let run = try onlyRecord(nap).run.text
      let result = try nap.run(Program.shared(2, ["train", "--resume", run, "--threads", "1"]))
      #expect(result.code == 3)
      #expect(result.errors.contains("rank 0 stopped: "), "\(result.errors)")
      #expect(result.errors.contains("is finished"))
    }
  }

  @Test(arguments: [
    (["launch", "--processes", "0", "--", "train", "language"], "--processes 0"),
    (["launch", "--processes", "2", "--", "compare", "language"], "expected -- train"),
    (["launch", "--processes", "2", "--restarts", "-1", "--", "train", "language"], "--restarts"),
  ])
  func `options that cannot be are refused`(arguments: [String], word: String) throws {
    try withProgram { nap in
      let result = try nap.run(arguments)
      #expect(result.code == 2 && result.errors.contains(word), "\(result.errors)")
    }
  }

  @Test func `recipes that cannot be shared out say so`() throws {
    try withProgram { nap in
      let train = ["train", "control", "--preset", "cartpole", "--arm", "nap", "--threads", "1"]
      let found = try nap.ranks([train, train])
      #expect(found.allSatisfy { $0.code == 2 && $0.errors.contains("trains in one process") })
    }
  }
}
