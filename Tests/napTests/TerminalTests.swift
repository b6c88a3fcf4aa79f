import Foundation
import RunStore
import Testing

/// What reaches a terminal, and files that others open.
@Suite struct TerminalTests {
  @Test func `a name cannot give a terminal orders`() throws {
    try withProgram { nap in
      let named = try nap.run(["train", "random-labels", "--name", "a\u{1B}[31mb"] + smallRun)
      #expect(named.code == 2 && named.errors.contains("--name"), "\(named.errors)")
      #expect(!named.errors.contains("\u{1B}"))

      // A store may hold such a name all the same: another program wrote it.
      #expect(try nap.run(FaultRun.arguments(tasks: 2)).code == 0)
      let store = try Store.open(at: nap.runs)
      let run = try onlyRecord(nap).run
      try store.rename(run, to: "red\u{1B}]0;title\u{07}\u{9B}31m\u{202E}end")
      for arguments in [["runs"], ["runs", "show", run.text], ["runs", "rm", run.text, "--yes"]] {
        let shown = try nap.run(arguments)
        #expect(shown.output.contains("red\\u{1B}]0;title\\u{7}\\u{9B}31m\\u{202E}end"))
        for scalar in ["\u{1B}", "\u{07}", "\u{9B}", "\u{202E}"] {
          #expect(!(shown.output + shown.errors).contains(scalar), "\(arguments)")
        }
      }
    }
  }

  @Test(arguments: ["dumb", "", "xterm"])
  func `only a terminal that knows escapes gets some`(terminal: String) throws {
    try withProgram { nap in
      let program = try nap.runShell(
        // `script` gives the program a terminal.
        "command -v script >/dev/null || exit 77; TERM=\(terminal) script -qec \"$0 $*\" /dev/null",
        FaultRun.arguments(tasks: 40))
      guard program.code != 77 else { return }
      #expect(program.code == 0, "\(program.output)")
      #expect(program.output.contains("\u{1B}") == (terminal == "xterm"), "\(program.output)")
    }
  }

  @Test func `a command that is suggested names the folder of runs where that is another`() throws {
    try withProgram { nap in
      let folder = nap.runs.appending(path: "other runs")
      let stopped = try nap.started(
        FaultRun.arguments(tasks: 30) + ["--runs", folder.path], andAfter: 2
      ) { $0.interrupt() }
      let run = try #require(try Store.open(at: folder).runs().first).id
      let command = "nap train --resume \(run) --runs '\(folder.path)'"
      #expect(stopped.code == 130 && stopped.errors.contains(command), "\(stopped.errors)")
      let unknown = try nap.run("runs", "show", "nobody", "--runs", folder.path)
      #expect(unknown.errors.contains("nap runs --runs '\(folder.path)'"), "\(unknown.errors)")
      // Where it is the one that is taken anyway, it stays out.
      let plain = try nap.run("runs", "show", "nobody")
      #expect(!plain.errors.contains("--runs"), "\(plain.errors)")
    }
  }
}
