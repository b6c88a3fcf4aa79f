public import Networks

/// Leaky ReLU in the place of every nonlinearity: no unit is without a gradient.
///
///     x above zero, slope · x below
///
/// The network starts with the very weights that it would have had. Source: Maas et al. 2013 (section
/// 2); a baseline in the paper's figure 5, whose slope is unknown. The slope 0.01 is PyTorch's default.
public struct LeakyReLUMethod: Intervention {
  public static let name = "leaky-relu"
  public static let summary = "leaky ReLU as nonlinearity"
  public static let source = "Maas et al. 2013, section 2"

  /// The slope below zero.
  public var slope = 0.01

  public init() {}

  public var effects: Set<InterventionEffect> { [.nonlinearity] }

  /// The slope is at least 0.
  public func validate() throws(ConfigurationError) { try requireNotNegative(slope, "slope") }

  public func idleReason(on subject: InterventionSubject) -> String? {
    subject.reasonNothingIsNonlinear(for: Self.name)
  }

  public func hook() -> any Hook {
    NonlinearityReplacement.hook(Self.name) { [slope] in
      LeakyReLU(negativeSlope: slope)
    }
  }
}
