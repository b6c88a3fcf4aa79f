/// What only some kinds of schedules have.
extension Schedule {
  /// The form of a curve with its settings.
  public enum Curve: KindChoice, Hashable, Sendable {
    case constant
    /// A straight line to the final rate.
    case linear(Decay)
    /// Half a cosine to the final rate.
    case cosine(Decay)
    /// A factor every so many updates.
    case step(Steps)
    /// Half a cosine again and again.
    case cyclic(Cycle)
    /// The base rate, then a straight line to the final rate.
    case trapezoid(Trapezoid)
    /// Straight lines through given points.
    case points(Points)

    package init(_ kind: Kind, _ source: SettingsSource) throws {
      self =
        switch kind {
        case .constant: .constant
        case .linear: .linear(try source.settings())
        case .cosine: .cosine(try source.settings())
        case .step: .step(try source.settings())
        case .cyclic: .cyclic(try source.settings())
        case .trapezoid: .trapezoid(try source.settings())
        case .points: .points(try source.settings())
        }
    }

    package var content: (kind: Kind, settings: any KindSettings) {
      switch self {
      case .constant: (.constant, NoKindSettings())
      case .linear(let settings): (.linear, settings)
      case .cosine(let settings): (.cosine, settings)
      case .step(let settings): (.step, settings)
      case .cyclic(let settings): (.cyclic, settings)
      case .trapezoid(let settings): (.trapezoid, settings)
      case .points(let settings): (.points, settings)
      }
    }
  }

  /// The name of a curve.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    case constant, linear, cosine, step, cyclic, trapezoid, points
  }

  /// `linear`, `cosine`: one descent.
  public struct Decay: KindSettings {
    /// Updates until the final rate, warm-up included.
    public var decayUpdates = 0
    /// The rate from then on.
    public var finalRate = 0.0

    public init() {}
  }

  /// `step`: a factor every so many updates.
  public struct Steps: KindSettings {
    /// Updates between two steps.
    public var stepUpdates = 0
    /// What the rate is multiplied by.
    public var stepFactor = 0.1

    public init() {}
  }

  /// `cyclic`: descents again and again.
  public struct Cycle: KindSettings {
    /// The period, warm-up included.
    public var decayUpdates = 0
    /// The rate at the end of each cycle.
    public var finalRate = 0.0
    /// Updates after which the rate stays at the final one; `nil` for cycles without end.
    public var cycleEnd: Int?

    public init() {}
  }

  /// `trapezoid`: a descent at the end alone.
  public struct Trapezoid: KindSettings, Codable, Hashable, Sendable {
    /// Updates until the final rate, warm-up included.
    public var decayUpdates = 0
    /// The rate from then on.
    public var finalRate = 0.0
    /// The fraction of `decayUpdates` that the descent takes.
    public var fallFraction = 0.2

    /// The defaults.
    public init() {}
  }

  /// `points`: any curve, such as the rate that another run came to.
  public struct Points: KindSettings {
    /// Numbers of updates at which a rate is given, rising.
    public var atUpdates: [Int] = []
    /// The rate at each of them; a straight line between two, the first before and the last after them.
    public var rates: [Double] = []

    public init() {}

    /// The rate with `time` updates taken, which holds where the points are valid.
    func rate(at time: Int) -> Double {
      let next = atUpdates.firstIndex { $0 > time } ?? atUpdates.count
      guard next > 0 else { return rates[0] }
      guard next < rates.count else { return rates[rates.count - 1] }
      let share =
        Double(time - atUpdates[next - 1]) / Double(atUpdates[next] - atUpdates[next - 1])
      return rates[next - 1] + (rates[next] - rates[next - 1]) * share
    }

    func validate() throws(ConfigurationError) {
      try ConfigurationError.require(
        !atUpdates.isEmpty, "schedule.atUpdates", "at least one number of updates", "none")
      for (place, update) in atUpdates.enumerated() {
        try ConfigurationError.requireCount(update, "schedule.atUpdates", from: 0)
        try ConfigurationError.require(
          place == 0 || update > atUpdates[place - 1], "schedule.atUpdates",
          "numbers that rise", "\(update) after \(atUpdates[max(place, 1) - 1])")
      }
      try ConfigurationError.require(
        rates.count == atUpdates.count, "schedule.rates",
        "one for each of schedule.atUpdates, \(atUpdates.count)", "\(rates.count)")
      for rate in rates { try ConfigurationError.requireNumber(rate, "schedule.rates") }
    }
  }

  /// The form of the curve. Another one takes over the settings whose names it has, too.
  public var kind: Kind {
    get { curve.kind }
    set { curve.kind = newValue }
  }

  private enum CodingKeys: String, CodingKey { case warmUpUpdates, warmUpRate, restartsAtTask }

  /// Reads a schedule; what is not there has its default, and settings of other curves are left out.
  public init(from decoder: any Decoder) throws {
    curve = try Curve(from: decoder)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    try values.read(&warmUpUpdates, .warmUpUpdates)
    try values.read(&warmUpRate, .warmUpRate)
    try values.read(&restartsAtTask, .restartsAtTask)
  }

  /// Writes what the curve has.
  public func encode(to encoder: any Encoder) throws {
    try curve.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(warmUpUpdates, forKey: .warmUpUpdates)
    try values.encode(warmUpRate, forKey: .warmUpRate)
    try values.encode(restartsAtTask, forKey: .restartsAtTask)
  }
}

extension Schedule {
  /// Gives a curve of one descent another length where its own is one of those.
  package mutating func setDecay(_ updates: Int, where isReplaced: (Int) -> Bool) {
    switch curve {
    case .linear(var decay) where isReplaced(decay.decayUpdates):
      decay.decayUpdates = updates
      curve = .linear(decay)
    case .cosine(var decay) where isReplaced(decay.decayUpdates):
      decay.decayUpdates = updates
      curve = .cosine(decay)
    case .trapezoid(var trapezoid) where isReplaced(trapezoid.decayUpdates):
      trapezoid.decayUpdates = updates
      curve = .trapezoid(trapezoid)
    default: break
    }
  }
}
