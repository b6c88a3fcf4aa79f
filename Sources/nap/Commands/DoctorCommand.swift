import ArgumentParser
import Dashboard
import Datasets
import Experiments
import Foundation

/// `nap doctor`.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "What is installed, what is missing, and what this machine can run.",
    discussion: """
      nap doctor                       about a minute of real training tells what presets need here
      nap doctor --quick               only tries whether the demo starts
      nap doctor --hours 48 --json

      Presets are measured one after another on one thread each, as nap compare runs them. Exits 3 \
      when the demo cannot run here.
      """)

  @Option(help: "Seconds of training for all presets together.")
  var seconds = 60.0

  @Flag(help: "Measures nothing; only tries whether the demo starts.")
  var quick = false

  @Option(help: "How long a comparison may take, for the largest preset that fits.")
  var hours = 12.0

  @Flag(help: "The whole report as JSON on standard output.")
  var json = false

  @Option(
    help: ArgumentHelp("Measures one preset.", valueName: "recipe/preset", visibility: .hidden))
  var measure: String?

  @OptionGroup var runs: RunsOption
  @OptionGroup var data: DataCommand.FolderOption

  func validate() throws {
    guard seconds > 0, seconds <= 1e6 else {
      throw ValidationError(
        "--seconds \(seconds): expected a number above 0, at most 1e6; --quick measures nothing")
    }
    guard hours > 0, hours <= 1e6 else {
      throw ValidationError("--hours \(hours): expected a number above 0, at most 1e6")
    }
  }

  func run() throws {
    if let measure { return try printMeasurement(measure) }
    var report = DoctorReport(runsFolder: runs.url, data: data.root, renderer: renderer)
    report.presets = try survey(report.machine)
    if json {
      Console.line(try report.json(within: hours))
    } else {
      Console.line(DoctorTable.text(report, hours: hours))
    }
    let obstacles = report.obstacles.count
    if obstacles > 0 {
      throw DemoImpossible(
        description: "the demo cannot run here, for "
          + (obstacles == 1 ? "a reason" : "\(obstacles) reasons") + " given in the report")
    }
  }

  private func survey(_ machine: MachineFacts) throws -> [PresetNeeds] {
    let subjects = quick ? [PresetSurvey.demonstration].compactMap { $0 } : PresetSurvey.allSubjects
    var survey = PresetSurvey(
      subjects, program: try PlanRunner.executable(), seconds: quick ? 0.1 : seconds, facts: machine
    )
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
    Console.line(try PresetMeasurement.make(R.self, preset: preset, seconds: seconds).json())
  }
}

/// The demo cannot run on this machine.
struct DemoImpossible: Error, CustomStringConvertible {
  var description: String
}
