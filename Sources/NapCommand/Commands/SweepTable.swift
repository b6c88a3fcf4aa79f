import Experiments
import Foundation
import RunStore
import Statistics

/// The scores of a sweep: one table per setting, one row per value, one column per arm. The choice is marked.
enum SweepTable {
  static func text(_ choices: [Tuning.Choice], measure: String) -> String {
    let keys = choices.first?.settings.map(\.key) ?? []
    guard !keys.isEmpty else { return "nothing was tuned" }
    var parts = keys.indices.map { index in
      table(choices.map { $0.settings[index] }, measure: measure, isSlice: keys.count > 1)
    }
    if keys.count > 1 { parts.append(chosen(choices)) }
    return parts.joined(separator: "\n\n")
  }

  /// Choices at the edge of the values that were tried, where a better value may lie beyond, one sentence each.
  static func edges(_ choices: [TunedSetting]) -> [String] {
    choices.compactMap { setting in
      let values = setting.candidates.map(\.value)
      guard values.count > 1, let least = values.min(), let most = values.max(),
        setting.value == least || setting.value == most
      else { return nil }
      let (word, more) = setting.value == least ? ("smallest", "smaller") : ("largest", "larger")
      return
        "\(setting.arm): \(setting.key)=\(String(format: "%g", setting.value)) is the \(word) value tried, and "
        + "the best: try \(more) ones for every arm, with the same command and other values"
    }
  }

  /// The values of one setting. In a grid, with the chosen values of the other settings.
  private static func table(_ settings: [TunedSetting], measure: String, isSlice: Bool) -> String {
    var values: [Double] = []
    for value in settings.flatMap(\.candidates).map(\.value) where !values.contains(value) {
      values.append(value)
    }
    let arms = settings.map(\.arm)
    let width = max(9, (arms.map(\.count).max() ?? 0) + 2)
    func right(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    let place = isSlice ? ", each arm's other settings as chosen" : ""
    var lines = [
      "\(settings[0].key): \(measure), mean over tuning seeds (* chosen\(place))",
      right("", 10) + arms.map { right($0, width) }.joined(),
    ]
    for value in values.sorted() {
      let cells = settings.map { setting -> String in
        guard let candidate = setting.candidates.first(where: { $0.value == value }) else {
          return right("-", width)
        }
        guard candidate.unfinishedSeeds.isEmpty else { return right("not finite", width) }
        let mean = Sample(Array(candidate.scoreBySeed.values)).mean
        return right(String(format: "%.4f", mean) + (setting.value == value ? "*" : " "), width)
      }
      lines.append(right(String(format: "%g", value), 10) + cells.joined())
    }
    return lines.joined(separator: "\n")
  }

  /// The chosen combination of each arm, one per line.
  private static func chosen(_ choices: [Tuning.Choice]) -> String {
    choices.map { choice in
      let values = choice.settings.map { "\($0.key)=\(String(format: "%g", $0.value))" }
      return "\(choice.settings[0].arm): \(values.joined(separator: " ")) "
        + String(format: "gave %.4f", choice.score)
    }.joined(separator: "\n")
  }
}
