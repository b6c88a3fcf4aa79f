import ArgumentParser
import Dashboard
import Experiments
import Foundation
import Networks
import RunStore
import Torch

/// `nap diagnose`.
struct DiagnoseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diagnose",
    abstract:
      "Shows what happened to norms and effective rates over a series of checkpoints, and what to do.",
    discussion: """
      nap diagnose runs/RUN
      nap diagnose checkpoints/ -o diagnosis.html             .pt, safetensors or shards of any program
      nap diagnose a/1000.pt a/2000.pt --optimizer sgd --momentum 0.9 --learning-rate 0.1
      nap diagnose ppo/ --network mlp:8,64,64,4 --inputs obs.safetensors --only policy.
      nap diagnose trainer-output/ --network gpt2              checkpoint-500, checkpoint-1000, … of transformers
      nap diagnose checkpoints/ --schedule schedule.py        a LambdaLR for PyTorch and a schedule for optax

      The effective rate of a scale-invariant weight is eta/|W| under Adam, eta/|W|^2 under SGD, and \
      (eta/epsilon)/|W|^2 under Adam with a large epsilon: which of them holds is measured where a .pt file, \
      optimizer.pt beside a model or a checkpoint of nap has the optimizer's state, else said by --optimizer. Which \
      weights are scale-invariant is audited for nap's own checkpoints and for a --network; else a normalization that \
      follows in the file makes it likely, or it is not known. Dead units and ranks are measured for nap's own, and \
      where --network and --inputs are given.
      """)

  @Argument(help: "A folder of checkpoints of one training, or its files.")
  var subjects: [String]

  @OptionGroup var stranger: StrangerNetworkOptions

  @Option(
    name: .customLong("learning-rate"), help: "The learning rate, where the files do not have it.")
  var learningRate: Double?

  @Option(help: "The optimizer, where the files have no state of it: adam or sgd.")
  var optimizer = Rule.adam

  @Option(help: "The momentum of sgd.")
  var momentum = 0.0

  @Option(
    help: ArgumentHelp(
      "Writes the schedule that makes up for the growth of norms.", valueName: "file.py"))
  var schedule: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Writes a page: .html; or .png, .svg, .pdf, .csv.", valueName: "file"))
  var output: String?

  @OptionGroup var runs: RunsOption

  /// The rules that are told apart.
  enum Rule: String, ExpressibleByArgument { case adam, sgd }

  func validate() throws {
    guard !subjects.isEmpty else {
      throw ValidationError("name a folder of checkpoints or its files")
    }
    if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError("--learning-rate \(learningRate): expected a number above 0")
    }
    guard (0..<1).contains(momentum), optimizer == .sgd || momentum == 0 else {
      throw ValidationError("--momentum \(momentum): expected 0 to below 1, with --optimizer sgd")
    }
    guard stranger.inputs == nil || stranger.network != nil else {
      throw ValidationError("--inputs goes with --network mlp:8,64,64,4")
    }
  }

  func run() throws {
    if let output { try OutputFile.requireReport(output, option: "-o") }
    let description = try stranger.description()
    let folder = try CheckpointFolder(try places())
    var diagnosing = try Diagnosing(
      folder, network: description, inputs: stranger.inputs.map { URL(fileURLWithPath: $0) },
      prefix: stranger.only ?? "",
      assumption: .init(learningRate: learningRate, momentum: optimizer == .sgd ? momentum : nil))
    var progress = Progress(Progress.automatic, unit: "tensors")
    while let name = try diagnosing.next() {
      progress.show(diagnosing.done, of: diagnosing.total, name)
      try StopRequest.check()
    }
    progress.clear()
    let diagnosis = try diagnosing.result()
    Console.line(DiagnosisPage.text(diagnosis))
    if let schedule {
      guard let python = diagnosis.course?.python else {
        throw UsageError(
          "--schedule: the steps of the checkpoints are not known; give them as numbers in the files' names, "
            + "such as step-1000.pt")
      }
      try Data(python.utf8).write(to: URL(fileURLWithPath: schedule), options: .atomic)
      Console.error("schedule: \(schedule)")
    }
    if let output {
      try Report.write(DiagnosisPage.input(diagnosis), to: output)
      Console.error("page: \(output)")
    }
  }

  /// Paths as they are; the name or identifier of a run is its folder.
  private func places() throws -> [URL] {
    try subjects.flatMap { subject in
      // A text with a slash is no run's name, so a wrong path is told as one.
      FileManager.default.fileExists(atPath: subject) || subject.contains("/")
        ? [URL(fileURLWithPath: subject)] : try runs.checkpoints(of: subject).files
    }
  }
}
