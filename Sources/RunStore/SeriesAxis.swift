/// What a series is read along.
public enum SeriesAxis: String, Hashable, Sendable, CaseIterable {
  /// One value per task: the last that was recorded in it.
  case task
  /// One value for each update count at which something was recorded.
  case update

  /// What is counted, in the singular.
  public var noun: String { rawValue }

  /// A point's place on the axis.
  public func position(of point: SeriesPoint) -> Int {
    switch self {
    case .task: point.task
    case .update: point.updates
    }
  }
}

extension Store {
  /// A series of a run by its place on an axis; of several points at one place the last counts.
  public func values(
    _ key: SeriesKey, of run: StoreIdentifier, along axis: SeriesAxis
  ) throws -> [Int: Double] {
    Dictionary(
      try points(key, of: run).map { (axis.position(of: $0), $0.value) },
      uniquingKeysWith: { _, last in last })
  }
}
