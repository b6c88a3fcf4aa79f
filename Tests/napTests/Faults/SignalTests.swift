import Foundation
import RunStore
import Testing

@Suite struct SignalTests {
  private let arguments = FaultRun.arguments(tasks: 30)

  private func whole() throws -> RunRecord { try FaultRun.whole.of(arguments) }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU])
  func `a signal saves, exits 130, and the run goes on to the same bytes`(signal: Int32) throws {
    let whole = try whole()
    try withProgram { nap in
      let stopped = try nap.started(arguments, andAfter: 3) {
        kill($0.processIdentifier, signal)
      }
      #expect(stopped.code == 130, "\(stopped.errors)")
      let record = try onlyRecord(nap)
      #expect(stopped.errors.contains("nap train --resume \(record.run)"))
      #expect(record.status == .interrupted)
      #expect(record.problems(asBeginningOf: whole) == [])
      // Saved at the very update: nothing was recorded after it.
      #expect(record.values.allSatisfy { $0.updates <= record.state?.updates ?? 0 })
      #expect(try nap.resume().code == 0)
      #expect(try onlyRecord(nap).isSame(as: whole))
    }
  }

  @Test func `under nohup a terminal that closes does not stop the run`() throws {
    try withProgram { nap in
      var nap = nap
      nap.launcher = ["/usr/bin/nohup"]
      let finished = try nap.started(arguments, andAfter: 3) { kill($0.processIdentifier, SIGHUP) }
      #expect(finished.code == 0, "\(finished.errors)")
      #expect(try onlyRecord(nap).status == .finished)
    }
  }

  @Test(arguments: [SIGTERM, SIGHUP])
  func `a signal that whoever starts the program has blocked is heard all the same`(signal: Int32)
    throws
  {
    try withProgram { nap in
      var nap = nap
      nap.launcher = ["/usr/bin/env", "--block-signal=TERM,HUP"]
      let stopped = try nap.started(arguments, andAfter: 3) {
        kill($0.processIdentifier, signal)
      }
      #expect(stopped.code == 130, "\(stopped.errors)")
      #expect(try onlyRecord(nap).status == .interrupted)
    }
  }

  @Test func `signals that keep coming while the run saves do not cut the saving short`() throws {
    let whole = try whole()
    try withProgram { nap in
      let stopped = try nap.started(arguments, andAfter: 3) { process in
        for index in 0..<400 where process.isRunning {
          kill(process.processIdentifier, index.isMultiple(of: 2) ? SIGINT : SIGTERM)
          usleep(500)
        }
      }
      #expect(stopped.code == 130, "\(stopped.errors)")
      #expect(try integrityProblems(nap.runs) == [])
      #expect(partialFiles(nap.runs) == [])
      let record = try onlyRecord(nap)
      #expect(record.status == .interrupted)
      #expect(record.problems(asBeginningOf: whole) == [])
      #expect(try nap.resume().code == 0)
      #expect(try onlyRecord(nap).isSame(as: whole))
    }
  }

  @Test func `a run that is under way cannot be taken up by another process`() throws {
    try withProgram { nap in
      let stopped = try nap.started(arguments, andAfter: 2) { process in
        // Held still meanwhile, so that it cannot finish before it is asked for.
        kill(process.processIdentifier, SIGSTOP)
        defer { kill(process.processIdentifier, SIGCONT) }
        let run = try onlyRecord(nap).run
        let second = try nap.run("train", "--resume", run.text)
        expectOneSentence(
          (second.code, second.errors), code: 3, run.text, "is running, expected stopped",
          "\(process.processIdentifier)")
        process.interrupt()
      }
      #expect(stopped.code == 130, "\(stopped.errors)")
      #expect(try nap.resume().code == 0)
      let again = try nap.resume()
      expectOneSentence((again.code, again.errors), code: 2, "has finished")
    }
  }

  @Test func `a comparison whose own process is killed loses nothing and goes on`() throws {
    try withProgram { nap in
      let compare =
        [
          "compare", "random-labels", "--arms", "norm,nap", "--seeds", "1", "--jobs", "2",
          "--report", nap.runs.appending(path: "report.csv").path,
        ] + FaultRun.arguments(tasks: 80).dropFirst(4)
      let (process, output, errors) = try nap.start(compare)
      let readers = [Reader(output), Reader(errors)]
      func checkpoints() -> Int {
        let files = FileManager.default.enumerator(atPath: nap.runs.path)
        return files?.count { "\($0)".hasSuffix("checkpoint.safetensors") } ?? 0
      }
      let deadline = ContinuousClock.now + .seconds(60)
      while checkpoints() < 2, ContinuousClock.now < deadline { usleep(5_000) }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      _ = readers.map { $0.finish() }
      // The runs notice that nobody waits for them any more, save and stop.
      let store = try Store.open(at: nap.runs)
      while try store.runs().contains(where: { $0.status == .running }),
        ContinuousClock.now < deadline
      { usleep(20_000) }
      #expect(try store.runs().map(\.status) == [.interrupted, .interrupted])
      let result = try nap.run(compare)
      #expect(result.code == 0, "\(result.errors)")
      #expect(try store.runs().map(\.status) == [.finished, .finished])
      #expect(try integrityProblems(nap.runs) == [])
    }
  }
}
