import ArgumentParser
import Experiments
import Foundation
import RunStore
import Torch

/// `nap train`.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains one run and saves checkpoints; resumes, extends and forks runs.",
    discussion: """
      nap train random-labels --preset short --arm nap --seed 0
      nap train random-labels --arm norm --set optimizer.learningRate=1e-3 --set tasks=100
      nap train random-labels --arm nap --method redo,l2 --set methods.redo.threshold=0.025
      nap train random-labels --arm 'nap/hyperball[optimizer.learningRate=0.02]'
      nap train control --preset cartpole --arm nap
      nap train atari --preset hundred-k --env atari:freeway --arm nap
      nap train control --env gymnasium:Acrobot-v1 --set agent=dqn
      nap train --resume RUN                                 goes on with a stopped run
      nap train --resume RUN --extend tasks=800              a finished run goes on to 800 tasks
      nap train --from RUN --set optimizer.learningRate=1e-4 a new run from RUN's last checkpoint
      nap train --from RUN@40000 --set methods.l2.strength=0 a new run from the checkpoint of update 40000
      nap train random-labels --arm nap --print-config > run.json
      nap train --config run.json --seed 1
      nap train cifar --arm nap --tensorboard board          then: tensorboard --logdir board

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
      """
      With --resume: the run's new length, also of a finished run, as its recipe names it: tasks, updates, epochs, \
      cycles, visits or frames. It ends as a run of that length; where it does not, a warning says why.
      """, valueName: "tasks=800"))
  var extend: String?

  @Option(
    name: .customLong("from"),
    help: ArgumentHelp(
      """
      Makes a new run that goes on from another's checkpoint, its last or the one of an update, with the settings of \
      --set. The other run stays as it is. Device and threads are those of the other run unless given.
      """, valueName: "run[@update]"))
  var parent: String?

  @Option(
    help: ArgumentHelp(
      "Trains what a file describes: one of --print-config, or of nap runs export. --set and --seed change it.",
      valueName: "file"))
  var config: String?

  @Flag(
    name: .customLong("print-config"),
    help: "Writes the resolved run as JSON, which --config takes back, and trains nothing.")
  var printsConfiguration = false

  @Option(
    help: ArgumentHelp(
      "Trains one entry of a plan; used by nap compare and nap sweep.",
      valueName: "comparison/number", visibility: .hidden))
  var entry: String?

  @Flag(
    name: .customLong("accept-gap"),
    help: "Continues a run even if the store has lost values from before its checkpoint.")
  var acceptsGap = false

  @Option(
    help: ArgumentHelp(
      "Also writes TensorBoard event files while it trains, below this folder.", valueName: "folder"
    ))
  var tensorboard: String?

  @OptionGroup var trust: TrustOption
  @OptionGroup var processes: ProcessOptions
  @OptionGroup var machine: MachineOptions
  @OptionGroup var long: LongWorkOption
  @OptionGroup var runs: RunsOption

  @Flag(help: "Writes lines of JSON to standard output.")
  var json = false

  func validate() throws {
    let begins = [recipe != nil, resume != nil, entry != nil, parent != nil, config != nil]
    let count = begins.count { $0 }
    guard count == 1 else {
      throw ValidationError(
        count == 0
          ? "name a recipe to train, such as random-labels, or a run to continue with --resume RUN"
          : "give one of a recipe, --resume RUN, --from RUN and --config FILE")
    }
    if let name, name.unicodeScalars.contains(where: { Console.isOrder($0) || $0 == "\n" }) {
      throw ValidationError("--name: expected a name without control characters and line ends")
    }
    guard extend == nil || resume != nil else {
      throw ValidationError("--extend: give the run that is to be longer, --resume RUN")
    }
    guard recipe == nil else { return }
    // Those that also a new run from another or from a file may have are told apart.
    let options: [(name: String, isGiven: Bool, ofNew: Bool)] = [
      ("--preset", configurationOptions.preset != nil, false),
      ("--set", !configurationOptions.overrides.isEmpty, true),
      ("--env", configurationOptions.environments != nil, false), ("--arm", arm != nil, false),
      ("--method", method != nil, false), ("--seed", seed != nil, true),
      ("--name", name != nil, true), ("--print-config", printsConfiguration, true),
    ]
    let isNew = parent != nil || config != nil
    let given = options.filter { $0.isGiven && !($0.ofNew && isNew) }.map(\.name)
    guard given.isEmpty else {
      let why =
        isNew
        ? "preset, arm and methods are those of the \(parent == nil ? "file" : "run"); change settings with --set"
        : "a resumed run keeps its settings; leave this out with --resume, or name a recipe to train another run"
      throw ValidationError("\(given.joined(separator: ", ")): \(why)")
    }
  }

  func run() throws {
    if let place = try processes.place(), entry == nil { return try trainTogether(place) }
    Interruption.listen()
    if let recipe { _ = try Recipes.named(recipe) }
    // Checked before a store is made or a run is looked up. A resumed run has its own device where none is named.
    let device = try machine.checkedDevice(
      trains: (recipe != nil || config != nil) && !printsConfiguration)
    if let recipe {
      try train(Recipes.named(recipe), device: device)
    } else if let config {
      let description = try RunDescription(reading: URL(fileURLWithPath: config))
      try train(Recipes.named(description.recipe), description, device: device)
    } else if let parent {
      let store = try printsConfiguration ? runs.openForReading() : runs.open()
      let (name, updates) = Self.parts(ofParent: parent)
      let run = try trained(store.findRun(name))
      try fork(Recipes.named(run.recipe), run, at: updates, store)
    } else if let resume {
      let store = try runs.open()
      try store.markAbandonedRunsInterrupted()
      let run = try trained(store.findRun(resume))
      try self.resume(Recipes.named(run.recipe), run, store)
    } else if let entry {
      try trainEntry(entry)
    }
  }

  func printer(parent: pid_t? = nil) -> SessionPrinter {
    SessionPrinter(
      json: json, parent: parent,
      board: tensorboard.map { URL(fileURLWithPath: $0, isDirectory: true) })
  }

  private func resume<R: Recipe>(
    _ recipe: R.Type, _ run: Run, _ store: Store, parent: pid_t? = nil
  ) throws {
    let longer = try extend.map { try RunExtension<R>(run, $0) }
    if run.status == .finished, longer == nil {
      throw UsageError(
        "run \(run.id) has finished; --extend makes it longer, and --from \(run.id) begins another from it"
      )
    }
    let device = try machine.prepare(resuming: run, asksPlan: parent != nil)
    let session = try TrainingSession<R>(
      resuming: run, device: device, store: store, trustsState: trust.isGiven,
      acceptsGap: acceptsGap, extending: longer)
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
