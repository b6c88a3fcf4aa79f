import Experiments
import Plasticity

/// The arms of a plan that have something to do, and why the others do not.
struct ApplicableArms {
  /// The arms to train, in the order asked for.
  private(set) var arms: [String] = []
  /// One sentence for each arm that is left out.
  private(set) var reasons: [String] = []

  /// Takes an arm in, or notes why it is left out: it would be the result of a method that never acts.
  ///
  /// - Returns: whether the arm is to be trained.
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
