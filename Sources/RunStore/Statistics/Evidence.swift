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
/// With c = 95 %, asking that the whole two-sided interval lie on the good side of the margin is a
/// one-sided test at 2.5 %.
public enum NonInferiority: String, Codable, Hashable, Sendable {
  /// Fewer pairs than ``Evidence/minimumSeedCount``.
  case tooFewSeeds
  /// The whole interval is better than the reference worsened by the margin.
  case noHarm
  /// The whole interval is worse than that.
  case harm
  /// The interval holds the margin: more seeds are needed.
  case undecided

  /// The margin for accuracies: one point.
  public static let accuracyMargin = 0.01
  /// The margin for losses in nats.
  public static let lossMargin = 0.02

  /// The verdict on a difference from the reference.
  ///
  /// - Parameter margin: the largest worsening that counts as none, above 0, in the unit of the
  ///   difference.
  public init(_ difference: PairedDifference, margin: Double, higherIsBetter: Bool) {
    guard let interval = difference.interval else {
      self = .tooFewSeeds
      return
    }
    let worst = higherIsBetter ? interval.lower : -interval.upper
    let best = higherIsBetter ? interval.upper : -interval.lower
    if worst > -margin {
      self = .noHarm
    } else if best < -margin {
      self = .harm
    } else {
      self = .undecided
    }
  }
}
