public import Networks

/// Leaky ReLU in the place of every nonlinearity: no unit is without a gradient.
///
///     x above zero, slope · x below
///
/// The network starts with the very weights that it would have had. Source: Maas et al. 2013 (section
/// 2); a rival in the paper's figure 5, whose slope is unknown. The slope 0.01 is PyTorch's default.
public struct LeakyReLUMethod: Intervention {
  /// `leaky-relu`.
  public static let name = "leaky-relu"
  /// One line.
  public static let summary = "leaky ReLU as nonlinearity"
  /// Where it comes from.
  public static let source = "Maas et al. 2013, section 2"

  /// The slope below zero.
  public var slope = 0.01

  /// Slope 0.01.
  public init() {}

  /// Replaces the nonlinearity.
  public var effects: Set<InterventionEffect> { [.nonlinearity] }

  /// The slope is at least 0.
  public func validate() throws(ConfigurationError) { try requireNotNegative(slope, "slope") }

  /// The rewriting.
  public func hook() -> any Hook {
    let slope = slope
    return PlainRewriting(name: Self.name) { network, source in
      try NonlinearityReplacement(
        method: Self.name, activation: LeakyReLU(negativeSlope: slope), keepsWidth: false
      ).apply(to: network, source: source)
    }
  }
}

/// Concatenated ReLU in the place of every nonlinearity: each unit gives `max(x, 0)` and `max(−x, 0)`.
///
/// Source: Shang et al. 2016 (arXiv 1603.05201), definition 2.1; against loss of plasticity Abbas et al.
/// 2023 (arXiv 2303.07507). Layers that read a nonlinearity have twice the inputs; with `keepsWidth`
/// each layer has half the units instead, so that the inputs stay. The default, wider, is our choice.
public struct CReLUMethod: Intervention {
  /// `crelu`.
  public static let name = "crelu"
  /// One line.
  public static let summary = "concatenated ReLU as nonlinearity"
  /// Where it comes from.
  public static let source = "Shang et al. 2016, definition 2.1; Abbas et al. 2023"

  /// Whether layers have half the units, so that a nonlinearity gives as many features as before.
  public var keepsWidth = false

  /// Twice the features.
  public init() {}

  /// Replaces the nonlinearity.
  public var effects: Set<InterventionEffect> { [.nonlinearity] }

  /// The rewriting.
  public func hook() -> any Hook {
    let keepsWidth = keepsWidth
    return PlainRewriting(name: Self.name) { network, source in
      try NonlinearityReplacement(
        method: Self.name, activation: CReLU(), keepsWidth: keepsWidth
      ).apply(to: network, source: source)
    }
  }
}

/// Deep Fourier features in the place of every nonlinearity: each unit gives a sine and a cosine.
///
/// Source: Lewandowski et al. 2024 (arXiv 2410.20634, ICLR 2025), section 4. With `keepsWidth` each
/// layer has half the units, so that a nonlinearity gives as many features as before; the default.
public struct FourierFeaturesMethod: Intervention {
  /// `fourier-features`.
  public static let name = "fourier-features"
  /// One line.
  public static let summary = "deep Fourier features: a sine and a cosine as nonlinearity"
  /// Where it comes from.
  public static let source = "Lewandowski et al. 2024, section 4"

  /// Whether layers have half the units, so that a nonlinearity gives as many features as before.
  public var keepsWidth = true

  /// As many features as before.
  public init() {}

  /// Replaces the nonlinearity.
  public var effects: Set<InterventionEffect> { [.nonlinearity] }

  /// The rewriting.
  public func hook() -> any Hook {
    let keepsWidth = keepsWidth
    return PlainRewriting(name: Self.name) { network, source in
      try NonlinearityReplacement(
        method: Self.name, activation: FourierFeatures(), keepsWidth: keepsWidth
      ).apply(to: network, source: source)
    }
  }
}
