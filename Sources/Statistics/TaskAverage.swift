/// How values of several tasks become one.
public enum TaskAverage: String, Codable, Hashable, Sendable, CaseIterable {
  /// The mean: every task counts alike, one that is never learned too.
  case mean = "mean"
  /// The mean of the middle half (``Sample/interquartileMean``): a task with large numbers, or one in four that fails,
  /// does not move it (Agarwal et al. 2021).
  case interquartileMean = "interquartile mean"

  /// The average; NaN when empty.
  public func of(_ values: [Double]) -> Double {
    switch self {
    case .mean: Sample(values).mean
    case .interquartileMean: Sample(values).interquartileMean
    }
  }
}
