import ArgumentParser
import Experiments
import Foundation
import RunStore
import Torch

/// `nap train`.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "One run, recorded, with checkpoints; resumes where it stopped.",
    discussion: """
      nap train random-labels --preset short --arm nap --seed 0
      nap train random-labels --arm norm --set optimizer.learningRate=1e-3 --set tasks=100
      nap train random-labels --arm nap --method redo,l2 --set methods.redo.threshold=0.025
      nap train random-labels --arm 'nap/hyperball[optimizer.learningRate=0.02]'
      nap train control --preset cartpole --arm nap
      nap train atari --preset hundred-k --env atari:freeway --arm nap
      nap train control --env gymnasium:Acrobot-v1 --set agent=dqn --set agent.network.torso=mlp
      nap train --resume RUN

      Ctrl-C and SIGTERM save a checkpoint, then stop; --resume goes on bit for bit.
      """)

  @Argument(help: "The recipe; nap list shows them.")
  var recipe: String?

  @OptionGroup var configurationOptions: ConfigurationOptions

  @Option(help: "The way of training; nap list shows them (default: the preset's configuration).")
  var arm: String?

  @Option(
    help: ArgumentHelp(
      "Baseline methods to add to the arm, separated by commas; nap list shows them.",
      valueName: "methods"))
  var method: String?

  @Option(help: "Decides weights, labels and batches (default: 0).")
  var seed: Int?

  @Option(help: "A name for the run.")
  var name: String?

  @Option(help: ArgumentHelp("Goes on with a stopped run.", valueName: "run"))
  var resume: String?

  @Option(
    help: ArgumentHelp(
      "Trains one entry of a plan; used by nap compare and nap sweep.",
      valueName: "comparison/number", visibility: .hidden))
  var entry: String?

  @Flag(
    name: .customLong("accept-gap"),
    help: "Goes on with a run whose record lacks values from before its checkpoint.")
  var acceptsGap = false

  @OptionGroup var trust: TrustOption
  @OptionGroup var machine: MachineOptions
  @OptionGroup var runs: RunsOption

  @Flag(help: "Machine-readable lines on standard output.")
  var json = false

  func validate() throws {
    let count = [recipe != nil, resume != nil, entry != nil].filter { $0 }.count
    guard count == 1 else {
      throw ValidationError(
        count == 0
          ? "name a recipe to train, such as random-labels, or a run to go on with --resume RUN"
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
        "\(given.joined(separator: ", ")): a run goes on as it was begun; leave that out beside --resume, "
          + "or name a recipe to begin another run")
    }
  }

  func run() throws {
    Interruption.listen()
    let device = try machine.prepare()
    if let recipe {
      try train(Recipes.named(recipe), device: device)
    } else if let resume {
      let store = try runs.open()
      try store.markAbandonedRunsInterrupted()
      let run = try store.findRun(resume)
      try self.resume(Recipes.named(run.recipe), run, store, device)
    } else if let entry {
      try trainEntry(entry, device: device)
    }
  }

  private func train<R: Recipe>(_ recipe: R.Type, device: Device) throws {
    let preset = try R.preset(configurationOptions.preset)
    let arm = try R.name(
      ofArm: arm ?? preset.arms.first { $0 == "nap" } ?? preset.arms[0],
      methods: method.map { try MethodNames.parse($0, separator: ",") } ?? [])
    let configuration = try configurationOptions.parsed(for: R.self)
      .configuration(of: R.self, from: preset.configuration, arm: arm)
    for warning in try R.validate(configuration) { Console.error("warning: \(warning)") }
    try R.requireActingMethods(configuration)
    let session = try TrainingSession<R>(
      .init(
        preset: preset.name, arm: arm, configuration: configuration, seed: seed ?? 0,
        device: device, name: name), store: runs.open())
    try SessionPrinter(json: json).run(session)
  }

  private func resume<R: Recipe>(
    _ recipe: R.Type, _ run: Run, _ store: Store, _ device: Device, parent: pid_t? = nil
  ) throws {
    if run.status == .finished {
      throw UsageError("run \(run.id) has finished; there is nothing to resume")
    }
    let session = try TrainingSession<R>(
      resuming: run, device: device, store: store, trustsState: trust.isGiven,
      acceptsGap: acceptsGap)
    if run.manifest == nil, try session.training.manifest() != nil {
      Console.error(
        "note: run \(run.id) was begun before sums of data were kept: whether the data are the same is not known"
      )
    }
    try SessionPrinter(json: json, parent: parent).run(session)
  }

  private func trainEntry(_ text: String, device: Device) throws {
    let parts = text.split(separator: "/")
    guard parts.count == 2, let position = Int(parts[1]) else {
      throw UsageError("--entry \(text): expected a comparison and a number, such as ID/3")
    }
    let store = try runs.open()
    let comparison = try store.findComparison(String(parts[0]))
    try trainEntry(Recipes.named(comparison.recipe), comparison, position, store, device)
  }

  private func trainEntry<R: Recipe>(
    _ recipe: R.Type, _ comparison: Comparison, _ position: Int, _ store: Store, _ device: Device
  ) throws {
    let (configuration, entry) = try ComparisonPlan.request(R.self, comparison, entry: position)
    if let run = entry.run {
      try store.markAbandonedRunsInterrupted()
      return try resume(R.self, store.run(run), store, device, parent: getppid())
    }
    let session = try TrainingSession<R>(
      .init(
        preset: comparison.preset, arm: entry.arm, configuration: configuration, seed: entry.seed,
        device: device, entry: (comparison, position)), store: store)
    try SessionPrinter(json: json, parent: getppid()).run(session)
  }
}
