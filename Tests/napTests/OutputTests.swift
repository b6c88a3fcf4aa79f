import Foundation
import GRDB
import RunStore
import TestSupport
import Testing

/// What the program does with its own output: one that cannot be written is no success, and a reader that has seen
/// enough is none of a failure's business.
@Suite struct OutputTests {
  #if os(Linux)
    @Test(arguments: [
      ["list"], ["--help"], ["--version"], ["runs"], ["data", "list"], ["train", "--help"],
    ])
    func `a standard output that is full is exit 3`(arguments: [String]) throws {
      try withProgram { nap in
        _ = try Store.open(at: nap.runs)
        let full = try nap.runShell("exec \"$0\" \"$@\" > /dev/full", arguments)
        #expect(full.code == 3, "\(arguments): \(full.code)")
        expectOneSentence((full.code, full.errors), code: 3, "standard output", "No space left")
      }
    }

    @Test func `a run whose output is lost is trained and saved, and then exit 3`() throws {
      try withProgram { nap in
        let full = try nap.runShell(
          "exec \"$0\" \"$@\" > /dev/full", FaultRun.arguments(tasks: 3) + ["--json"])
        #expect(full.code == 3, "\(full.errors)")
        let record = try onlyRecord(nap)
        #expect(record.status == .finished && record.state?.updates == 24)
      }
    }
  #endif

  @Test(arguments: [["list"], ["list", "random-labels"], ["--help"]])
  func `a reader that goes away is met with silence`(arguments: [String]) throws {
    try withProgram { nap in
      let cut = try nap.runShell("\"$0\" \"$@\" | head -1", arguments)
      #expect(cut.code == 0 && cut.errors.isEmpty, "\(cut.errors)")
    }
  }

  /// Programs that start others may have them ignore the signal of a closed pipe: writing then fails instead.
  @Test(arguments: ["trap '' PIPE", ":"])
  func `a reader that is gone before the first line is no fault`(trap: String) throws {
    try withProgram { nap in
      let script = "\(trap); ( sleep 0.5; \"$0\" \"$@\"; echo \"code $?\" >&2 ) | :"
      let listed = try nap.runShell(script, ["list"])
      let codes = trap == ":" ? ["code 0\n", "code \(128 + SIGPIPE)\n"] : ["code 0\n"]
      #expect(codes.contains(listed.errors), "\(listed.errors)")
      let trained = try nap.runShell(script, FaultRun.arguments(tasks: 3) + ["--json"])
      #expect(trained.errors.hasSuffix("code 0\n"), "\(trained.errors)")
      #expect(!trained.errors.contains("standard output"), "\(trained.errors)")
      #expect(try onlyRecord(nap).status == .finished)
    }
  }

  @Test func `a pipe that does not wait loses nothing`() throws {
    try withProgram { nap in
      let text = try nap.run("list", "random-labels").output
      let script = """
        import fcntl, os, subprocess, sys, time
        reader, writer = os.pipe()
        fcntl.fcntl(writer, fcntl.F_SETFL, os.O_NONBLOCK)
        fcntl.fcntl(writer, 1031, 4096)
        child = subprocess.Popen(sys.argv[1:], stdout=writer)
        os.close(writer)
        time.sleep(1.5)
        data = b""
        while part := os.read(reader, 65536):
            data += part
        sys.stdout.write(data.decode())
        sys.exit(child.wait())
        """
      let slow = try Python.run(script, [Program.url.path, "list", "random-labels"])
      #expect(slow == text)
    }
  }

  @Test func `what runs is asked of the run's lock, not of the record`() throws {
    try withProgram { nap in
      let stopped = try nap.started(FaultRun.arguments(tasks: 40), andAfter: 3) { process in
        let alive = try nap.run("runs").output
        #expect(alive.contains("  running  "), "\(alive)")
        kill(process.processIdentifier, SIGKILL)
      }
      #expect(stopped.code != 0)
      let run = try onlyRecord(nap).run
      // The record still says what the killed process left in it.
      #expect(try nap.run("runs").output.contains("  interrupted  "))
      #expect(try nap.run("runs", "show", run.text).output.contains("outcome     interrupted"))
      #expect(try nap.run("runs", "rm", run.text, "--yes").code == 0)
    }
  }

  @Test func `without a name the report is of the newest runs where nothing was compared`() throws {
    try withProgram { nap in
      let file = nap.runs.appending(path: "report.csv").path
      let nothing = try nap.run("report", "-o", file)
      #expect(nothing.code != 0)
      // An older run of another recipe does not stand beside the newest.
      let other = [
        "train", "permuted-pixels", "--threads", "1", "--set", "data.source=procedural", "--set",
        "data.imageCount=64", "--set", "data.size=8", "--set", "tasks=1", "--set",
        "updatesPerTask=4",
      ]
      let older = try nap.run(other)
      #expect(older.code == 0, "\(older.errors)")
      for seed in ["0", "1"] {
        #expect(try nap.run(FaultRun.arguments(tasks: 2) + ["--seed", seed]).code == 0)
      }
      let result = try nap.run("report", "-o", file)
      #expect(result.code == 0, "\(result.errors)")
      #expect(result.errors.contains("2 runs of random-labels/demo, the newest"))
      #expect(result.output.contains("nap") && FileManager.default.fileExists(atPath: file))
      // Nor does one that was measured in other environments.
      try DatabaseQueue(path: nap.runs.appending(path: Store.fileName).path).write { database in
        for seed in [0, 1] {
          try database.execute(
            sql: "UPDATE run SET manifest = ? WHERE recipe = 'random-labels' AND seed = ?",
            arguments: [#"{"groups":{"world":{"version":"\#(seed)"}}}"#, seed])
        }
      }
      let apart = try nap.run("report", "-o", file)
      #expect(
        apart.code == 0 && apart.errors.contains("1 run of random-labels/demo, the newest"),
        "\(apart.errors)")
    }
  }

  @Test func `a report of an agent counts its visits`() throws {
    try withProgram { nap in
      #expect(try nap.run(AgentFaultRun.arguments()).code == 0)
      let file = nap.runs.appending(path: "report.html")
      let result = try nap.run("report", "-o", file.path)
      #expect(result.code == 0, "\(result.errors)")
      // The page is long: what is missing is told, not the page.
      let hasCount = try String(contentsOf: file, encoding: .utf8)
        .contains("over 8 visits and 1 seed")
      #expect(hasCount, "four grids twice")
    }
  }

  @Test func `work that takes hours says so, and begins without a person to ask`() throws {
    try withProgram { nap in
      let long = FaultRun.arguments(tasks: 1_000_000).map {
        $0.replacingOccurrences(of: "updatesPerTask=8", with: "updatesPerTask=100000")
      }
      let (process, output, errors) = try nap.start(long)
      let readers = [Reader(output), Reader(errors)]
      let file = nap.runs.appending(path: Store.fileName).path
      let deadline = ContinuousClock.now + .seconds(60)
      while (try? Store.open(at: nap.runs, for: .readOnly).runs().isEmpty) != false,
        ContinuousClock.now < deadline
      { usleep(20_000) }
      process.interrupt()
      process.waitUntilExit()
      let text = readers[1].finish()
      #expect(FileManager.default.fileExists(atPath: file))
      #expect(text.contains("this run: about") && text.contains("days here"), "\(text)")
    }
  }

  @Test func `a plan of short runs that takes hours says so, as many at once as may be`() throws {
    try withProgram { nap in
      var nap = nap
      #if os(Linux)
        // What the process may use decides, not what the machine has.
        nap.launcher = ["/usr/bin/taskset", "-c", "0"]
      #endif
      // Some seconds a run, five thousand runs.
      let runs = FaultRun.arguments(tasks: 600).dropFirst(4)
      let report = ["--report", nap.runs.appending(path: "report.csv").path]
      let (process, output, errors) = try nap.start(
        ["compare", "random-labels", "--arms", "norm,nap", "--seeds", "5000"] + report + runs)
      let readers = [Reader(output), Reader(errors)]
      nap.waitUntilRecorded()
      process.interrupt()
      process.waitUntilExit()
      _ = readers[0].finish()
      let text = readers[1].finish()
      #expect(text.contains("10000 runs: about"), "\(text)")
      #if os(Linux)
        #expect(text.contains("here, 1 at once, each on 1 thread"), "\(text)")
      #endif
    }
  }

  #if os(Linux)
    @Test(arguments: [
      ("y\\n", true, false), ("\\n", false, false), ("", false, false), ("", true, true),
    ])
    func `a person at a terminal is asked whether to begin, and nothing is begun before`(
      answer: String, begins: Bool, isAgreed: Bool
    ) throws {
      try withProgram { nap in
        var arguments = FaultRun.arguments(tasks: 1_000_000).map {
          $0.replacingOccurrences(of: "updatesPerTask=8", with: "updatesPerTask=100000")
        }
        arguments = [Program.url.path] + arguments + (isAgreed ? ["--yes"] : [])
        let script = """
          import os, pty, select, signal, sys, time
          os.environ["NAP_RUNS"] = sys.argv[2]
          child, terminal = pty.fork()
          if child == 0:
              os.execv(sys.argv[3], sys.argv[3:])
          text, deadline, answered = "", time.time() + 60, "--yes" in sys.argv
          while time.time() < deadline:
              if terminal in select.select([terminal], [], [], 0.2)[0]:
                  try:
                      text += os.read(terminal, 65536).decode(errors="replace")
                  except OSError:
                      break
              if "[y/N]" in text and not answered:
                  answered = True
                  os.write(terminal, sys.argv[1].encode().decode("unicode_escape").encode() or b"\\x04")
              if "run " in text and " updates" in text and answered:
                  os.kill(child, signal.SIGTERM)
          print(text)
          """
        let text = try Python.run(
          script, [answer, nap.runs.path] + arguments)
        #expect(text.contains("Begin? [y/N]") != isAgreed, "\(text)")
        #expect(text.contains("this run: about"), "\(text)")
        let runs = try Store.open(at: nap.runs).runs()
        #expect(runs.isEmpty == !begins, "\(text)")
        #expect(text.contains(begins ? "everything is saved" : "nothing was begun"), "\(text)")
      }
    }
  #endif
}
