import ArgumentParser
import Experiments
import Plasticity
import RunStore

/// `nap list`.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists recipes; of one recipe its presets, arms and settings; methods; diagnostics.",
    discussion: """
      nap list                                   the recipes
      nap list random-labels                     one recipe: presets, arms, every setting of its first preset
      nap list atari --preset hundred-k          the settings of another preset
      nap list methods                           baseline methods with their settings
      nap list diagnostics                       what recording.diagnostics takes
      nap list --metrics                         every recorded metric, as Markdown

      A setting is shown as key=value, with what the value is counted in, its value in the recipe's first preset where \
      that is another, what it means and where it is from. --set key=value changes it.
      """)

  @Argument(help: "A recipe, or methods, or diagnostics.")
  var subject: String?

  @Option(help: "The preset whose settings are shown; the recipe's first unless given.")
  var preset: String?

  @Flag(help: "Explains every recorded metric instead, as Markdown.")
  var metrics = false

  func validate() throws {
    guard preset == nil || subject != nil else {
      throw ValidationError(
        "--preset \(preset ?? ""): name its recipe, too: nap list RECIPE --preset P")
    }
  }

  func run() throws {
    if metrics { return Console.line(Metric.glossaryPage) }
    switch subject {
    case "methods": showMethods()
    case "diagnostics": showDiagnostics()
    case let recipe?: try show(Recipes.named(recipe))
    case nil:
      let width = Recipes.all.map { $0.name.count }.max() ?? 0
      for recipe in Recipes.all { Console.line("\(pad(recipe.name, width))  \(recipe.summary)") }
      Console.line("\nOne recipe's presets, arms and settings: nap list RECIPE")
      Console.line("Baseline methods: nap list methods; diagnostics: nap list diagnostics")
    }
  }

  private func show<R: Recipe>(_ recipe: R.Type) throws {
    let shown = try R.preset(preset)
    Console.line("\(R.name)\n  \(R.summary)\n\n  presets")
    let presetWidth = R.presets.map(\.name.count).max() ?? 0
    for preset in R.presets {
      Console.line("    \(pad(preset.name, presetWidth))  \(preset.summary)")
    }
    Console.line("\n  arms")
    let armWidth = R.arms.map(\.name.count).max() ?? 0
    for arm in R.arms { Console.line("    \(pad(arm.name, armWidth))  \(arm.summary)") }
    Console.line("\n  compared by \(R.primaryMeasure.words), against \(R.referenceArm)")
    if R.tuningMeasure != R.primaryMeasure { Console.line("  tuned by \(R.tuningMeasure.words)") }
    if !R.methods.isEmpty {
      Console.line(
        "  \(R.methods.count) baseline methods can be added to every arm: nap list methods")
    }
    Console.line("\n  settings of the preset \(shown.name) (--set key=value)")
    let first = Dictionary(
      try R.presets.first.map { try ConfigurationListing.rows($0.configuration) } ?? [],
      uniquingKeysWith: { $1 })
    // Methods have a list of their own.
    for setting in try ConfigurationListing.settings(shown.configuration)
    where setting.key != "methods" {
      show(setting, otherwise: first[setting.key])
    }
  }

  /// A setting with what it means on the lines below.
  private func show(_ setting: ConfigurationListing.Setting, otherwise: String? = nil) {
    var line = "    \(setting.key)=\(setting.value)"
    if !setting.unit.isEmpty { line += " \(setting.unit)" }
    if let otherwise, otherwise != setting.value { line += "  (default \(otherwise))" }
    Console.line(line)
    for text in Paragraph.lines(setting.meaning ?? "", width: 100) {
      Console.line("        \(text)")
    }
  }

  private func showDiagnostics() {
    Console.line("diagnostics (--set recording.diagnostics=NAME,NAME or all)")
    let width = Diagnostics.all.map { $0.name.count }.max() ?? 0
    for measure in Diagnostics.all {
      Console.line("  \(pad(measure.name, width))  \(measure.summary) (\(measure.source))")
    }
  }

  /// Each method with its source and the keys that `--set` takes for it.
  private func showMethods() {
    Console.line(
      "methods (nap train --method, nap compare --methods; each can be added to every arm of a recipe that takes them)"
    )
    let width = MethodDescription.all.map(\.name.count).max() ?? 0
    for method in MethodDescription.all {
      let note = method.knowsBoundaries ? " [knows the boundary]" : ""
      Console.line("  \(pad(method.name, width))  \(method.summary)\(note) (\(method.source))")
      method.settings.forEach { show($0) }
    }
  }

  private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}

/// Text in lines.
enum Paragraph {
  /// Words in lines of at most so many characters; a longer word has a line of its own.
  static func lines(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}
