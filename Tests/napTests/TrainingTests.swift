import Experiments
import Foundation
import RunStore
import Testing
import Torch
import Training

@Suite struct TrainingTests {
  private let arguments =
    ["train", "random-labels", "--arm", "nap", "--set", "updatesPerTask=100"] + smallRun

  /// Every value of a run's series, but for those of the machine.
  private func values(_ nap: Program, _ run: Run) throws -> [MetricValue] {
    try Store.open(at: nap.runs, for: .readOnly).values(of: run.id)
      .filter { !Metric.ofTheMachine.contains($0.metric) }
      .sorted {
        ($0.metric.name, $0.scope, $0.updates) < ($1.metric.name, $1.scope, $1.updates)
      }
  }

  private func onlyRun(_ nap: Program) throws -> Run {
    let runs = try Store.open(at: nap.runs, for: .readOnly).runs()
    #expect(runs.count == 1)
    return try #require(runs.first)
  }

  @Test func `an interrupted run saves, exits 130 and goes on to the same bytes`() throws {
    try withProgram { whole in
      try withProgram { cut in
        let length = ["--set", "tasks=50"]
        #expect(try whole.run(arguments + length).code == 0)
        let (process, _, errors) = try cut.start(arguments + length)
        cut.waitUntilRecorded()
        usleep(200_000)
        process.interrupt()
        process.waitUntilExit()
        let text = String(
          decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        var run = try onlyRun(cut)
        if process.terminationStatus == 130 {
          #expect(text.contains("nap train --resume \(run.id)"))
          #expect(run.status == .interrupted)
          #expect(try cut.run("train", "--resume", run.id.text, "--threads", "1").code == 0)
          run = try onlyRun(cut)
          #expect(run.resumptions.count == 1)
        } else {
          Issue.record("the run ended with \(process.terminationStatus) before it was interrupted")
        }
        #expect(run.status == .finished)
        let expected = try onlyRun(whole)
        #expect(try values(cut, run) == values(whole, expected))
        let name = Checkpoint.fileName
        let left = try Checkpoint(reading: whole.runs.appending(path: "\(expected.id)/\(name)"))
        let right = try Checkpoint(reading: cut.runs.appending(path: "\(run.id)/\(name)"))
        #expect(left.snapshot.values == right.snapshot.values)
        for (a, b) in zip(left.snapshot.tensors, right.snapshot.tensors) {
          #expect(a.name == b.name && a.tensor.isIdentical(to: b.tensor), "\(a.name)")
        }
      }
    }
  }

  @Test func `a run that stops being finite exits 4 and is recorded so`() throws {
    try withProgram { nap in
      let result = try nap.run(
        [
          "train", "random-labels", "--arm", "plain", "--set", "tasks=2", "--set",
          "optimizer.kind=sgd", "--set", "optimizer.learningRate=1e12",
        ] + smallRun)
      #expect(result.code == 4)
      #expect(try onlyRun(nap).status.state == "not finite")
    }
  }

  @Test func `a damaged checkpoint is refused with its path and the run can be tried again`() throws
  {
    try withProgram { nap in
      #expect(try nap.run(arguments + ["--set", "tasks=1"]).code == 0)
      let run = try onlyRun(nap)
      let url = nap.runs.appending(path: "\(run.id)/\(Checkpoint.fileName)")
      var bytes = try Data(contentsOf: url)
      bytes[bytes.count - 5] ^= 0x40
      try bytes.write(to: url)
      #expect {
        try Checkpoint(reading: url)
      } throws: { "\($0)".contains(url.path) }
    }
  }

  @Test func `every line of --json is JSON and tells progress and tasks`() throws {
    try withProgram { nap in
      let result = try nap.run(arguments + ["--set", "tasks=3", "--json"])
      #expect(result.code == 0)
      let lines = result.output.split(separator: "\n")
      let events = try lines.map { line in
        try #require(
          JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])["event"] as? String
      }
      #expect(events.count { $0 == "task" } == 3)
      #expect(events.contains("progress"))
    }
  }
}
