import Foundation
import RunStore

/// The scores of a sweep as a table: a row a value, a column an arm, the choice marked.
enum SweepTable {
  static func text(_ settings: [TunedSetting], measure: String) -> String {
    guard let first = settings.first else { return "nothing was tuned" }
    let values = first.candidates.map(\.value)
    let arms = settings.map(\.arm)
    let width = max(9, (arms.map(\.count).max() ?? 0) + 2)
    func right(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    var lines = ["\(first.key): \(measure), mean over tuning seeds (* chosen)"]
    lines.append(right("", 10) + arms.map { right($0, width) }.joined())
    for value in values {
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
}
