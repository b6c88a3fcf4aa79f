import ArgumentParser
import Experiments
import RunStore

/// `nap list`.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Recipes with their presets and arms, and what can be set.")

  @Argument(help: "One recipe; also shows every setting of its default preset.")
  var recipe: String?

  func run() throws {
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
    Console.line("\n  compared by \(R.primaryMeasure.words), against \(R.referenceArm)\n")
    guard settings, let preset = R.presets.first else { return }
    Console.line("  settings (--set key=value), with the values of preset \(preset.name)")
    for (key, value) in try ConfigurationListing.rows(preset.configuration) {
      Console.line("    \(key)=\(value)")
    }
  }

  private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
