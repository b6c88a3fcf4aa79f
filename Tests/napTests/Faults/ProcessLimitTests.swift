import Foundation
import Testing

/// Limits of the system on one process.
@Suite struct ProcessLimitTests {
  @Test(arguments: [
    ("-n", 8, "ulimit -n"), ("-n", 16, "ulimit -n"), ("-n", 40, "ulimit -n"),
    ("-v", 530_000, "ulimit -v"), ("-v", 580_000, "ulimit -v"),
  ])
  func `too few files and too little memory are one sentence, not a crash and no waiting`(
    option: String, value: Int, words: String
  ) throws {
    try withProgram { nap in
      let arguments = FaultRun.arguments(tasks: 2)
      let script = "ulimit \(option) \(value); exec timeout 60 \"$0\" \"$@\""
      let result = try nap.runShell(script, arguments)
      // The system's loader may say so before the program begins.
      guard result.code != 127 else { return }
      expectOneSentence((result.code, result.errors), code: 3, words, "raise the limit")
    }
  }

  /// The limit counts a user's processes and does not hold for root, so that a user without any asks.
  @Test(
    .enabled(
      if: getuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv")))
  func `a machine without threads left is one sentence, and nothing waits for one`() throws {
    try withProgram { nap in
      let folder = nap.runs.path
      chmod(folder, 0o777)
      let script = """
        exec timeout -s KILL 60 setpriv --reuid=54321 --clear-groups prlimit --nproc=1 env HOME=\(folder) "$0" "$@"
        """
      let result = try nap.runShell(script, FaultRun.arguments(tasks: 2))
      expectOneSentence((result.code, result.errors), code: 3, "further threads", "ulimit -u")
    }
  }

  @Test func `with enough of both a run is trained under limits`() throws {
    try withProgram { nap in
      let result = try nap.runShell(
        "ulimit -n 64; ulimit -v 1500000; exec \"$0\" \"$@\"", FaultRun.arguments(tasks: 2))
      #expect(result.code == 0, "\(result.errors)")
    }
  }

  @Test func `what does not fit under a limit of memory is one sentence that names the limit`()
    throws
  {
    try withProgram { nap in
      let result = try nap.runShell(
        "ulimit -v 1500000; exec \"$0\" \"$@\"",
        FaultRun.arguments(tasks: 2, hidden: "8000,8000"))
      expectOneSentence(
        (result.code, result.errors), code: 3, "cannot hold the run", "ulimit -v", "smaller network"
      )
    }
  }
}
