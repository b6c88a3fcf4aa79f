import ArgumentParser
import Dashboard
import Experiments
import Foundation
import Plasticity
import RunStore
import Torch

/// `nap measure`.
struct MeasureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "measure",
    abstract: "Every diagnostic of a checkpoint, and how well its network learns something new.",
    discussion: """
      nap measure runs/RUN/checkpoint.safetensors
      nap measure RUN -o plasticity.png          along the run's checkpoints
      nap measure A.safetensors B.safetensors --steps 500 --draws 3 --json

      A run keeps checkpoints for its curve with --set recording.keepCheckpointEveryTasks=N. The \
      fresh-task probe fits the checkpoint's network, and fresh networks of the same design, to random \
      labels and random targets (Lyle et al. 2023): plasticity is b - loss after the budget, with b the \
      loss of guessing. The files are only read. Changes of patterns and features are since the \
      checkpoint before, or since the run's start.
      """)

  @Argument(help: "Checkpoints, or runs: identifiers or names.")
  var subjects: [String]

  @Option(help: "Diagnostics, separated by commas; all takes every one.")
  var diagnostics = "all"

  @Option(help: "Updates of one fit of the fresh-task probe.")
  var steps = 2_000

  @Option(help: "Random tasks of each kind.")
  var draws = 10

  @Flag(name: .customLong("no-probe"), help: "Leaves out the fresh-task probe.")
  var noProbe = false

  @Flag(help: "Also shows layers and parameters, not the whole network alone.")
  var scopes = false

  @Flag(help: "One line of JSON a checkpoint on standard output.")
  var json = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Writes a figure: .html, .png, .svg, .pdf or .csv.", valueName: "file"))
  var output: String?

  @OptionGroup var runs: RunsOption
  @OptionGroup var machine: MachineOptions

  func validate() throws {
    guard !subjects.isEmpty else {
      throw ValidationError("name a checkpoint or a run; nap runs shows them")
    }
  }

  func run() throws {
    Interruption.listen()
    if let output { try OutputFile.requireReport(output, option: "-o") }
    let device = try machine.prepare()
    var measuring = try CheckpointMeasuring(
      CheckpointMeasuring.Request(
        checkpoints: try subjects.flatMap(checkpoints),
        diagnostics: diagnostics.split(separator: ",").map {
          $0.trimmingCharacters(in: .whitespaces)
        },
        probe: noProbe ? nil : FreshTaskProbe.Budget(steps: steps, draws: draws), device: device))
    var progress = Progress(json ? .silent : Progress.automatic, unit: "parts")
    var wasStopped = false
    do {
      while let note = try measuring.next() {
        progress.show(measuring.done, of: measuring.total, note)
        try StopRequest.check()
      }
    } catch is StopRequest.Stopped {
      wasStopped = true
    }
    progress.clear()
    let results = wasStopped ? measuring.wholeResults : measuring.results
    if json {
      for result in results { Console.line(try MeasureTable.json(result)) }
    } else if !results.isEmpty {
      Console.line(MeasureTable.text(results, scopes: scopes))
    }
    if let output, !results.isEmpty {
      try Report.write(MeasureFigure.input(results), to: output)
      Console.error("figure: \(output)")
    }
    if wasStopped {
      throw Failure.Abandoned(
        what: "\(results.count) of \(measuring.checkpointCount) checkpoints were measured")
    }
  }

  /// A checkpoint's own path, or the checkpoints of a run.
  private func checkpoints(_ subject: String) throws -> [URL] {
    if subject.hasSuffix(".safetensors") || FileManager.default.fileExists(atPath: subject) {
      return [URL(fileURLWithPath: subject)]
    }
    let store = try runs.openForReading()
    let run = try store.findRun(subject)
    let found = Checkpoint.all(in: store.folder(of: run.id))
    guard !found.isEmpty else {
      throw CheckpointError(
        path: store.folder(of: run.id).path, expected: "a checkpoint of run \(run.id)",
        found: "none",
        remedy: "go on with \(store.command("train --resume \(run.id)")), which saves one")
    }
    return found
  }
}
