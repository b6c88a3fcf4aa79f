import Foundation
public import RunStore

/// A hypothesis beside what the runs showed.
public struct Finding: Hashable, Sendable {
  /// How the two agree; in the order in which a report lists them.
  public enum Verdict: Int, Hashable, Sendable, Comparable, CaseIterable {
    /// The interval lies on the other side.
    case against
    /// The interval does not decide.
    case undecided
    /// Too few seeds for an interval; the means alone are told.
    case tooFewSeeds
    /// The interval lies on the expected side.
    case asExpected

    public static func < (left: Verdict, right: Verdict) -> Bool { left.rawValue < right.rawValue }

    /// The verdict in words.
    public var words: String {
      switch self {
      case .against: "against expectation"
      case .undecided: "undecided"
      case .tooFewSeeds: "too few seeds to say"
      case .asExpected: "as expected"
      }
    }
  }

  /// What was expected.
  public let hypothesis: Hypothesis
  /// How it agrees with the runs.
  public let verdict: Verdict
  /// What the runs showed, in a sentence.
  public let statement: String

  /// Judges a hypothesis by the paired difference of the two arms; `nil` when one of them was not
  /// run.
  public init?(_ hypothesis: Hypothesis, arms: [ArmSummary], measure: PrimaryMeasure) {
    guard let arm = arms.first(where: { $0.arm == hypothesis.arm }),
      let other = arms.first(where: { $0.arm == hypothesis.other })
    else { return nil }
    let difference = arm.outcome(measure).difference(from: other.outcome(measure))
    self.hypothesis = hypothesis
    self.verdict = Finding.verdict(hypothesis.relation, difference, measure)
    self.statement = Finding.statement(hypothesis, difference, measure)
  }

  private static func verdict(
    _ relation: Hypothesis.Relation, _ difference: PairedDifference, _ measure: PrimaryMeasure
  ) -> Verdict {
    guard let interval = difference.interval else { return .tooFewSeeds }
    let worst = measure.higherIsBetter ? interval.lower : -interval.upper
    let best = measure.higherIsBetter ? interval.upper : -interval.lower
    let bound = relation == .better ? 0 : -measure.margin
    if worst > bound { return .asExpected }
    return best < bound ? .against : .undecided
  }

  private static func statement(
    _ hypothesis: Hypothesis, _ difference: PairedDifference, _ measure: PrimaryMeasure
  ) -> String {
    let expected: String
    switch hypothesis.relation {
    case .better: expected = "\(hypothesis.arm) better than \(hypothesis.other)"
    case .noWorse:
      expected =
        "\(hypothesis.arm) no worse than \(hypothesis.other) by more than "
        + Format.plain(measure.margin)
    }
    let source = hypothesis.source.isEmpty ? "" : " (\(hypothesis.source))"
    guard difference.differences.count > 0 else {
      return "Expected \(expected)\(source): no seed of both finished."
    }
    var found = "\(Format.signed(difference.mean)) in \(measure.words)"
    if let interval = difference.interval {
      found +=
        ", 95 % interval \(Format.signed(interval.lower)) to \(Format.signed(interval.upper))"
    }
    let seeds = Format.count(difference.differences.count, "seed")
    return "Expected \(expected)\(source); found \(found), over \(seeds)."
  }
}
