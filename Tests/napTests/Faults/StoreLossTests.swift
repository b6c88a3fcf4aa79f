import Foundation
import RunStore
import Testing

/// A store that goes, or goes back, while its runs are there.
@Suite struct StoreLossTests {
  private let arguments = FaultRun.arguments(tasks: 30)

  private func file(_ nap: Program, _ ending: String = "") -> URL {
    nap.runs.appending(path: Store.fileName + ending)
  }

  @Test(arguments: ["", "-wal"])
  func
    `a store that is removed while it is written to ends the run at once, and what it held is kept`(
      ending: String
    ) throws
  {
    let whole = try FaultRun.whole.of(arguments)
    try withProgram { nap in
      let manager = FileManager.default
      let stopped = try nap.started(arguments, andAfter: 3) { _ in
        try manager.removeItem(at: file(nap, ending))
      }
      let rescued = nap.runs.appending(path: Store.rescuedFileName)
      expectOneSentence(
        (stopped.code, stopped.errors), code: 3, file(nap).path, "removed or replaced",
        rescued.path)
      // As the message says: the copy takes the place.
      for ending in ["", "-wal", "-shm"] { try? manager.removeItem(at: file(nap, ending)) }
      try manager.moveItem(at: rescued, to: file(nap))
      #expect(try integrityProblems(nap.runs) == [])
      #expect(try onlyRecord(nap).problems(asBeginningOf: whole) == [])
      let resumed = try nap.resume()
      #expect(resumed.code == 0, "\(resumed.errors)")
      #expect(try onlyRecord(nap).isSame(as: whole))
    }
  }

  @Test func `a store that is removed is missed within seconds, also where nothing is recorded`()
    throws
  {
    try withProgram { nap in
      let long = FaultRun.arguments(tasks: 1, every: 1_000_000_000).map {
        $0.replacingOccurrences(of: "updatesPerTask=8", with: "updatesPerTask=1000000000")
      }
      let stopped = try nap.started(long, andAfter: 0) { process in
        nap.waitUntilRecorded()
        try FileManager.default.removeItem(at: file(nap))
        let deadline = ContinuousClock.now + .seconds(30)
        while process.isRunning, ContinuousClock.now < deadline { usleep(10_000) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
      }
      expectOneSentence((stopped.code, stopped.errors), code: 3, "removed or replaced")
    }
  }

  @Test func `a record that lacks what was there before the checkpoint is told, not continued`()
    throws
  {
    try withProgram { nap in
      // Outside of #expect: a closure within one can be taken for a later one.
      let stopped = try nap.started(arguments, andAfter: 2) { $0.interrupt() }
      #expect(stopped.code == 130, "\(stopped.errors)")
      let run = try onlyRecord(nap).run
      let before = try Data(contentsOf: file(nap))
      // Killed, its last measurements are in the log alone, which is then lost.
      let killed = try nap.started(
        ["train", "--resume", run.text, "--threads", "1"], andAfter: 4
      ) { kill($0.processIdentifier, SIGKILL) }
      #expect(killed.code == SIGKILL, "\(killed.errors)")
      for ending in ["-wal", "-shm"] { try? FileManager.default.removeItem(at: file(nap, ending)) }
      try before.write(to: file(nap))
      let refused = try nap.resume()
      expectOneSentence(
        (refused.code, refused.errors), code: 3, file(nap).path, "are missing", "-wal",
        "--accept-gap", run.text)
      let resumed = try nap.run("train", "--resume", run.text, "--threads", "1", "--accept-gap")
      #expect(resumed.code == 0, "\(resumed.errors)")
      #expect(try onlyRecord(nap).status == .finished)
    }
  }
}
