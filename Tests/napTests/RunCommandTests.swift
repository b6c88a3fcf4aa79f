import Experiments
import Foundation
import RunStore
import TestSupport
import Testing

@testable import NapCommand

/// What `nap train`, `nap runs` and `nap report` do with runs that are there.
@Suite struct RunCommandTests {
  private func runs(_ nap: Program) throws -> [Run] {
    try Store.open(at: nap.runs, for: .readOnly).runs()
  }

  private func train(_ nap: Program, tasks: Int = 2, _ more: String...) throws -> Run {
    let arguments = FaultRun.arguments(tasks: tasks) + more
    let result = try nap.run(arguments)
    #expect(result.code == 0, "\(result.errors)")
    return try #require(try runs(nap).last)
  }

  @Test func `a run forks, is extended and shows its parent`() throws {
    try withProgram { nap in
      let first = try train(nap, tasks: 2, "--set", "recording.keepCheckpointEveryTasks=1")
      let end = try #require(
        try Store.open(at: nap.runs, for: .readOnly).points(.taskEndLoss, of: first.id).first
      ).updates
      let fork = try nap.run(
        "train", "--from", "\(first.id)@\(end)", "--set", "optimizer.learningRate=1e-4", "--name",
        "child")
      #expect(fork.code == 0, "\(fork.errors)")
      let child = try #require(try runs(nap).last)
      #expect(child.parent == first.id && child.parentUpdates == end && child.name == "child")
      let shown = try nap.run("runs", "show", "child").output
      #expect(shown.contains("parent      \(first.id) at update \(end)"))
      let exported = nap.runs.appending(path: "child.json").path
      #expect(try nap.run("runs", "export", "child", "-o", exported).code == 0)
      #expect(try String(contentsOfFile: exported, encoding: .utf8).contains("\"parentUpdates\""))

      let size = try nap.run("train", "--from", first.id.text, "--set", "network.hidden=9,9")
      #expect(size.code == 2 && size.errors.contains("network.hidden"), "\(size.errors)")
      let missing = try nap.run("train", "--from", "\(first.id)@1", "--set", "tasks=9")
      #expect(
        missing.code == 3 && missing.errors.contains("those after \(end)"), "\(missing.errors)")

      let over = try nap.run("train", "--resume", first.id.text)
      #expect(over.code == 2 && over.errors.contains("--extend"), "\(over.errors)")
      let extended = try nap.run("train", "--resume", first.id.text, "--extend", "tasks=3")
      #expect(extended.code == 0, "\(extended.errors)")
      let store = try Store.open(at: nap.runs, for: .readOnly)
      #expect(try store.points(.taskEndLoss, of: first.id).count == 3)
      #expect(try runs(nap).count == 2)
      #expect(try nap.run("train", "random-labels", "--extend", "tasks=3").code == 2)
    }
  }

  @Test func `the configuration that is printed trains the same run`() throws {
    try withProgram { nap in
      let first = try train(nap)
      let arguments = FaultRun.arguments(tasks: 2) + ["--seed", "0", "--print-config"]
      let printed = try nap.run(arguments)
      #expect(printed.code == 0 && printed.errors.isEmpty, "\(printed.errors)")
      let file = nap.runs.appending(path: "run.json")
      try printed.output.write(to: file, atomically: true, encoding: .utf8)
      let again = try nap.run("train", "--config", file.path, "--threads", "1")
      #expect(again.code == 0, "\(again.errors)")
      let second = try #require(try runs(nap).last)
      #expect(second.id != first.id && second.configuration == first.configuration)
      #expect((second.recipe, second.preset, second.arm) == (first.recipe, first.preset, first.arm))
      let store = try Store.open(at: nap.runs, for: .readOnly)
      func values(_ run: Run) throws -> [MetricValue] {
        try store.values(of: run.id).filter { !Metric.ofTheMachine.contains($0.metric) }
      }
      #expect(try values(first) == values(second))
      // A run's own export is taken, too, and gives the same text again.
      let exported = nap.runs.appending(path: "first.json")
      #expect(try nap.run("runs", "export", first.id.text, "-o", exported.path).code == 0)
      #expect(
        try nap.run("train", "--config", exported.path, "--print-config").output == printed.output)
      try printed.output.replacingOccurrences(of: "\"batchSize\"", with: "\"batchSiz\"")
        .write(to: file, atomically: true, encoding: .utf8)
      let wrong = try nap.run("train", "--config", file.path)
      #expect(
        wrong.code != 0 && wrong.errors.contains(file.path) && wrong.errors.contains("batchSiz"))
      #expect(try nap.run("train", "--config", file.path, "--arm", "norm").code == 2)
    }
  }

  @Test func `runs are removed only after a yes`() throws {
    try withProgram { nap in
      let run = try train(nap)
      let refused = try nap.run("runs", "rm", run.id.text)
      #expect(refused.code == 2 && refused.errors.contains("--yes"), "\(refused.errors)")
      #expect(try runs(nap).count == 1)
      for (answer, left) in [("n", 1), ("y", 0)] {
        let asked = try nap.runShell(
          "command -v script >/dev/null || exit 77; echo \(answer) | script -qec \"$0 $*\" /dev/null",
          ["runs", "rm", run.id.text])
        guard asked.code != 77 else { return }
        #expect(asked.output.contains("Remove this run"), "\(asked.output)")
        #expect(try runs(nap).count == left, "\(asked.output)")
      }
    }
  }

  @Test func `stores are merged, and files of every form come back`() throws {
    try withProgram { here in
      try withProgram { there in
        let run = try train(there, tasks: 2)
        let merged = try here.run("runs", "merge", there.runs.path)
        #expect(
          merged.code == 0 && merged.output.contains("1 runs and 0 plans"), "\(merged.errors)")
        #expect(try runs(here).map(\.id) == [run.id])
        let again = try here.run("runs", "merge", there.runs.path)
        #expect(again.code == 0 && again.output.contains("1 runs were here"), "\(again.output)")
        for name in ["runs.csv", "board"] {
          let file = here.runs.appending(path: name).path
          let form = name == "board" ? ["--format", "tensorboard"] : ["--wide"]
          let exported = try here.run(["runs", "export", run.id.text, "-o", file] + form)
          #expect(exported.code == 0, "\(exported.errors)")
          try withProgram { other in
            let imported = try other.run("runs", "import", file)
            #expect(
              imported.code == 0 && imported.output.contains(run.id.text), "\(imported.errors)")
            #expect(try other.run("runs").output.contains("imported"))
            let report = other.runs.appending(path: "r.csv").path
            let written = try other.run("report", run.id.text, "-o", report)
            #expect(written.code == 0, "\(written.errors)")
            let resumed = try other.run("train", "--resume", run.id.text)
            #expect(
              resumed.code == 2 && resumed.errors.contains("was imported"), "\(resumed.errors)")
          }
        }
        #expect(try here.run("runs", "merge", here.runs.appending(path: "none").path).code == 3)
      }
    }
  }

  @Test func `curves are lines outside a terminal, move in one, and end with the run`() throws {
    try withProgram { nap in
      #expect(try nap.run("runs", "watch").code == 3, "there is no store")
      let board = nap.runs.appending(path: "board")
      let report = nap.runs.appending(path: "live.html")
      let (process, _, _) = try nap.start(
        FaultRun.arguments(tasks: 80) + ["--tensorboard", board.path])
      nap.waitUntilRecorded()
      let (page, _, pageErrors) = try nap.start(
        [
          "report", try #require(try runs(nap).first).id.text, "-o", report.path, "--watch",
          "--every", "1",
        ])
      let watched = try nap.run("runs", "watch", "--every", "0.1")
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      let lines = watched.output.split(separator: "\n")
      #expect(watched.code == 0 && lines.count > 80, "\(lines.count) \(watched.errors)")
      #expect(lines.last?.hasSuffix("finished") == true, "\(lines.suffix(2))")
      #expect(!watched.output.contains("\u{1B}"))
      let run = try #require(try runs(nap).first)
      let drawn = try nap.runShell(
        "command -v script >/dev/null || exit 77; TERM=xterm script -qec \"stty cols 60 rows 20; $0 $*\" /dev/null",
        ["runs", "watch", run.id.text, "--metric", "task_end_loss"])
      if drawn.code != 77 {
        #expect(drawn.code == 0 && drawn.output.contains("│"), "\(drawn.output)")
        #expect(drawn.output.unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) })
      }
      #expect(try nap.run("runs", "watch").code == 2, "nothing trains")
      page.waitUntilExit()
      let errors = String(
        decoding: pageErrors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      #expect(page.terminationStatus == 0, "\(errors)")
      let text = try String(contentsOf: report, encoding: .utf8)
      #expect(!text.contains("http-equiv=\"refresh\""), "the last page stays as it is")
      // What was written meanwhile is what the store has.
      let imported = try withProgram { other in
        try other.run("runs", "import", board.path)
      }
      #expect(imported.code == 0, "\(imported.errors)")
    }
  }

  @Test func `names of metrics may hold commas`() throws {
    let pairs = try MetricNames.pairs(["a=b,loss (x, y)=online_loss", "p=q=r"])
    #expect(
      pairs.map(\.0) == ["a", "loss (x, y)", "p=q"] && pairs.map(\.1) == ["b", "online_loss", "r"])
    for text in ["", "a", "a=", "=b", "a=b,", "a=b c"] {
      #expect(throws: (any Error).self, "\(text)") { try MetricNames.pairs([text]) }
    }
  }

  @Test func `a page that is marked reloads itself`() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "page.html")
      try "<html>\n<head>\n<title>t</title>\n</head>".write(
        to: file, atomically: true, encoding: .utf8)
      try ReloadingPage.mark(file.path, seconds: 2.5)
      #expect(
        try String(contentsOf: file, encoding: .utf8)
          == "<html>\n<head>\n<meta http-equiv=\"refresh\" content=\"3\">\n<title>t</title>\n</head>"
      )
    }
  }

  @Test func `a chart has its ends and a dot for every place`() {
    let chart = TerminalChart(
      curves: [[(0, 1), (10, 100)], [(5, 10), (6, .nan)]], isLogarithmic: true, size: (14, 4))
    let lines = chart.lines(isColoured: false)
    #expect(
      lines == ["100│         ⠈", "   │     ⠂    ", "  1│⡀         ", "    0       10"])
    #expect(TerminalChart(curves: [[]], size: (9, 3)).lines(isColoured: true) == ["no value yet"])
  }
}
