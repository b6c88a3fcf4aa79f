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
    abstract:
      "Measures every diagnostic of checkpoints, and how well their networks learn something new.",
    discussion: """
      nap measure runs/RUN/checkpoint.safetensors
      nap measure RUN -o plasticity.png          all checkpoints of a run
      nap measure A.safetensors B.safetensors --steps 500 --draws 3 --json

      A run keeps several checkpoints with --set recording.keepCheckpointEveryTasks=N. The fresh-task probe \
      trains the checkpoint's network, and fresh networks of the same design, on random labels and random \
      targets (Lyle et al. 2023). Plasticity is b - loss after the budget, where b is the loss of guessing. \
      The files are only read. Changes of patterns and features are relative to the checkpoint before, or \
      to the start of the run.
      """)

  @Argument(help: "Paths of checkpoints, or identifiers or names of runs.")
  var subjects: [String]

  @Option(help: "Diagnostics, separated by commas, or all.")
  var diagnostics = "all"

  @Option(help: "Updates per fit of the fresh-task probe.")
  var steps = 2_000

  @Option(help: "Number of random tasks of each kind.")
  var draws = 10

  @Flag(name: .customLong("no-probe"), help: "Leaves out the fresh-task probe.")
  var noProbe = false

  @Flag(help: "Takes the average of weights that the run kept (average.decay).")
  var average = false

  @Flag(help: "Shows layers and parameters too, not only the whole network.")
  var scopes = false

  @Flag(help: "Writes one line of JSON per checkpoint to standard output.")
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
      try subjects.flatMap { try runs.checkpoints(of: $0).files },
      diagnostics: diagnostics.split(separator: ",").map {
        $0.trimmingCharacters(in: .whitespaces)
      },
      probe: noProbe ? nil : FreshTaskProbe.Budget(steps: steps, draws: draws), average: average,
      device: device)
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
}
