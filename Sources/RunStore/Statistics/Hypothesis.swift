/// What was expected before the runs: one arm beside another under the primary measure.
public struct Hypothesis: Hashable, Sendable {
  /// How the arm was expected to stand.
  public enum Relation: Hashable, Sendable {
    /// Better than the other.
    case better
    /// No worse than the other by more than the measure's margin.
    case noWorse
  }

  /// The arm.
  public var arm: String
  /// How it was expected to stand.
  public var relation: Relation
  /// The other arm.
  public var other: String
  /// Who says so, such as `the paper, figure 1`; empty for nobody.
  public var source: String

  /// States a hypothesis.
  public init(_ arm: String, _ relation: Relation, than other: String, source: String = "") {
    self.arm = arm
    self.relation = relation
    self.other = other
    self.source = source
  }
}
