public import RunStore
import Statistics

/// The results of one arm of a comparison, for the table.
public struct ArmSummary: Hashable, Sendable {
  /// A run without a score.
  public struct Unfinished: Hashable, Sendable {
    /// Its status.
    public let status: RunStatus
    /// The number of tasks that it reached.
    public let taskCount: Int
  }

  /// The arm.
  public var arm: String
  /// A note, such as `knows the task boundary`; empty for none.
  public var note = ""
  /// Its learning rate; `nil` if its runs differ or have none.
  public var learningRate: Double?
  /// The trend of the measure in each seed that finished.
  public var trendBySeed: [Int: Trend]
  /// The seeds that did not finish.
  public var unfinishedBySeed: [Int: Unfinished] = [:]

  /// A part of the trend over the finished seeds, by rising seed.
  func sample(_ part: (Trend) -> Double) -> Sample {
    Sample(trendBySeed.sorted { $0.key < $1.key }.map { part($0.value) })
  }

  /// The arm's outcome under a primary measure.
  ///
  /// - Parameter average: the average over the tasks of a run.
  func outcome(_ measure: PrimaryMeasure, by average: TaskAverage = .mean) -> ArmOutcome {
    ArmOutcome(
      arm: arm, scoreBySeed: trendBySeed.mapValues { measure.score($0, by: average) },
      unfinishedBySeed: unfinishedBySeed.mapValues(\.status),
      pairedValuesBySeed: trendBySeed.mapValues(measure.pairedValues).filter { !$0.value.isEmpty })
  }

  /// The number of solved tasks over all finished seeds; `nil` if the measure has no threshold.
  func solved(_ measure: PrimaryMeasure) -> SolvedTasks? {
    let counts = trendBySeed.values.compactMap(measure.solved)
    return counts.isEmpty ? nil : counts.reduce(SolvedTasks(count: 0, of: 0), +)
  }
}
