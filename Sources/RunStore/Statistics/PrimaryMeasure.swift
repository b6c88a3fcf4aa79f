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
    /// The second half: the second visit of tasks that are visited twice. Its mean is the interquartile
    /// one, and so is that of differences between two arms, taken task by task, so that no single task
    /// with large numbers decides (Agarwal et al. 2021).
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

  /// Fixes a measure; direction and margin follow from the metric unless given (1 point of a share,
  /// 0.02 nats of a loss).
  public init(
    _ metric: Metric = .taskEndAccuracy, over part: Part = .allTasks,
    axis: SeriesAxis = .task, higherIsBetter: Bool? = nil, margin: Double? = nil
  ) {
    self.metric = metric
    self.part = part
    self.axis = axis
    self.higherIsBetter = higherIsBetter ?? (metric.entry?.better != .lower)
    self.margin =
      margin
      ?? (metric.entry?.unit == "nats"
        ? NonInferiority.lossMargin : NonInferiority.accuracyMargin)
  }

  /// The measure in words, such as `accuracy at task end, mean over all tasks`.
  public var words: String {
    let part = part.rawValue.replacing("task", with: axis.noun)
    let mean = self.part == .secondHalf ? "interquartile mean" : "mean"
    return "\(metric.title.lowercased()), \(mean) over \(part)"
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

  /// The number of one run.
  public func score(_ trend: Trend) -> Double {
    switch part {
    case .allTasks: trend.mean
    case .firstFifth: trend.firstFifth
    case .lastFifth: trend.lastFifth
    case .secondHalf: Sample(Array(trend.secondHalf.values)).interquartileMean
    }
  }

  /// The values by task from which two arms' difference is taken task by task; empty where it is that of their scores.
  public func pairedValues(_ trend: Trend) -> [Int: Double] {
    part == .secondHalf ? trend.secondHalf : [:]
  }
}
