public import RunStore

/// One figure of a report.
public enum Panel: Hashable, Sendable {
  /// A metric over the tasks, a colour per arm.
  case series(SeriesPanel)
  /// Scores against a tuned value, a colour per arm.
  case sweep(SweepPanel)
  /// A number for each pair of two settings.
  case heatMap(HeatMapPanel)
  /// Paired differences to a reference arm with their intervals.
  case difference(DifferencePanel)
  /// Baseline methods on each base arm.
  case baselines(BaselinesPanel)

  /// The figure's title.
  public var title: String {
    switch self {
    case .series(let panel): panel.title
    case .sweep(let panel): panel.title
    case .heatMap(let panel): panel.title
    case .difference(let panel): panel.title
    case .baselines(let panel): panel.title
    }
  }
}

extension Panel {
  /// The arms that the panel draws, repeated where it draws several runs.
  var arms: [String] {
    switch self {
    case .series(let panel): panel.lines.map(\.arm)
    case .sweep(let panel): panel.settings.map(\.arm)
    case .heatMap: []
    case .difference(let panel): panel.arms
    case .baselines(let panel): panel.bases
    }
  }
}

/// How an axis is divided.
public enum AxisScale: Hashable, Sendable {
  /// Logarithmic where all values are above 0 and span more than a factor of ten, else linear.
  case automatic
  /// Even steps.
  case linear
  /// Even factors; values that are not above 0 cannot be drawn and are counted in the caption.
  case logarithmic
}

/// A metric over tasks or updates: a thin line per seed below five seeds, from five on the mean with its 95 %
/// Student's t band. On a logarithmic axis both are taken of the logarithms.
public struct SeriesPanel: Hashable, Sendable {
  /// One run's values.
  public struct Line: Hashable, Sendable {
    /// The arm.
    public let arm: String
    /// The seed.
    public let seed: Int
    /// The values by task, or by update; those not finite leave a gap and are counted in the caption.
    public let values: [Int: Double]
    /// Whether the run is over, so that a last value before that of others is no early end.
    public let isOver: Bool

    /// States a run's values.
    public init(arm: String, seed: Int, values: [Int: Double], isOver: Bool = false) {
      self.arm = arm
      self.seed = seed
      self.values = values
      self.isOver = isOver
    }
  }

  /// The metric.
  public var metric: Metric
  /// The figure's title.
  public var title: String
  /// The unit on the vertical axis; empty for a pure number.
  public var unit: String
  /// What the lines are counted by.
  public var axis: SeriesAxis
  /// The title of the horizontal axis.
  public var axisTitle: String
  /// How the vertical axis is divided.
  public var scale: AxisScale
  /// What a line is, in the singular; a run of one seed unless said otherwise.
  public var lineNoun = "seed"
  /// The runs.
  public var lines: [Line]
  /// Places on the horizontal axis at which lines are broken and a rule stands; a value at such a place lies before it.
  public var breaks: [Int] = []
  /// Runs too many to draw, which a table of every point has too.
  public var undrawnLines: [Line] = []

  /// Describes a panel; title, unit and scale come from the metric's glossary unless given.
  public init(
    _ metric: Metric, title: String? = nil, unit: String? = nil,
    axis: SeriesAxis = .task, axisTitle: String? = nil, scale: AxisScale? = nil, lines: [Line]
  ) {
    self.metric = metric
    self.title = title ?? metric.title
    self.unit = unit ?? metric.entry?.unit ?? ""
    self.axis = axis
    self.axisTitle = axisTitle ?? (axis == .task ? "label resets" : "updates")
    self.scale = scale ?? (metric.entry?.spansDecades == true ? .automatic : .linear)
    self.lines = lines
  }

  /// Which piece of a broken line a place belongs to, from 0.
  func piece(of place: Int) -> Int { breaks.count { $0 < place } }
}

/// Scores against a tuned value on a logarithmic axis: a point per seed, a line through the means, a
/// ring round each arm's choice, a cross where a seed did not finish.
public struct SweepPanel: Hashable, Sendable {
  /// The figure's title.
  public var title = "Choosing the learning rate"
  /// What was tuned, such as `learning rate`.
  public var axisTitle = "learning rate"
  /// How the vertical axis is divided.
  public var scale = AxisScale.linear
  /// Each arm's curve and choice.
  public var settings: [TunedSetting]
}

/// A number for each pair of two settings, such as the difference of two arms over task length and
/// learning rate: colours part at 0, each cell bears its number.
public struct HeatMapPanel: Hashable, Sendable {
  /// One pair of settings.
  public struct Cell: Hashable, Sendable {
    /// The horizontal setting.
    public let x: Double
    /// The vertical setting.
    public let y: Double
    /// The number; `nil` where the runs did not finish.
    public let value: Double?
  }

  /// The figure's title.
  public var title: String
  /// What the horizontal setting is.
  public var xTitle: String
  /// What the vertical setting is.
  public var yTitle: String
  /// What the numbers are, such as `accuracy, nap − norm`.
  public var valueTitle: String
  /// What a number above 0 means, such as `nap better`.
  public var aboveZero: String
  /// What a number below 0 means, such as `norm better`.
  public var belowZero: String
  /// Decimals of the numbers.
  public var places = 2
  /// The cells.
  public var cells: [Cell]
}

/// Each arm's paired differences to a reference: a point per seed, and from five pairs on the mean with
/// its 95 % interval.
public struct DifferencePanel: Hashable, Sendable {
  /// The figure's title.
  public var title: String
  /// What the difference is of, with its unit, such as `accuracy, arm − fresh`.
  public var valueTitle: String
  /// The largest worsening that counts as none; its side of 0 is shaded. `nil` draws none.
  public var margin: Double?
  /// Whether a positive difference is good.
  public var higherIsBetter: Bool
  /// The arms; those without a difference are left out.
  public var rows: [ArmComparison.Row]
}
