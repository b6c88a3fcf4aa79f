public import Statistics

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
    /// The second half: the second visit of tasks that are visited twice. Differences between two arms are taken task
    /// by task. Its mean counts; the interquartile mean stands beside it (``PrimaryMeasure/hasInterquartileMean``).
    case secondHalf = "the second half of the tasks"

    /// The numbers of the tasks that count, of so many in all: a fifth is at least one, a half is rounded up.
    func tasks(of count: Int) -> Range<Int> {
      let fifth = min(count, max(1, count / 5))
      return switch self {
      case .allTasks: 0..<count
      case .firstFifth: 0..<fifth
      case .lastFifth: (count - fifth)..<count
      case .secondHalf: (count / 2)..<count
      }
    }
  }

  /// The metric.
  public var metric: Metric
  /// The tasks that its mean is taken over.
  public var part: Part
  /// Whether the mean is taken over tasks or over updates; `part` then means updates.
  public var axis: SeriesAxis
  /// Whether more is better.
  public var higherIsBetter: Bool
  /// The largest worsening that counts as no harm, in the metric's unit.
  public var margin: Double
  /// The value beyond which a task counts as solved (above it where more is better, else below), in the metric's unit;
  /// `nil` where no task is called solved. Counted over the second half of the tasks alone.
  public var solvedBeyond: Double?

  /// Fixes a measure; direction and margin follow from the metric unless given (1 point of a share,
  /// 0.02 nats of a loss).
  public init(
    _ metric: Metric = .taskEndAccuracy, over part: Part = .allTasks,
    axis: SeriesAxis = .task, higherIsBetter: Bool? = nil, margin: Double? = nil,
    solvedBeyond: Double? = nil
  ) {
    self.metric = metric
    self.part = part
    self.axis = axis
    self.higherIsBetter = higherIsBetter ?? (metric.entry?.better != .lower)
    self.margin =
      margin
      ?? (metric.entry?.unit == "nats"
        ? NonInferiority.lossMargin : NonInferiority.accuracyMargin)
    self.solvedBeyond = solvedBeyond
  }

  /// The measure in words, such as `accuracy at task end, mean over all tasks`.
  public var words: String {
    "\(metric.title.lowercased()), mean over \(part.rawValue.replacing("task", with: axis.noun))"
  }

  /// The values of one run that the measure is taken of.
  public func values(of run: StoreIdentifier, in store: Store) throws -> [Int: Double] {
    try store.values(SeriesKey(metric), of: run, along: axis)
  }

  /// How the measure moved in one run; `nil` where none of what counts has a value.
  public func trend(of run: StoreIdentifier, in store: Store) throws -> Trend? {
    let count = axis == .task ? try store.taskCount(of: run) : nil
    let trend = try Trend(values(of: run, in: store), amongTasks: count)
    return part == .secondHalf && trend?.secondHalf.isEmpty == true ? nil : trend
  }

  /// The tasks of one run that count and have no value, which its mean leaves out; none along updates.
  public func missingTasks(of run: StoreIdentifier, in store: Store) throws -> [Int] {
    guard axis == .task else { return [] }
    let values = try values(of: run, in: store)
    return part.tasks(of: try store.taskCount(of: run)).filter { values[$0] == nil }
  }

  /// Whether an interquartile mean over tasks stands beside the mean: where tasks are paired one by one.
  public var hasInterquartileMean: Bool { part == .secondHalf }

  /// The number of one run.
  ///
  /// - Parameter average: the mean, which is the measure; the interquartile mean is another look at the same tasks, and
  ///   the mean where there is none (``hasInterquartileMean``).
  public func score(_ trend: Trend, by average: TaskAverage = .mean) -> Double {
    switch part {
    case .allTasks: trend.mean
    case .firstFifth: trend.firstFifth
    case .lastFifth: trend.lastFifth
    case .secondHalf: average.of(trend.secondHalf.sorted { $0.key < $1.key }.map(\.value))
    }
  }

  /// The values by task from which two arms' difference is taken task by task; empty where it is that of their scores.
  public func pairedValues(_ trend: Trend) -> [Int: Double] {
    part == .secondHalf ? trend.secondHalf : [:]
  }

  /// How many of the tasks that count are solved, of those that have a value; `nil` where no task is called solved.
  public func solved(_ trend: Trend) -> SolvedTasks? {
    guard let solvedBeyond, part == .secondHalf else { return nil }
    let values = trend.secondHalf.values
    return SolvedTasks(
      count: values.count { higherIsBetter ? $0 > solvedBeyond : $0 < solvedBeyond },
      of: values.count)
  }
}

/// How many tasks were solved, such as goals that were found.
public struct SolvedTasks: Codable, Hashable, Sendable {
  /// Those solved.
  public var count: Int
  /// Those that have a value.
  public var of: Int

  /// States a count.
  public init(count: Int, of: Int) {
    self.count = count
    self.of = of
  }

  /// Both together.
  public static func + (left: SolvedTasks, right: SolvedTasks) -> SolvedTasks {
    SolvedTasks(count: left.count + right.count, of: left.of + right.of)
  }
}
