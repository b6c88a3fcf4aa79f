import Statistics

/// How a measure moved over the tasks of one run.
public struct Trend: Codable, Hashable, Sendable {
  /// Tasks that have a value.
  public let taskCount: Int
  /// Mean over the first fifth of the tasks (at least one).
  public let firstFifth: Double
  /// Mean over the last fifth of the tasks (at least one).
  public let lastFifth: Double
  /// Mean over the tasks before the second half; NaN when there is none.
  public let firstHalf: Double
  /// The values of the second half of the tasks (rounded up), by task; a task without a value moves none of the others.
  public let secondHalf: [Int: Double]
  /// Mean over all tasks.
  public let mean: Double
  /// Least-squares slope against the task number, per task; NaN below two tasks.
  public let slope: Double

  /// Summarizes the values by task; `nil` when there is none. A value that is not finite makes the
  /// means that hold it, and the slope, not finite.
  ///
  /// - Parameter taskCount: how many tasks there are, with a value or without; by default up to the last that has one.
  public init?(_ valueByTask: [Int: Double], amongTasks taskCount: Int? = nil) {
    guard !valueByTask.isEmpty else { return nil }
    let sorted = valueByTask.sorted { $0.key < $1.key }
    let values = sorted.map(\.value)
    let fifth = max(1, values.count / 5)
    self.taskCount = values.count
    self.firstFifth = Sample(Array(values.prefix(fifth))).mean
    self.lastFifth = Sample(Array(values.suffix(fifth))).mean
    let half = PrimaryMeasure.Part.secondHalf.tasks(of: taskCount ?? (sorted.last?.key ?? 0) + 1)
    self.secondHalf = valueByTask.filter { half.contains($0.key) }
    self.firstHalf = Sample(sorted.filter { $0.key < half.lowerBound }.map(\.value)).mean
    self.mean = Sample(values).mean
    self.slope = LeastSquares(sorted.map { (Double($0.key), $0.value) }).slope
  }
}
