import Experiments
import Foundation
import RunStore
import Testing

/// Runs on a disk that takes no more: a small file system of the test's own where it may make one, and
/// everywhere a limit on the size of a file, which fails writes in the same way.
@Suite(.serialized) struct FullDiskTests {
  private let arguments = FaultRun.arguments(tasks: 20, hidden: "128,128", every: 1)

  /// The record of the run that nothing disturbed.
  private func whole() throws -> RunRecord {
    try FaultRun.whole.of(arguments)
  }

  /// A run in `nap` that was interrupted after some tasks.
  private func stopped(_ nap: Program) throws -> RunRecord {
    let stopped = try nap.started(arguments, andAfter: 3) { $0.interrupt() }
    #expect(stopped.code == 130, "\(stopped.errors)")
    return try onlyRecord(nap)
  }

  /// What holds after the disk refused: the state before is there and sound.
  private func expectNothingLost(_ nap: Program, since before: RunRecord, _ whole: RunRecord) throws
  {
    #expect(try integrityProblems(nap.runs) == [])
    let record = try onlyRecord(nap)
    let (saved, savedBefore) = (record.state?.updates ?? 0, before.state?.updates ?? 0)
    #expect(saved >= savedBefore)
    if saved == savedBefore { #expect(record.state == before.state) }
    #expect(record.problems(asBeginningOf: whole) == [])
    #expect(partialFiles(nap.runs) == [])
  }

  @Test(arguments: [256, 700])
  func `a limit on the size of files fails the write, and the run goes on without it`(
    kibibytes: Int
  ) throws {
    // The checkpoint takes some 480 KiB, the log of the store passes 700 KiB later.
    let whole = try whole()
    try withProgram { nap in
      let before = try stopped(nap)
      var limited = nap
      limited.launcher = ["/bin/bash", "-c", "ulimit -f \(kibibytes); exec \"$0\" \"$@\""]
      let failed = try limited.resume()
      expectOneSentence(
        (failed.code, failed.errors), code: 3, kibibytes == 256 ? "checkpoint" : "store.sqlite",
        kibibytes == 256 ? "free some space" : "has room")
      try expectNothingLost(nap, since: before, whole)
      let resumed = try nap.resume()
      #expect(resumed.code == 0, "\(resumed.errors)")
      #expect(try onlyRecord(nap).isSame(as: whole))
    }
  }

  @Test(.enabled(if: SmallDisk.isPossible, "no right to mount a file system here"))
  func `a disk with no room for the checkpoint fails, and the run goes on once there is`() throws {
    let whole = try whole()
    try withSmallDisk(megabytes: 16) { disk in
      let nap = Program(runs: disk.folder.appending(path: "runs"))
      let before = try stopped(nap)
      // Room for the store's transactions, not for another checkpoint beside the old one.
      try disk.fill(leaving: 400_000)
      let failed = try nap.resume()
      expectOneSentence(
        (failed.code, failed.errors), code: 3, "checkpoint.safetensors", "No space left",
        "free some space")
      #expect(try onlyRecord(nap).status.state == "failed")
      try expectNothingLost(nap, since: before, whole)
      try disk.free()
      #expect(try nap.resume().code == 0)
      #expect(try onlyRecord(nap).isSame(as: whole))
    }
  }

  @Test(.enabled(if: SmallDisk.isPossible, "no right to mount a file system here"))
  func `a disk with no room at all fails the store, and the run goes on once there is`() throws {
    let whole = try whole()
    try withSmallDisk(megabytes: 16) { disk in
      let nap = Program(runs: disk.folder.appending(path: "runs"))
      let before = try stopped(nap)
      try disk.fill(leaving: 0)
      for failed in [try nap.resume(before.run), try nap.run(arguments)] {
        expectOneSentence((failed.code, failed.errors), code: 3, "store.sqlite", "has room")
      }
      let list = try nap.run("runs")
      #expect(list.code == 0 && list.output.contains("interrupted"), "\(list.errors)")
      try disk.free()
      try expectNothingLost(nap, since: before, whole)
      #expect(try nap.resume().code == 0)
      #expect(try onlyRecord(nap).isSame(as: whole))
    }
  }

  @Test(.enabled(if: SmallDisk.isPossible, "no right to mount a file system here"))
  func `a disk that fills up while the run records fails, and the run goes on`() throws {
    let whole = try whole()
    try withSmallDisk(megabytes: 16) { disk in
      let nap = Program(runs: disk.folder.appending(path: "runs"))
      let before = try stopped(nap)
      // Room for the new checkpoint beside the old one and for a few transactions of the log.
      try disk.fill(leaving: 900_000)
      let failed = try nap.resume(before.run)
      expectOneSentence((failed.code, failed.errors), code: 3, disk.folder.path, "space")
      try disk.free()
      try expectNothingLost(nap, since: before, whole)
      #expect(try nap.resume().code == 0)
      #expect(try onlyRecord(nap).isSame(as: whole))
    }
  }

  @Test(.enabled(if: SmallDisk.isPossible, "no right to mount a file system here"))
  func `a disk that is read-only is named, and reading goes on`() throws {
    try withSmallDisk(megabytes: 16) { disk in
      let nap = Program(runs: disk.folder.appending(path: "runs"))
      let before = try stopped(nap)
      try disk.remount("ro")
      for arguments in [arguments, ["train", "--resume", before.run.text]] {
        let failed = try nap.run(arguments)
        expectOneSentence((failed.code, failed.errors), code: 3, nap.runs.path, "NAP_RUNS=")
      }
      let list = try nap.run("runs")
      #expect(list.code == 0 && list.output.contains("interrupted"), "\(list.errors)")
      let audit = try nap.run(
        "audit", RunRecord.checkpoint(of: before.run, in: nap.runs).path)
      #expect(audit.code == 0, "\(audit.errors)")
      try disk.remount("rw")
      #expect(try onlyRecord(nap) == before)
      #expect(try nap.resume().code == 0)
    }
  }
}
