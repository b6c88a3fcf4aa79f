public import RunStore

/// What one arm of a comparison gave, for the table.
public struct ArmSummary: Hashable, Sendable {
  /// A run without a score.
  public struct Unfinished: Hashable, Sendable {
    /// What became of it.
    public let status: RunStatus
    /// Tasks it reached.
    public let taskCount: Int

    /// States what became of a run.
    public init(status: RunStatus, taskCount: Int) {
      self.status = status
      self.taskCount = taskCount
    }
  }

  /// The arm.
  public var arm: String
  /// What sets the arm apart, such as `knows the task boundary`; empty for nothing.
  public var note: String
  /// The learning rate it ran with; `nil` when its runs differ or do not say.
  public var learningRate: Double?
  /// How the primary measure moved in each seed that finished.
  public var trendBySeed: [Int: Trend]
  /// The seeds that did not finish.
  public var unfinishedBySeed: [Int: Unfinished]

  /// States what an arm gave.
  public init(
    arm: String, note: String = "", learningRate: Double? = nil, trendBySeed: [Int: Trend],
    unfinishedBySeed: [Int: Unfinished] = [:]
  ) {
    self.arm = arm
    self.note = note
    self.learningRate = learningRate
    self.trendBySeed = trendBySeed
    self.unfinishedBySeed = unfinishedBySeed
  }

  /// A part of the trend over the finished seeds, by rising seed.
  func sample(_ part: (Trend) -> Double) -> Sample {
    Sample(trendBySeed.sorted { $0.key < $1.key }.map { part($0.value) })
  }

  /// The arm's outcome under a primary measure.
  func outcome(_ measure: PrimaryMeasure) -> ArmOutcome {
    ArmOutcome(
      arm: arm, scoreBySeed: trendBySeed.mapValues(measure.score),
      unfinishedBySeed: unfinishedBySeed.mapValues(\.status))
  }
}

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
