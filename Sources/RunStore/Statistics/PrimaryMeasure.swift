/// The one number a run is judged by, fixed before any run.
public struct PrimaryMeasure: Hashable, Sendable {
  /// Which tasks count.
  public enum Part: String, Hashable, Sendable, CaseIterable {
    /// All of them.
    case allTasks = "all tasks"
    /// The first fifth.
    case firstFifth = "the first fifth of the tasks"
    /// The last fifth.
    case lastFifth = "the last fifth of the tasks"
  }

  /// The metric.
  public var metric: Metric
  /// The tasks that its mean is taken over.
  public var part: Part
  /// Whether more is better.
  public var higherIsBetter: Bool
  /// The largest worsening that counts as no harm, in the metric's unit.
  public var margin: Double

  /// Fixes a measure; direction and margin follow from the metric unless given (1 point of a share,
  /// 0.02 nats of a loss).
  public init(
    _ metric: Metric = .taskEndAccuracy, over part: Part = .allTasks,
    higherIsBetter: Bool? = nil, margin: Double? = nil
  ) {
    self.metric = metric
    self.part = part
    self.higherIsBetter = higherIsBetter ?? (metric.entry?.better != .lower)
    self.margin =
      margin
      ?? (metric.entry?.unit == "nats"
        ? NonInferiority.lossMargin : NonInferiority.accuracyMargin)
  }

  /// The measure in words, such as `accuracy at task end, mean over all tasks`.
  public var words: String { "\(metric.title.lowercased()), mean over \(part.rawValue)" }

  /// The number of one run.
  public func score(_ trend: Trend) -> Double {
    switch part {
    case .allTasks: trend.mean
    case .firstFifth: trend.firstFifth
    case .lastFifth: trend.lastFifth
    }
  }
}
