public import Networks
import Torch

/// Continual backpropagation: the least useful of the mature units are replaced, a small share at
/// every update.
///
/// For each unit, with the batch's mean of |h| and its outgoing weights w:
///
///     u ← η u + (1 − η) · |h| Σ_k |w_k|        û = u / (1 − η^a)        a ← a + 1
///
/// At every update a layer's count of units to replace grows by ρ times its units older than m; while
/// it is at least 1, the eligible unit of least û gets a new start and the count falls by 1. A new
/// start: incoming weights as at initialization, outgoing weights zero, u = 0, a = 0, zero moments.
///
/// Source: Dohare et al. 2024 (Nature 632), equation 1 and algorithm 1; û, the replaced unit's mean
/// passed on to the consumer's bias (where it has one), and the utility `adaptableContribution`,
/// `|h − h̄| Σ|w| / Σ|w_in|`, as in the authors' code (`lop/algos/gnt.py`, commit bdfe0dd).
/// Deviations: sums where that code has means, which differ by one factor a layer, and the number of
/// optimizer steps of a parameter stays, as it is one for all.
public struct ContinualBackpropagation: Intervention {
  public static let name = "continual-backprop"
  public static let summary =
    "replaces the least useful mature units, a small share at every update"
  public static let source = "Dohare et al. 2024, equation 1, algorithm 1"

  /// What a unit's usefulness is measured by.
  public enum Utility: String, Sendable, Hashable, Codable, CaseIterable {
    /// |h| Σ |w|.
    case contribution
    /// |h − h̄| Σ |w| / Σ |w_in|.
    case adaptableContribution
  }

  /// ρ, units replaced at every update as a share of the mature ones; the authors' code has 1e-4.
  public var replacementRate = 1e-4
  /// m, updates before a unit may be replaced; our choice (the authors' code has 20 by default).
  public var maturityThreshold = 100
  /// η; the authors' code has 0.99.
  public var utilityDecay = 0.99
  /// The utility.
  public var utility = Utility.contribution
  /// Whether the mean contribution of a replaced unit is added to the consumer's bias.
  public var passesMeanOn = true

  public init() {}

  /// The rate lies in [0, 1], the decay in [0, 1), the threshold is at least 0.
  public func validate() throws(ConfigurationError) {
    try require(
      replacementRate >= 0 && replacementRate <= 1, "replacementRate", "within 0 and 1",
      replacementRate)
    try require(
      utilityDecay >= 0 && utilityDecay < 1, "utilityDecay", "at least 0 and below 1",
      utilityDecay)
    try requireCount(maturityThreshold, "maturityThreshold", from: 0)
  }

  public func idleReason(on subject: InterventionSubject) -> String? {
    subject.reasonTooShort(
      for: Self.name, first: maturityThreshold + 1, key: "maturityThreshold")
  }

  public func hook() -> any Hook { UnitTester(configuration: self) }
}
