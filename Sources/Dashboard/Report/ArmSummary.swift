public import RunStore
import Statistics

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
  ///
  /// - Parameter average: how the tasks of a run become one number.
  func outcome(_ measure: PrimaryMeasure, by average: TaskAverage = .mean) -> ArmOutcome {
    ArmOutcome(
      arm: arm, scoreBySeed: trendBySeed.mapValues { measure.score($0, by: average) },
      unfinishedBySeed: unfinishedBySeed.mapValues(\.status),
      pairedValuesBySeed: trendBySeed.mapValues(measure.pairedValues).filter { !$0.value.isEmpty })
  }

  /// How many tasks were solved over all finished seeds; `nil` where the measure calls none solved.
  func solved(_ measure: PrimaryMeasure) -> SolvedTasks? {
    let counts = trendBySeed.values.compactMap(measure.solved)
    return counts.isEmpty ? nil : counts.reduce(SolvedTasks(count: 0, of: 0), +)
  }
}
