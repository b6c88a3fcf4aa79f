import ArgumentParser
import Dashboard
import Datasets
import Experiments
import Foundation

/// `nap doctor`.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Shows what is installed, what is missing, and what this machine can run.",
    discussion: """
      nap doctor                                what is installed, and whether the demo starts
      nap doctor random-labels --preset short   memory and hours of a preset, from some seconds of training
      nap doctor atari --set environments.framesPerVisit=1000000
      nap doctor random-labels --survey         all presets of the recipe, and the largest that fits
      nap doctor --survey --hours 48            all presets of all recipes: takes some minutes

      Presets are measured one after another with one thread each, as nap compare runs them. Exits 3 \
      if the demo, or the given preset, cannot run on this machine.
      """)

  @Argument(help: "A recipe to measure (with its default preset, or that of --preset).")
  var recipe: String?

  @OptionGroup var configurationOptions: ConfigurationOptions

  @Option(help: "The arm to measure (default: NaP's).")
  var arm: String?

  @Flag(help: "Measures every preset of the recipe, or of every recipe.")
  var survey = false

  @Option(help: "Seconds of training for all presets together (default: 10, or 60 with --survey).")
  var seconds: Double?

  @Flag(help: "Only checks whether the demo starts, as without a recipe and --survey.")
  var quick = false

  @Option(help: "The most hours of a comparison, to find the largest preset that fits.")
  var hours = 12.0

  @Flag(help: "Writes the whole report as JSON to standard output.")
  var json = false

  @Option(
    help: ArgumentHelp("Measures one preset.", valueName: "recipe/preset", visibility: .hidden))
  var measure: String?

  @OptionGroup var runs: RunsOption
  @OptionGroup var data: DataCommand.FolderOption

  func validate() throws {
    if let seconds, !(seconds > 0 && seconds <= 1e6) {
      throw ValidationError(
        "--seconds \(seconds): expected a number above 0, at most 1e6; --quick measures nothing")
    }
    guard hours > 0, hours <= 1e6 else {
      throw ValidationError("--hours \(hours): expected a number above 0, at most 1e6")
    }
    let isSet =
      configurationOptions.preset != nil || !configurationOptions.overrides.isEmpty
      || configurationOptions.environments != nil || arm != nil
    if isSet, recipe == nil, measure == nil {
      throw ValidationError("name a recipe to measure beside --preset, --arm, --set and --env")
    }
    if quick, recipe != nil || survey {
      throw ValidationError("--quick measures nothing: give it without a recipe and --survey")
    }
    if survey, isSet {
      throw ValidationError(
        "--survey measures presets as they are: leave out --preset, --arm, --set and --env")
    }
  }

  func run() throws {
    if let measure { return try printMeasurement(measure) }
    var report = DoctorReport(runsFolder: runs.url, data: data.root, renderer: renderer)
    report.presets = try needs(report.machine, report.datasets)
    if json {
      Console.line(try report.json(within: hours))
    } else {
      Console.line(DoctorTable.text(report, hours: hours))
    }
    let obstacles = report.obstacles.count
    if obstacles > 0 {
      throw Failure.Impossible(
        description: "the demo cannot run here; the report gives "
          + (obstacles == 1 ? "the reason" : "\(obstacles) reasons"))
    }
    if recipe != nil, !survey, let asked = report.presets.first, let problem = asked.problem {
      throw Failure.Impossible(
        description: "\(asked.recipe) --preset \(asked.preset) cannot run here: \(problem)")
    }
  }

  /// Measures what was asked for.
  private func needs(_ machine: MachineFacts, _ datasets: [DatasetCondition]) throws
    -> [PresetNeeds]
  {
    if survey {
      let subjects =
        try recipe.map { PresetSurvey.subjects(of: try Recipes.named($0)) }
        ?? PresetSurvey.allSubjects
      return try measured(subjects, machine, seconds: seconds ?? 60)
    }
    if let recipe {
      return try measured([try subject(Recipes.named(recipe))], machine, seconds: seconds ?? 10)
    }
    guard let demonstration = PresetSurvey.demonstration else { return [] }
    let found = try measured([demonstration], machine, seconds: 0.1)
    let hasImages = datasets.contains { $0.name == "cifar-10" && $0.state == .complete }
    guard found.contains(where: { $0.problem != nil }), !hasImages else { return found }
    // As `make demo` does where CIFAR-10 is not available.
    let builtIn = demonstration.with(settings: [PresetSurvey.builtInImages])
    return try measured([builtIn], machine, seconds: 0.1)
  }

  private func subject<R: Recipe>(_ recipe: R.Type) throws -> PresetSurvey.Subject {
    // Refused here as a usage error, and not as a preset that does not run.
    let settings = try configurationOptions.parsed(for: R.self)
    let subject = try PresetSurvey.subject(of: R.self, preset: configurationOptions.preset)
    let arm = try arm.map { try R.arm($0, methods: []) }
    let preset = try R.preset(subject.preset)
    _ = try R.validate(
      settings.configuration(
        of: R.self, from: preset.configuration, arm: arm ?? preset.arms[0]))
    return subject.with(arm: arm, settings: settings.map { "\($0.key)=\($0.value)" })
  }

  private func measured(
    _ subjects: [PresetSurvey.Subject], _ machine: MachineFacts, seconds: Double
  ) throws -> [PresetNeeds] {
    var survey = PresetSurvey(
      subjects, program: try PlanRunner.executable(), seconds: seconds, facts: machine)
    var progress = Progress(Progress.automatic, unit: "presets")
    var found: [PresetNeeds] = []
    while let subject = survey.subjects.first {
      progress.show(
        share: Double(found.count) / Double(subjects.count),
        figures: "preset \(found.count + 1) of \(subjects.count)",
        "training \(subject.recipe) \(subject.preset)", now: true)
      if let needs = survey.next() { found.append(needs) }
    }
    progress.clear()
    return found
  }

  private var renderer: Component {
    func component(_ version: String?, _ detail: String, _ remedy: String? = nil) -> Component {
      Component(
        name: "chart renderer", purpose: "figures of reports", version: version, detail: detail,
        isNeededForDemo: true, remedy: remedy)
    }
    do {
      let renderer = try ChartRenderer.find()
      return component(try renderer.version(), renderer.python.path)
    } catch {
      return component(nil, "\(error)", ChartRenderer.installation)
    }
  }

  private func printMeasurement(_ text: String) throws {
    let parts = text.split(separator: "/").map(String.init)
    guard parts.count == 2 else {
      throw UsageError(
        "--measure \(text): expected a recipe and a preset, such as random-labels/demo")
    }
    try printMeasurement(Recipes.named(parts[0]), preset: parts[1])
  }

  private func printMeasurement<R: Recipe>(_ recipe: R.Type, preset: String) throws {
    Console.line(
      try PresetMeasurement.make(
        R.self, preset: preset, arm: arm, overrides: configurationOptions.parsed(for: R.self),
        seconds: seconds ?? 10
      ).json())
  }
}
