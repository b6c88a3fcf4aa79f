/// One measurement of a run: which metric, of what, when, and the value.
public struct MetricValue: Hashable, Sendable {
  /// What was measured.
  public var metric: Metric
  /// What it was measured on: `""` is the whole network, else a layer's or parameter's name.
  public var scope: String
  /// The task, counted from 0.
  public var task: Int
  /// Updates of the optimizer done before the measurement, counted over all tasks.
  public var updates: Int
  /// The value; NaN and the infinities are kept as such.
  public var value: Double
  /// Why the value is not finite, where that is known; not kept beside a finite value.
  public var reason: String?

  /// States a measurement; `scope` is the whole network unless given.
  public init(
    _ metric: Metric, scope: String = "", task: Int, updates: Int, value: Double,
    reason: String? = nil
  ) {
    self.metric = metric
    self.scope = scope
    self.task = task
    self.updates = updates
    self.value = value
    self.reason = value.isFinite ? nil : reason
  }

  /// Whether both say the same; two values that are not a number are equal.
  public static func == (left: MetricValue, right: MetricValue) -> Bool {
    left.metric == right.metric && left.scope == right.scope && left.task == right.task
      && left.updates == right.updates && left.reason == right.reason
      && (left.value == right.value || (left.value.isNaN && right.value.isNaN))
  }
}

/// One point of a series.
public struct SeriesPoint: Hashable, Sendable {
  /// The task, counted from 0.
  public var task: Int
  /// Updates of the optimizer done before the measurement, counted over all tasks.
  public var updates: Int
  /// The value; NaN and the infinities are kept as such.
  public var value: Double
  /// Why the value is not finite, where that is known.
  public var reason: String?

  /// States a point.
  public init(task: Int, updates: Int, value: Double, reason: String? = nil) {
    self.task = task
    self.updates = updates
    self.value = value
    self.reason = value.isFinite ? nil : reason
  }
}

/// The name of one series of a run.
public struct SeriesKey: Hashable, Sendable, Codable, Comparable {
  /// What is measured.
  public var metric: Metric
  /// What it is measured on: `""` is the whole network.
  public var scope: String

  /// Names a series; `scope` is the whole network unless given.
  public init(_ metric: Metric, scope: String = "") {
    self.metric = metric
    self.scope = scope
  }

  public static func < (left: SeriesKey, right: SeriesKey) -> Bool {
    (left.metric.name, left.scope) < (right.metric.name, right.scope)
  }
}

/// A value that is not finite, by name.
///
/// SQLite turns NaN into NULL and JSON has no word for any of the three, so the store keeps NULL as
/// the value and one of these names beside it. Averages in SQL pass over such points; the reading
/// functions of the store give the number back. Negative zero comes back as zero.
enum NonFinite: String {
  case notANumber = "nan"
  case infinity = "inf"
  case negativeInfinity = "-inf"

  init?(_ value: Double) {
    if value.isNaN {
      self = .notANumber
    } else if value == .infinity {
      self = .infinity
    } else if value == -.infinity {
      self = .negativeInfinity
    } else {
      return nil
    }
  }

  var value: Double {
    switch self {
    case .notANumber: .nan
    case .infinity: .infinity
    case .negativeInfinity: -.infinity
    }
  }
}
