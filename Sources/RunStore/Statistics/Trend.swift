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

/// The straight line that fits points best: y = intercept + slope · x.
public struct LeastSquares: Hashable, Sendable {
  /// Change of y for a step of 1 in x; NaN below two distinct x.
  public let slope: Double
  /// y at x = 0; NaN below two distinct x.
  public let intercept: Double

  /// Fits by least squares, from centred sums.
  public init(_ points: [(x: Double, y: Double)]) {
    let meanX = Sample(points.map(\.x)).mean
    let meanY = Sample(points.map(\.y)).mean
    var squares = 0.0
    var products = 0.0
    for point in points {
      squares += (point.x - meanX) * (point.x - meanX)
      products += (point.x - meanX) * (point.y - meanY)
    }
    slope = squares > 0 ? products / squares : .nan
    intercept = meanY - slope * meanX
  }
}

/// Smooths a series by the mean over a centred window.
///
/// Element i is the mean of the elements within `window / 2` of it, fewer at both ends; `window` is
/// odd, 1 changes nothing. Values that are not finite are passed over; a window of them alone gives
/// NaN. Cost: the product of length and window.
public func rollingMean(_ values: [Double], window: Int) -> [Double] {
  precondition(window > 0 && window % 2 == 1, "a centred window is odd, got \(window)")
  return values.indices.map { index in
    let low = max(0, index - window / 2)
    let high = min(values.count - 1, index + window / 2)
    return Sample(values[low...high].filter(\.isFinite)).mean
  }
}
