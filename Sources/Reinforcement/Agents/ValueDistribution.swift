public import Networks

/// What a network says of an action's return.
///
/// Written flat: the form's word under `kind` beside the settings of this form.
public struct ValueDistribution: Codable, Hashable, Sendable {
  /// The form with its settings.
  public var form = Form.scalar

  /// A form with its settings.
  public enum Form: KindChoice, Hashable, Sendable {
    case scalar
    /// Logits of fixed values (C51).
    case categorical(Categorical)
    /// Values at fixed quantile fractions (QR-DQN).
    case quantile(Quantiles)
    /// Values at any quantile fractions (IQN).
    case implicitQuantile(ImplicitQuantiles)

    package init(_ kind: Kind, _ source: SettingsSource) throws {
      self =
        switch kind {
        case .scalar: .scalar
        case .categorical: .categorical(try source.settings())
        case .quantile: .quantile(try source.settings())
        case .implicitQuantile: .implicitQuantile(try source.settings())
        }
    }

    package var content: (kind: Kind, settings: any KindSettings) {
      switch self {
      case .scalar: (.scalar, NoKindSettings())
      case .categorical(let settings): (.categorical, settings)
      case .quantile(let settings): (.quantile, settings)
      case .implicitQuantile(let settings): (.implicitQuantile, settings)
      }
    }
  }

  /// The name of a form.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// Its mean (DQN).
    case scalar
    /// Logits of fixed values (C51).
    case categorical
    /// Values at fixed quantile fractions (QR-DQN).
    case quantile
    /// Values at any quantile fractions (IQN).
    case implicitQuantile
  }

  /// Logits of values at equal distances; 51 from −10 to 10 in Bellemare et al. 2017.
  public struct Categorical: KindSettings {
    /// The number of values.
    public var atomCount = 51
    /// The smallest value.
    public var minimum = -10.0
    /// The largest value.
    public var maximum = 10.0

    public init() {}
  }

  /// Values at the midpoints of equal parts.
  public struct Quantiles: KindSettings {
    /// The number of parts; 200 in Dabney et al. 2018.
    public var atomCount = 200

    public init() {}
  }

  /// Values at any fractions.
  public struct ImplicitQuantiles: KindSettings {
    /// Fractions drawn for what is learned and for its target (N = N′; 64 in DQN Zoo).
    public var sampleCount = 64
    /// Fractions drawn to act by (K; 64 in DQN Zoo, 32 in the paper).
    public var actingSampleCount = 64
    /// Cosines of the embedding.
    public var cosineCount = 64

    public init() {}
  }

  /// A form with its settings.
  public init(_ form: Form = .scalar) { self.form = form }

  /// The mean return.
  public static let scalar = ValueDistribution()

  /// 51 values from −10 to 10 (Bellemare et al. 2017).
  public static let categorical51 = categorical()

  /// Logits of values at equal distances.
  public static func categorical(
    atomCount: Int = 51, minimum: Double = -10, maximum: Double = 10
  ) -> ValueDistribution {
    ValueDistribution(
      .categorical(
        .init { ($0.atomCount, $0.minimum, $0.maximum) = (atomCount, minimum, maximum) }))
  }

  /// Values at the midpoints of equal parts (Dabney et al. 2018, arXiv 1710.10044).
  public static func quantile(atomCount: Int = 200) -> ValueDistribution {
    ValueDistribution(.quantile(.init { $0.atomCount = atomCount }))
  }

  /// Values at any fractions (Dabney et al. 2018, arXiv 1806.06923).
  public static func implicitQuantile(sampleCount: Int = 64) -> ValueDistribution {
    ValueDistribution(
      .implicitQuantile(
        .init { ($0.sampleCount, $0.actingSampleCount) = (sampleCount, sampleCount) }))
  }

  /// The name of the form. Another one takes over the settings whose names it has, too.
  public var kind: Kind {
    get { form.kind }
    set { form.kind = newValue }
  }

  /// The settings of implicit quantiles; `nil` of other forms.
  var implicit: ImplicitQuantiles? {
    if case .implicitQuantile(let settings) = form { settings } else { nil }
  }

  /// Outputs of the network for one action: N of (B, A, N), or 1 where fractions are asked for.
  var outputsPerAction: Int {
    switch form {
    case .scalar, .implicitQuantile: 1
    case .categorical(let settings): settings.atomCount
    case .quantile(let settings): settings.atomCount
    }
  }

  /// Checks every setting of the form, and the smallest and the largest value against one another.
  ///
  /// - Throws: `ConfigurationError` naming the first that cannot be used.
  public func validate() throws(ConfigurationError) {
    let counts: [(String, Int, Int)] =
      switch form {
      case .scalar: []
      case .categorical(let settings): [("atomCount", settings.atomCount, 2)]
      case .quantile(let settings): [("atomCount", settings.atomCount, 1)]
      case .implicitQuantile(let settings):
        [
          ("sampleCount", settings.sampleCount, 1),
          ("actingSampleCount", settings.actingSampleCount, 1),
          ("cosineCount", settings.cosineCount, 1),
        ]
      }
    for (name, count, least) in counts {
      // Our choice: an update's memory grows with the square.
      try ConfigurationError.requireCount(
        count, "network.distribution.\(name)", from: least, to: 10_000)
    }
    guard case .categorical(let settings) = form else { return }
    let (minimum, maximum) = (settings.minimum, settings.maximum)
    let largest = ConfigurationError.largestNumber
    for (name, value) in [("minimum", minimum), ("maximum", maximum)] {
      try ConfigurationError.requireNumber(
        value, "network.distribution.\(name)", from: -largest, to: largest)
    }
    // Further apart than float32 rounds, so that atoms are different values.
    try ConfigurationError.require(
      Float(minimum) < Float(maximum), "network.distribution.maximum",
      "a finite number above the minimum, \(minimum)", "\(maximum)")
  }
}

extension ValueDistribution {
  /// Reads a form; what is not there has its default, and settings of other forms are left out.
  public init(from decoder: any Decoder) throws { form = try Form(from: decoder) }

  /// Writes the settings that the form has.
  public func encode(to encoder: any Encoder) throws { try form.encode(to: encoder) }
}
