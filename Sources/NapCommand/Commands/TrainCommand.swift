import ArgumentParser
import Experiments
import Foundation
import RunStore
import Torch

/// `nap train`.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains one run and saves checkpoints; can resume a stopped run.",
    discussion: """
      nap train random-labels --preset short --arm nap --seed 0
      nap train random-labels --arm norm --set optimizer.learningRate=1e-3 --set tasks=100
      nap train random-labels --arm nap --method redo,l2 --set methods.redo.threshold=0.025
      nap train random-labels --arm 'nap/hyperball[optimizer.learningRate=0.02]'
      nap train control --preset cartpole --arm nap
      nap train atari --preset hundred-k --env atari:freeway --arm nap
      nap train control --env gymnasium:Acrobot-v1 --set agent=dqn
      nap train --resume RUN

      Ctrl-C, SIGTERM and a cluster's warnings (docs/clusters.md) save a checkpoint and stop the run. \
      --resume continues it bit for bit, with the same number of threads. Without --threads, nap first \
      times some updates, to choose the number of threads and to forecast how long the run takes.

      Several processes train one run, each with its part of every batch (docs/scale.md):
      nap launch --processes 2 -- train language --preset small --arm nap
      torchrun --no-python --nproc-per-node 2 nap train language --preset small --arm nap
      srun --ntasks 2 nap train language --preset small --arm nap
      """)

  @Argument(help: "The recipe; nap list shows them.")
  var recipe: String?

  @OptionGroup var configurationOptions: ConfigurationOptions

  @Option(
    help:
      "The arm, such as norm or nap; nap list shows them (default: nap, else the preset's first).")
  var arm: String?

  @Option(
    help: ArgumentHelp(
      "Baseline methods to add to the arm, separated by commas; nap list shows them.",
      valueName: "methods"))
  var method: String?

  @Option(help: "Seed of weights, labels and batches (default: 0).")
  var seed: Int?

  @Option(help: "A name for the run.")
  var name: String?

  @Option(help: ArgumentHelp("Continues a stopped run.", valueName: "run"))
  var resume: String?

  @Option(
    help: ArgumentHelp(
      "Trains one entry of a plan; used by nap compare and nap sweep.",
      valueName: "comparison/number", visibility: .hidden))
  var entry: String?

  @Flag(
    name: .customLong("accept-gap"),
    help: "Continues a run even if the store has lost values from before its checkpoint.")
  var acceptsGap = false

  @OptionGroup var trust: TrustOption
  @OptionGroup var processes: ProcessOptions
  @OptionGroup var machine: MachineOptions
  @OptionGroup var long: LongWorkOption
  @OptionGroup var runs: RunsOption

  @Flag(help: "Writes lines of JSON to standard output.")
  var json = false

  func validate() throws {
    let count = [recipe != nil, resume != nil, entry != nil].filter { $0 }.count
    guard count == 1 else {
      throw ValidationError(
        count == 0
          ? "name a recipe to train, such as random-labels, or a run to continue with --resume RUN"
          : "give a recipe, or --resume RUN, not both")
    }
    if let name, name.unicodeScalars.contains(where: { Console.isOrder($0) || $0 == "\n" }) {
      throw ValidationError("--name: expected a name without control characters and line ends")
    }
    guard recipe == nil else { return }
    let options: [(name: String, isGiven: Bool)] = [
      ("--preset", configurationOptions.preset != nil),
      ("--set", !configurationOptions.overrides.isEmpty),
      ("--env", configurationOptions.environments != nil), ("--arm", arm != nil),
      ("--method", method != nil), ("--seed", seed != nil), ("--name", name != nil),
    ]
    let given = options.filter(\.isGiven).map(\.name)
    guard given.isEmpty else {
      throw ValidationError(
        "\(given.joined(separator: ", ")): a resumed run keeps its settings; leave this out with --resume, "
          + "or name a recipe to train another run")
    }
  }

  func run() throws {
    if let place = try processes.place(), entry == nil { return try trainTogether(place) }
    Interruption.listen()
    // Checked before a store is made or a run is looked up. A resumed run has its own device where none is named.
    let device = try machine.checkedDevice()
    if let recipe {
      try train(Recipes.named(recipe), device: device)
    } else if let resume {
      let store = try runs.open()
      try store.markAbandonedRunsInterrupted()
      let run = try store.findRun(resume)
      try self.resume(Recipes.named(run.recipe), run, store)
    } else if let entry {
      try trainEntry(entry)
    }
  }

  private func train<R: Recipe>(_ recipe: R.Type, device: Device) throws {
    let request = try request(R.self, device: device)
    for warning in try R.validate(request.configuration) { Console.error("warning: \(warning)") }
    if let bytes = R.memoryForecast(request.configuration), bytes > 2e9 {
      Console.error("memory: about \(MemoryLimit.gigabytes(bytes)) at most")
    }
    let store = try runs.open()
    let forecast = try machine.forecast(
      R.self, arm: request.arm, configuration: request.configuration, device: device)
    try long.confirm(
      "this run", hours: forecast.hours, on: MachineOptions.words(forecast.threads))
    try printer().run(TrainingSession<R>(request, store: store))
  }

  /// What the options ask to be trained.
  ///
  /// - Throws: errors of usage.
  func request<R: Recipe>(
    _ recipe: R.Type, device: Device
  ) throws -> TrainingSession<R>.Request {
    let preset = try R.preset(configurationOptions.preset)
    let arm = try R.name(
      ofArm: arm ?? preset.arms.first { $0 == "nap" } ?? preset.arms[0],
      methods: method.map { try MethodNames.parse($0, separator: ",") } ?? [])
    let configuration = try configurationOptions.parsed(for: R.self)
      .configuration(of: R.self, from: preset.configuration, arm: arm)
    _ = try R.validate(configuration)
    try R.requireActingMethods(configuration)
    return TrainingSession<R>.Request(
      preset: preset.name, arm: arm, configuration: configuration, seed: seed ?? 0, device: device,
      name: name)
  }

  func printer(parent: pid_t? = nil) -> SessionPrinter {
    SessionPrinter(json: json, parent: parent)
  }

  private func resume<R: Recipe>(
    _ recipe: R.Type, _ run: Run, _ store: Store, parent: pid_t? = nil
  ) throws {
    if run.status == .finished {
      throw UsageError("run \(run.id) has finished; there is nothing to resume")
    }
    let device = try machine.prepare(resuming: run, asksPlan: parent != nil)
    let session = try TrainingSession<R>(
      resuming: run, device: device, store: store, trustsState: trust.isGiven,
      acceptsGap: acceptsGap)
    if run.manifest == nil, try session.training.manifest() != nil {
      Console.error(
        "note: run \(run.id) was recorded without checksums: nap cannot tell whether its data are the same"
      )
    }
    try printer(parent: parent).run(session)
  }

  private func trainEntry(_ text: String) throws {
    let parts = text.split(separator: "/")
    guard parts.count == 2, let position = Int(parts[1]) else {
      throw UsageError("--entry \(text): expected a comparison and a number, such as ID/3")
    }
    let store = try runs.open()
    let comparison = try store.findComparison(String(parts[0]))
    try trainEntry(Recipes.named(comparison.recipe), comparison, position, store)
  }

  private func trainEntry<R: Recipe>(
    _ recipe: R.Type, _ comparison: Comparison, _ position: Int, _ store: Store
  ) throws {
    let (configuration, entry) = try ComparisonPlan.request(R.self, comparison, entry: position)
    if let run = entry.run {
      try store.markAbandonedRunsInterrupted()
      return try resume(R.self, store.run(run), store, parent: getppid())
    }
    let device = try machine.prepare(most: 1)
    let session = try TrainingSession<R>(
      .init(
        preset: comparison.preset, arm: entry.arm, configuration: configuration, seed: entry.seed,
        device: device, entry: (comparison, position)), store: store)
    try printer(parent: getppid()).run(session)
  }
}
