import ArgumentParser
import Experiments
import Foundation
import RunStore
import Torch

/// `nap sweep`.
struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Tunes one setting of each arm with equal budgets, on seeds that are not reported.",
    discussion: """
      nap sweep random-labels --preset short --over optimizer.learningRate=1e-4,3e-4,1e-3,3e-3 \\
          --arms plain,norm,nap,fresh-norm --set tasks=100

      Tuning seeds start at 1000, apart from the reported seeds 0, 1, …. nap compare takes the chosen \
      values of the same preset. The whole curve is kept: nap report SWEEP draws it.
      """)

  @Argument(help: "The recipe; nap list shows them.")
  var recipe: String

  @Option(
    help: ArgumentHelp("The setting and its values: key=a,b,c.", valueName: "key=values"))
  var over: String

  @OptionGroup var configurationOptions: ConfigurationOptions

  @OptionGroup var armOptions: ArmOptions

  @Option(help: "Tuning seeds an arm and value.")
  var seeds = 2

  @OptionGroup var plan: PlanOptions
  @OptionGroup var machine: MachineOptions
  @OptionGroup var runs: RunsOption

  func validate() throws {
    guard (1...10_000).contains(seeds) else {
      throw ValidationError("--seeds \(seeds): expected 1 to 10000")
    }
  }

  func run() throws {
    Interruption.listen()
    try sweep(Recipes.named(recipe))
  }

  private func sweep<R: Recipe>(_ recipe: R.Type) throws {
    _ = try machine.prepare()
    let preset = try R.preset(configurationOptions.preset)
    let override = try ConfigurationOverride(parsing: over)
    let values = override.value.split(separator: ",").map(String.init)
    guard !values.isEmpty, values.allSatisfy({ Double($0) != nil }) else {
      throw UsageError("--over \(over): expected numbers separated by commas after the =")
    }
    let (overrides, methodSettings) = try configurationOptions.parsedForArms(R.self)
    let base = try overrides.applied(to: preset.configuration)
    let asked = try armOptions.names(R.self, default: preset.arms)
    for arm in asked where try ArmName(parsing: arm).sets(override.key) {
      throw UsageError(
        "--over \(over): arm \(arm) sets \(override.key) itself; leave it out of the brackets")
    }
    let fixed = try methodSettings.byArm(asked, R.self, base)
    var applicable = ApplicableArms()
    for arm in asked {
      let configurations = try values.map { value in
        try ComparisonPlan.configuration(
          R.self, base, arm: arm,
          overrides: (fixed[arm] ?? [:]).merging([override.key: value]) { $1 })
      }
      let warnings = try configurations.map(R.validate)
      let idle = try configurations.lazy.map(R.idleMethods).first { !$0.isEmpty }
      guard applicable.add(arm, idle: idle ?? []) else { continue }
      for warning in warnings[0] { Console.error("warning: arm \(arm): \(warning)") }
    }
    let arms = try applicable.required()
    let threads = machine.threads ?? 1
    let store = try runs.open()
    let runner = PlanRunner(
      store: store, runsFolder: runs.url, jobs: plan.jobCount(threads: threads), threads: threads,
      device: machine.device, trust: plan.trust)
    let comparison = try runner.adopt(
      R.self,
      ComparisonPlan.make(
        R.self, kind: .sweep, preset: preset.name, base: base,
        entries: ComparisonPlan.sweepEntries(
          arms: arms, key: override.key, values: values, seeds: seeds, overrides: fixed),
        provenance: .current(
          napVersion: NapVersion.current, libtorchVersion: Machine.libtorchVersion,
          device: machine.device, threadCount: threads)), isNew: plan.isNew)
    let command = CommandLine.arguments.joined(separator: " ")
    let done = try runner.run(comparison, command: command)
    try PlanRunner.requireSound(done)
    try ReportWriter(store: store).requireOneProtocol(done)
    let settings = try Tuning.settings(R.self, done, key: override.key, store: store)
    for setting in settings { try store.record(setting) }
    Console.line(SweepTable.text(settings, measure: R.tuningMeasure.words))
    Console.line("\(store.command("report \(done.id) -o sweep.html")) draws the curves")
  }
}
