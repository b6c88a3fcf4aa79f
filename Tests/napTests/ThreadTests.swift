import Foundation
import RunStore
import TestSupport
import Testing

/// How many threads a run has: what chooses them, and that it keeps them.
@Suite struct ThreadTests {
  private func arguments(threads: String) -> [String] {
    FaultRun.arguments(tasks: 30).map { $0 == "1" ? threads : $0 }
  }

  /// The command that a message ends with, without the program's name.
  private func printedCommand(_ errors: String) throws -> [String] {
    let line = try #require(
      errors.split(separator: "\n").last { $0.contains("nap train --resume") })
    let words = line[try #require(line.range(of: "nap train --resume")).lowerBound...]
    return words.split(separator: " ").dropFirst().map {
      $0.trimmingCharacters(in: CharacterSet(charactersIn: "'"))
    }
  }

  @Test(arguments: [1, 2])
  func `a run goes on with its threads by the printed command, to the same bytes`(count: Int) throws
  {
    let arguments = arguments(threads: "\(count)")
    let whole = try FaultRun.whole.of(arguments)
    try withProgram { nap in
      let stopped = try nap.started(arguments, andAfter: 3) { $0.interrupt() }
      #expect(stopped.code == 130, "\(stopped.errors)")
      let resumed = try nap.run(printedCommand(stopped.errors))
      #expect(resumed.code == 0 && !resumed.errors.contains("warning"), "\(resumed.errors)")
      #expect(try onlyRecord(nap).isSame(as: whole))
      let run = try #require(try Store.open(at: nap.runs, for: .readOnly).runs().first)
      #expect(run.resumptions.map(\.provenance.threadCount) == [count])
      let shown = try nap.run("runs", "show", run.id.text).output
      #expect(
        shown.contains("command     ") && shown.contains("--arm nap --threads \(count)"),
        "\(shown)")
      #expect(shown.contains("resumed     at update") && shown.contains("--resume \(run.id)"))
    }
  }

  @Test func `other threads than the run's are used where they are asked for, and said`() throws {
    try withProgram { nap in
      let stopped = try nap.started(arguments(threads: "1"), andAfter: 3) { $0.interrupt() }
      #expect(stopped.code == 130, "\(stopped.errors)")
      let resumed = try nap.run(printedCommand(stopped.errors) + ["--threads", "2"])
      #expect(resumed.code == 0, "\(resumed.errors)")
      #expect(
        resumed.errors.contains(
          "was trained on cpu with 1 thread and continues on cpu with 2 threads"),
        "\(resumed.errors)")
    }
  }

  @Test func `the printed command finds the folder of runs that the option named`() throws {
    try withTemporaryFolder { folder in
      let nap = Program(runs: folder.appending(path: "elsewhere"))
      let runs = folder.appending(path: "my runs").path
      let stopped = try nap.started(
        arguments(threads: "1") + ["--runs", runs], andAfter: 3
      ) { $0.interrupt() }
      #expect(stopped.errors.contains("--runs '\(runs)'"), "\(stopped.errors)")
    }
  }

  @Test func `without --threads a small run gets one and says why`() throws {
    try withProgram { nap in
      let open = arguments(threads: "1").filter { $0 != "--threads" && $0 != "1" }
      let result = try nap.run(open)
      #expect(result.code == 0, "\(result.errors)")
      #expect(result.errors.contains("1 thread: "), "\(result.errors)")
      let run = try #require(try Store.open(at: nap.runs, for: .readOnly).runs().first)
      #expect(run.provenance.threadCount == 1)
    }
  }

  #if os(Linux)
    @Test func `what affinity leaves is what a run may use`() throws {
      try withProgram { nap in
        var nap = nap
        nap.launcher = ["/usr/bin/taskset", "-c", "0"]
        let open = arguments(threads: "1").filter { $0 != "--threads" && $0 != "1" }
        let result = try nap.run(open)
        #expect(
          result.errors.contains("1 thread: this process may use one processor"), "\(result.errors)"
        )
      }
    }

    @Test(.enabled(if: SmallDisk.isPossible, "nothing can be mounted here"))
    func `what a control group's quota leaves is what a run may use`() throws {
      try withTemporaryFolder { folder in
        try Data("100000 100000\n".utf8).write(to: folder.appending(path: "cpu.max"))
        var nap = Program(runs: folder.appending(path: "runs"))
        // The system's own groups are covered, for this program alone, by one that has the time of one processor.
        nap.launcher = [
          "/usr/bin/unshare", "--mount", "/bin/sh", "-c",
          "mount --bind '\(folder.path)' /sys/fs/cgroup && exec \"$0\" \"$@\"",
        ]
        let open = arguments(threads: "1").filter { $0 != "--threads" && $0 != "1" }
        let result = try nap.run(open)
        #expect(result.code == 0, "\(result.errors)")
        #expect(
          result.errors.contains("1 thread: this process may use one processor"), "\(result.errors)"
        )
      }
    }

    @Test func `threads that wait for one another sleep`() throws {
      try withProgram { nap in
        var isPassive = false
        _ = try nap.started(arguments(threads: "2"), andAfter: 1) { process in
          let path = "/proc/\(process.processIdentifier)/environ"
          let environment = try Data(contentsOf: URL(filePath: path))
          isPassive = String(decoding: environment, as: UTF8.self)
            .contains("OMP_WAIT_POLICY=passive")
          process.interrupt()
        }
        #expect(isPassive)
      }
    }
  #endif

  /// Two runs are in progress when the plan is interrupted, and two have not begun.
  @Test(arguments: [nil, "1"])
  func `a plan's threads are its own when the same command goes on, a run's in any case`(
    asked: String?
  ) throws {
    try withProgram { nap in
      func compare(_ threads: String?) -> [String] {
        [
          "compare", "random-labels", "--arms", "norm,nap", "--seeds", "2", "--jobs", "2",
          "--report", nap.runs.appending(path: "report.csv").path,
        ] + (threads.map { ["--threads", $0] } ?? [])
          + FaultRun.arguments(tasks: 60).dropFirst(4).filter { $0 != "--threads" && $0 != "1" }
      }
      let (process, output, errors) = try nap.start(compare("2"))
      let readers = [Reader(output), Reader(errors)]
      func checkpoints() -> Int {
        let files = FileManager.default.enumerator(atPath: nap.runs.path)
        return files?.count { "\($0)".hasSuffix("checkpoint.safetensors") } ?? 0
      }
      let deadline = ContinuousClock.now + .seconds(60)
      while checkpoints() < 2, ContinuousClock.now < deadline { usleep(5_000) }
      process.interrupt()
      process.waitUntilExit()
      _ = readers.map { $0.finish() }
      #expect(process.terminationStatus == 130)
      let begun = Set(try Store.open(at: nap.runs, for: .readOnly).runs().map(\.id))
      let result = try nap.run(compare(asked))
      #expect(result.code == 0, "\(result.errors)")
      #expect(
        result.errors.contains("was begun with 2 threads per run: runs in progress keep that")
          == (asked != nil), "\(result.errors)")
      let runs = try Store.open(at: nap.runs, for: .readOnly).runs()
      #expect(runs.count == 4 && begun.count < 4)
      for run in runs {
        let counts = ([run.provenance] + run.resumptions.map(\.provenance)).map(\.threadCount)
        let own = begun.contains(run.id) ? 2 : asked.flatMap { Int($0) } ?? 2
        #expect(counts.allSatisfy { $0 == own }, "\(counts) for \(own)")
      }
      #expect(runs.contains { !$0.resumptions.isEmpty })
    }
  }
}
