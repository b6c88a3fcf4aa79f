import Experiments
import Plasticity

/// The arms of a plan whose methods can act, and why the others cannot.
struct ApplicableArms {
  /// The arms to train, in the order asked for.
  private(set) var arms: [String] = []
  /// One sentence per arm that is left out.
  private(set) var reasons: [String] = []

  /// Adds an arm, or notes why it is left out: its method would never act.
  ///
  /// - Returns: whether the arm was added.
  mutating func add(_ arm: String, idle: [IdleMethod]) -> Bool {
    guard idle.isEmpty else {
      let reason = idle.map(\.description).joined(separator: "; ")
      reasons.append("\(arm) is not applicable: \(reason)")
      Console.error("arm \(arm): not applicable: \(reason)")
      return false
    }
    arms.append(arm)
    return true
  }

  /// The arms to train.
  ///
  /// - Throws: ``UsageError`` when none is left.
  func required() throws(UsageError) -> [String] {
    guard !arms.isEmpty else {
      throw UsageError("no arm is left to train: \(reasons.joined(separator: "; "))")
    }
    return arms
  }

  /// Remarks for the report.
  var notes: [String] { reasons.map { "\($0)." } }
}
