import ArgumentParser
import Experiments
import Foundation

/// Says before long work begins how long it takes.
struct LongWorkOption: ParsableArguments {
  @Flag(name: .long, help: "Begins without asking, even if the forecast is more than an hour.")
  var yes = false

  /// Shows a forecast of more than an hour. At a terminal, asks whether to begin.
  ///
  /// - Parameter work: such as `one run`.
  /// - Throws: ``Failure/Abandoned`` if the answer is no or the program is interrupted.
  func confirm(_ work: String, hours: Double, on words: String) throws {
    guard hours > 1 else { return }
    Console.error("\(work): about \(Self.words(hours: hours)) here, \(words)")
    guard !yes, Question.isAnswerable else { return }
    try Question.require("Begin?", orElse: "nothing was begun")
  }

  /// `40 s`, `25 min`, `3.2 h`, `4.0 days`.
  static func words(hours: Double) -> String {
    switch hours {
    case ..<(1 / 60.0): String(format: "%.0f s", hours * 3_600)
    case ..<1.5: String(format: "%.0f min", hours * 60)
    case ..<72: String(format: "%.1f h", hours)
    default: String(format: "%.1f days", hours / 24)
    }
  }
}
