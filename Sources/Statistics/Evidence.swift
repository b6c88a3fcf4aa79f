/// The rules by which results are shown: fixed here once, before any run.
public enum Evidence {
  /// Below this many seeds an arm is shown as points, without an interval or a p-value.
  public static let minimumSeedCount = 5
  /// The confidence of every interval.
  public static let confidence = 0.95

  /// Student's interval of the mean where there are enough seeds, else `nil`.
  public static func interval(of sample: Sample) -> ConfidenceInterval? {
    sample.count >= minimumSeedCount ? sample.meanInterval(confidence: confidence) : nil
  }
}

/// Whether an arm does no harm next to a reference: non-inferiority with a margin.
///
/// A word is never decided by an interval alone: it is that of a ``BoundTest``, whose p-value is corrected over all
/// that were asked at once. With c = 95 % a single two-sided test is a one-sided test of no harm at 2.5 %.
public enum NonInferiority: String, Codable, Hashable, Sendable {
  /// Fewer pairs than ``Evidence/minimumSeedCount``.
  case tooFewSeeds
  /// Better than the reference worsened by the margin.
  case noHarm
  /// Worse than that.
  case harm
  /// On neither side of the margin for sure: more seeds are needed.
  case undecided

  /// The margin for accuracies: one point.
  public static let accuracyMargin = 0.01
  /// The margin for losses in nats.
  public static let lossMargin = 0.02

  /// The word for an answered question.
  public init(_ test: BoundTest) {
    self =
      switch test.side {
      case .tooFewSeeds: .tooFewSeeds
      case .better: .noHarm
      case .worse: .harm
      case .undecided: .undecided
      }
  }
}
