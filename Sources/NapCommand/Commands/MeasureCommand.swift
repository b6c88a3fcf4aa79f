import ArgumentParser
import Dashboard
import Experiments
import Foundation
import Networks
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
      nap measure agent.pt --network mlp:8,64,64,4 --inputs obs.safetensors       a network of another program
      nap measure dqn.pt --network cnn:4x84x84,32k8s4,64k4s2,64k3,512,6 --inputs frames.pt
      nap measure resnet50.pth --network resnet --inputs images.safetensors --diagnostics dead-units,effective-rank
      nap measure checkpoint-1000 checkpoint-2000 --network gpt2 --inputs tokens.pt
      nap measure 1.pt 2.pt --network mlp:8,64,4 --activation tanh --inputs obs.pt --only policy.

      A run keeps several checkpoints with --set recording.keepCheckpointEveryTasks=N. The fresh-task probe \
      trains the checkpoint's network, and fresh networks of the same design, on random labels and random \
      targets (Lyle et al. 2023). Plasticity is b - loss after the budget, where b is the loss of guessing. \
      The files are only read. --network describes a network that nap did not train: an mlp by its inputs, hidden \
      layers and outputs; a cnn by its images, then kernels (32k8s4p2: count, side, stride, padding), pools (max2, \
      avg) and linear layers; or resnet (torchvision), vit (timm), gpt2 and llama (transformers), whose sizes the \
      file tells. Their heads are told by config.json beside it, or by vit:HEADS, gpt2:HEADS, llama:HEADS. Layers \
      are found in safetensors or .pt files, and shown; then every diagnostic that needs no run is taken on the \
      inputs of a file of tensors, with its labels if it has some; of a language model on rows of tokens. Changes of \
      patterns and features are relative to the checkpoint before, or to the start of the run.
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

  @OptionGroup var stranger: StrangerNetworkOptions

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
    guard (stranger.network == nil) == (stranger.inputs == nil) else {
      throw ValidationError(
        "--network and --inputs go together: --network mlp:8,64,64,4 --inputs obs.safetensors")
    }
    guard stranger.network != nil || stranger.only == nil else {
      throw ValidationError("--only goes with --network; nap inspect has one, too")
    }
  }

  func run() throws {
    Interruption.listen()
    if let output { try OutputFile.requireReport(output, option: "-o") }
    let device = try machine.prepare()
    if let description = try stranger.description(), let inputs = stranger.inputs {
      return try measure(description, inputs)
    }
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
    try show(results)
    if wasStopped {
      throw Failure.Abandoned(
        what: "\(results.count) of \(measuring.checkpointCount) checkpoints were measured")
    }
  }

  private func show(_ results: [CheckpointMeasurement]) throws {
    if json {
      for result in results { Console.line(try MeasureTable.json(result)) }
    } else if !results.isEmpty {
      Console.line(MeasureTable.text(results, scopes: scopes))
    }
    if let output, !results.isEmpty {
      try Report.write(MeasureFigure.input(results), to: output)
      Console.error("figure: \(output)")
    }
  }

  /// Measures files of another program.
  private func measure(_ description: NetworkDescription, _ inputs: String) throws {
    let series = CheckpointSeries(subjects.map { URL(fileURLWithPath: $0) })
    let files = try series.files.map { try TensorFile(reading: $0) }
    var measuring = try NetworkMeasuring(
      description,
      try GivenInputs(
        reading: URL(fileURLWithPath: inputs), for: description, model: files.first,
        prefix: stranger.only ?? ""),
      diagnostics: diagnostics.split(separator: ",").map {
        $0.trimmingCharacters(in: .whitespaces)
      },
      prefix: stranger.only ?? "")
    var results: [CheckpointMeasurement] = []
    for (index, file) in files.enumerated() {
      results.append(try measuring.measure(file, updates: series.steps?[index]))
      if !json, index == 0 { measuring.lines.forEach(Console.error) }
      try StopRequest.check()
    }
    try show(results)
  }
}

extension NetworkDescription.NormalizationWord: ExpressibleByArgument {}

extension ActivationKind {
  /// The nonlinearity of an option's word.
  init(word: String) throws {
    guard let kind = ActivationKind(rawValue: word) else {
      throw ValidationError(
        "expected one of \(Self.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    self = kind
  }
}
