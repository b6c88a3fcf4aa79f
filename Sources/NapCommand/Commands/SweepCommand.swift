import ArgumentParser
import Dashboard
import Experiments
import Foundation
import RunStore

/// `nap sweep`.
struct SweepCommand: PlannedCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Tunes settings of each arm with an equal budget, on seeds that are not reported.",
    discussion: """
      nap sweep random-labels --preset short --over optimizer.learningRate=1e-4,3e-4,1e-3,3e-3 \\
          --arms plain,norm,nap,fresh-norm --set tasks=100
      nap sweep random-labels --over optimizer.learningRate=1e-4,1e-3 --over methods.l2.strength=1e-4,1e-3 --methods l2

      nap sweep random-labels --over optimizer.learningRate=1e-4,1e-3 --seeds 1000-1004 --dry-run
      nap sweep atari --preset hundred-k --games breakout,freeway,pong --arms norm,nap \\
          --over agent.optimizer.learningRate=5e-5,1e-4,2e-4

      Several --over make a grid: every value of one with every value of the others. A warning names a chosen value \
      that lies at the edge of its values; the same command with further values adds to it. With --games each arm gets \
      one value for all games, the one with the best mean of its scores over them. --dry-run lists the runs with a \
      forecast.
      Tuning seeds start at 1000, so they differ from the reported seeds 0, 1, …. nap compare uses the chosen \
      values of the same preset. nap report SWEEP draws the score of every value.
      """)

  @Argument(help: "The recipe; nap list shows them.")
  var recipe: String

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "A setting and its values: key=a,b,c. May be repeated for a grid.", valueName: "key=values"))
  var over: [String]

  @OptionGroup var configurationOptions: ConfigurationOptions

  @OptionGroup var armOptions: ArmOptions

  @Option(
    help: ArgumentHelp(
      "Tuning seeds per arm and value: a number of them, from 1000 on, or a list such as 1000-1004,1010.",
      valueName: "seeds"))
  var seeds = "2"

  @OptionGroup var games: GamesOption
  @OptionGroup var plan: PlanOptions
  @OptionGroup var machine: MachineOptions
  @OptionGroup var long: LongWorkOption
  @OptionGroup var runs: RunsOption

  func validate() throws {
    try games.requireAlone(configurationOptions)
  }

  func draft<R: Recipe>(_ recipe: R.Type) throws -> PlanDraft<R> {
    let seeds = try SeedList(parsing: seeds).seeds(from: ComparisonPlan.firstTuningSeed)
    _ = try machine.checkedDevice()
    let preset = try R.preset(configurationOptions.preset)
    let grid = try SweepGrid(parsing: over)
    var (overrides, methodSettings) = try configurationOptions.parsedForArms(R.self)
    let names = try games.names(R.self)
    overrides += games.base(names)
    let base = try overrides.applied(to: preset.configuration)
    let asked = try armOptions.names(R.self, default: preset.arms)
    for arm in asked {
      let name = try ArmName(parsing: arm)
      if let key = grid.keys.first(where: name.sets) {
        throw UsageError(
          "--over \(key): arm \(arm) sets \(key) itself; leave it out of the brackets")
      }
    }
    let fixed = try methodSettings.byArm(asked, R.self, base)
    try requireApart(grid, overrides.map(\.key) + fixed.values.flatMap(\.keys))
    var applicable = ApplicableArms()
    for arm in asked {
      let configurations = try grid.combinations.map { combination in
        try ComparisonPlan.configuration(
          R.self, base, arm: arm, overrides: (fixed[arm] ?? [:]).merging(combination) { $1 })
      }
      let warnings = try configurations.map(R.validate)
      let idle = try configurations.lazy.map(R.idleMethods).first { !$0.isEmpty }
      guard applicable.add(arm, idle: idle ?? []) else { continue }
      for warning in warnings[0] { Console.error("warning: arm \(arm): \(warning)") }
    }
    let arms = try applicable.required()
    let store = try plan.store(runs)
    let entries = ComparisonPlan.sweepEntries(
      arms: arms, grid: grid, seeds: seeds, environments: names, overrides: fixed)
    return PlanDraft(
      kind: .sweep, preset: preset.name, base: base, entries: entries, store: store)
  }

  func tell<R: Recipe>(_ done: Comparison, of draft: PlanDraft<R>) throws {
    let (grid, store) = (try SweepGrid(parsing: over), draft.store)
    try PlanRunner.requireSound(done)
    try ReportWriter(store: store).requireOneProtocol(done)
    let choices = try Tuning.choices(R.self, done, keys: grid.keys, store: store)
    for setting in choices.flatMap(\.settings) { try store.record(setting) }
    Console.line(SweepTable.text(choices, measure: R.tuningMeasure.words))
    if let results = try GameResults(
      R.self, done, chosen: choices.flatMap(\.settings), store: store)
    {
      Console.line("\nEach arm with its chosen values, on tuning seeds:\n\(results.text)")
    }
    for warning in SweepTable.edges(choices.flatMap(\.settings)) {
      Console.error("warning: \(warning)")
    }
    Console.line("\(store.command("report \(done.id) -o sweep.html")) draws the curves")
  }

  /// A sweep's results are a table.
  var report: String? { nil }

  mutating func restrict(toSeeds seeds: [Int], report: String?) {
    self.seeds = SeedList.text(seeds)
  }

  private func requireApart(_ grid: SweepGrid, _ given: [String]) throws(UsageError) {
    guard let key = grid.keys.first(where: given.contains) else { return }
    throw UsageError("\(key) is set by --set and swept by --over; leave one of them out")
  }
}
