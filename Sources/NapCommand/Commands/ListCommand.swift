import ArgumentParser
import Experiments
import Plasticity
import RunStore

/// `nap list`.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists recipes with their presets, arms, methods and settings.")

  @Argument(help: "One recipe, with every setting of its default preset.")
  var recipe: String?

  @Flag(help: "Explains every recorded metric instead, as Markdown.")
  var metrics = false

  func run() throws {
    if metrics { return Console.line(Metric.glossaryPage) }
    if let recipe {
      try show(Recipes.named(recipe), settings: true)
    } else {
      for recipe in Recipes.all { try show(recipe, settings: false) }
      Console.line("Settings of a recipe: nap list RECIPE")
    }
  }

  private func show<R: Recipe>(_ recipe: R.Type, settings: Bool) throws {
    Console.line("\(R.name)\n  \(R.summary)\n\n  presets")
    let presetWidth = R.presets.map(\.name.count).max() ?? 0
    for preset in R.presets {
      Console.line("    \(pad(preset.name, presetWidth))  \(preset.summary)")
    }
    Console.line("\n  arms")
    let armWidth = R.arms.map(\.name.count).max() ?? 0
    for arm in R.arms { Console.line("    \(pad(arm.name, armWidth))  \(arm.summary)") }
    if !R.methods.isEmpty { showMethods(R.methods, settings: settings) }
    Console.line("\n  compared by \(R.primaryMeasure.words), against \(R.referenceArm)")
    if R.tuningMeasure != R.primaryMeasure { Console.line("  tuned by \(R.tuningMeasure.words)") }
    Console.line("")
    guard settings, let preset = R.presets.first else { return }
    Console.line("  settings (--set key=value), with the values of preset \(preset.name)")
    let rows = try ConfigurationListing.rows(preset.configuration)
    // Methods are listed above, each with its keys.
    for (key, value) in rows where key != "methods" { Console.line("    \(key)=\(value)") }
    if rows.contains(where: { $0.key == "recording.diagnostics" }) { showDiagnostics() }
  }

  private func showDiagnostics() {
    Console.line("\n  diagnostics (--set recording.diagnostics=NAME,NAME or all)")
    let width = Diagnostics.all.map { $0.name.count }.max() ?? 0
    for measure in Diagnostics.all {
      Console.line("    \(pad(measure.name, width))  \(measure.summary) (\(measure.source))")
    }
  }

  /// Each method with its source. With `settings` also the keys that `--set` takes for it.
  private func showMethods(_ methods: [MethodDescription], settings: Bool) {
    Console.line(
      "\n  methods (nap train --method, nap compare --methods; each can be added to every arm)")
    let width = methods.map(\.name.count).max() ?? 0
    for method in methods {
      let note = method.knowsBoundaries ? " [knows the boundary]" : ""
      Console.line("    \(pad(method.name, width))  \(method.summary)\(note) (\(method.source))")
      guard settings else { continue }
      for (key, value) in method.settings {
        Console.line("    \(pad("", width))    \(key)=\(value)")
      }
    }
  }

  private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
