import ArgumentParser
import Experiments
import Foundation
import RunStore

/// `nap compare`.
struct CompareCommand: PlannedCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Trains every arm with every seed, then writes a table and a report.",
    discussion: """
      nap compare random-labels --preset demo
      nap compare random-labels --preset short --arms plain,norm,nap,fresh,fresh-norm --seeds 5
      nap compare random-labels --preset short --arms norm,nap --methods none,l2,redo,l2+redo
      nap compare random-labels --preset short --arms 'norm[nap.scaleAndOffset=free],nap,nap[nap.scaleAndOffset=free]'
      nap compare random-labels --preset short --arms norm,nap --methods all
      nap compare control --preset gridworld --arms plain,norm,nap,fresh --seeds 5
      nap compare atari --preset hundred-k --env atari:freeway --arms plain,norm,nap
      nap compare atari --preset hundred-k --games breakout,freeway,pong --arms norm,nap --seeds 0-2
      nap compare random-labels --preset short --seeds 0-9,20 --dry-run

      --games trains one run for every game, arm and seed and prints a table by game with the interquartile mean over \
      all games and seeds; beside the report of all games each game has one of its own. --dry-run lists the runs with \
      a forecast.

      Arms of one seed see the same labels and batches and start from the same weights. Each arm uses the \
      learning rate and the settings of methods that nap sweep chose for the same preset and arm (--untuned \
      ignores them). An arm whose method would find nothing to act on is not trained; the report lists it with \
      the reason.
      The same command continues after an interruption. With more seeds or arms, it trains \
      only what the same build did not train before.
      """)

  @Argument(help: "The recipe; nap list shows them.")
  var recipe: String

  @OptionGroup var configurationOptions: ConfigurationOptions

  @OptionGroup var armOptions: ArmOptions

  @Option(
    help: ArgumentHelp(
      "Seeds of every arm: a number of them, from 0 on, or a list such as 0-9,20 (default: the preset's number).",
      valueName: "seeds"))
  var seeds: String?

  @OptionGroup var games: GamesOption

  @Flag(help: "Uses the preset's settings even where nap sweep chose others.")
  var untuned = false

  @Option(
    help: ArgumentHelp(
      "The report: .html, .png, .svg, .pdf or .csv (default: report.html in the folder of runs).",
      valueName: "file"))
  var report: String?

  @OptionGroup var mixing: MixingOption
  @OptionGroup var plan: PlanOptions
  @OptionGroup var machine: MachineOptions
  @OptionGroup var long: LongWorkOption
  @OptionGroup var runs: RunsOption

  func validate() throws {
    try games.requireAlone(configurationOptions)
  }

  func draft<R: Recipe>(_ recipe: R.Type) throws -> PlanDraft<R> {
    let chosenSeeds = try seeds.map(SeedList.init)?.seeds()
    _ = try machine.checkedDevice()
    try OutputFile.requireReport(output, option: "--report")
    let preset = try R.preset(configurationOptions.preset)
    var (overrides, settings) = try configurationOptions.parsedForArms(R.self)
    let names = try games.names(R.self)
    overrides += games.base(names)
    let base = try overrides.applied(to: preset.configuration)
    let asked = try armOptions.names(R.self, default: preset.arms)
    var applicable = ApplicableArms()
    let store = try plan.store(runs)
    var tuned: [String: [String: String]] = try settings.byArm(asked, R.self, base)
    let rate = R.learningRateKey
    for arm in asked {
      let given = Set(overrides.map(\.key)).union((tuned[arm] ?? [:]).keys)
      let settings =
        untuned
        ? []
        : try ComparisonPlan.tunedSettings(
          R.self, preset: preset.name, base, arm: arm, given: given, in: store)
      for setting in settings {
        tuned[arm, default: [:]][setting.key] = "\(setting.value)"
        let what = setting.key == rate ? "learning rate" : setting.key
        Console.error("\(arm): tuned \(what) \(setting.value) (sweep \(setting.comparison))")
      }
      // A rate given here holds for every arm, also for one that would derive its own from the base, unless it sets
      // one itself.
      if let given = overrides.last(where: { $0.key == rate }),
        try !ArmName(parsing: arm).sets(rate)
      {
        tuned[arm, default: [:]][rate] = given.value
      }
      let configuration = try ComparisonPlan.configuration(
        R.self, base, arm: arm, overrides: tuned[arm] ?? [:])
      guard applicable.add(arm, idle: try R.idleMethods(configuration)) else { continue }
      for warning in try R.validate(configuration) {
        Console.error("warning: arm \(arm): \(warning)")
      }
    }
    let arms = try applicable.required()
    let entries = ComparisonPlan.entries(
      arms: arms, seeds: chosenSeeds ?? Array(0..<preset.seeds), environments: names,
      overrides: tuned)
    return PlanDraft(
      kind: .comparison, preset: preset.name, base: base, entries: entries, store: store,
      notes: applicable.notes)
  }

  func tell<R: Recipe>(_ done: Comparison, of draft: PlanDraft<R>) throws {
    try ReportWriter(store: draft.store, mixesProtocols: mixing.isAllowed)
      .write(R.self, done, notes: draft.notes, to: output)
    try PlanRunner.requireSound(done)
  }

  mutating func restrict(toSeeds seeds: [Int], report: String?) {
    self.seeds = SeedList.text(seeds)
    self.report = report
  }

  /// The report's path.
  private var output: String { report ?? runs.url.appendingPathComponent("report.html").path }
}
