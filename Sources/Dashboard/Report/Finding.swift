import Foundation
public import RunStore
public import Statistics

/// A hypothesis and what the runs showed.
public struct Finding: Hashable, Sendable {
  /// Whether they agree, in the order of a report.
  public enum Verdict: Int, Hashable, Sendable, Comparable, CaseIterable {
    /// The difference is on the other side.
    case against
    /// On neither side with certainty.
    case undecided
    /// Too few seeds for a test; only means are shown.
    case tooFewSeeds
    /// The difference is on the expected side.
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

  /// The hypothesis.
  public let hypothesis: Hypothesis
  /// The verdict.
  public let verdict: Verdict
  /// What the runs showed, in a sentence.
  public let statement: String

  /// Tests hypotheses by the paired differences of their arms; leaves out hypotheses whose arms were not both run.
  ///
  /// All are tested at once: a verdict follows the p-value after Holm's correction (``/Statistics/BoundTest``), never
  /// an interval alone.
  ///
  /// - Parameter average: how the tasks of a run become one number.
  public static func judged(
    _ hypotheses: [Hypothesis], arms: [ArmSummary], measure: PrimaryMeasure,
    by average: TaskAverage = .mean
  ) -> [Finding] {
    let known = hypotheses.compactMap { hypothesis -> (Hypothesis, PairedDifference)? in
      guard let arm = arms.first(where: { $0.arm == hypothesis.arm }),
        let other = arms.first(where: { $0.arm == hypothesis.other })
      else { return nil }
      return (
        hypothesis,
        arm.outcome(measure, by: average).difference(
          from: other.outcome(measure, by: average), by: average)
      )
    }
    let tests = BoundTest.answers(
      to: known.map { hypothesis, difference in
        BoundTest.Question(
          difference, margin: hypothesis.relation == .better ? 0 : measure.margin,
          higherIsBetter: measure.higherIsBetter)
      })
    return zip(known, tests).map { known, test in
      Finding(
        hypothesis: known.0, verdict: Verdict(test.side),
        statement: statement(known.0, known.1, test, measure))
    }
  }

  private static func statement(
    _ hypothesis: Hypothesis, _ difference: PairedDifference, _ test: BoundTest,
    _ measure: PrimaryMeasure
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
    if let p = test.adjustedP { found += ", corrected p \(Format.probability(p))" }
    let seeds = Format.count(difference.differences.count, "seed")
    return "Expected \(expected)\(source); found \(found), over \(seeds)."
  }
}

extension Finding.Verdict {
  /// The verdict for a side of the bound.
  init(_ side: BoundTest.Side) {
    self =
      switch side {
      case .better: .asExpected
      case .worse: .against
      case .undecided: .undecided
      case .tooFewSeeds: .tooFewSeeds
      }
  }
}
