/// The initializers by name, for configurations.
public enum InitializerKind: String, Sendable, Codable, CaseIterable {
  /// PyTorch's default, uniform in ±1/√fanIn.
  case uniformFanIn
  case heNormal, heUniform, glorotNormal, glorotUniform, leCunNormal, leCunUniform
  /// Haiku's default, a truncated normal of variance 1/fanIn.
  case leCunTruncatedNormal
  /// Orthogonal, with gain √2 for rectifiers.
  case orthogonal

  /// The initializer that suits a nonlinearity: He's takes a leaky rectifier's slope, and the
  /// orthogonal one has gain √2 in front of a rectifier and 1 elsewhere.
  public func initializer(for activation: ActivationKind) -> Initializer {
    let rectifier = activation.make() as? any RectifierLayer
    let slope = rectifier?.negativeSlope ?? 0
    return switch self {
    case .uniformFanIn: .uniformFanIn
    case .heNormal: .he(.normal, negativeSlope: slope)
    case .heUniform: .he(.uniform, negativeSlope: slope)
    case .glorotNormal: .glorot(.normal)
    case .glorotUniform: .glorot(.uniform)
    case .leCunNormal: .leCun(.normal)
    case .leCunUniform: .leCun(.uniform)
    case .leCunTruncatedNormal: .leCun(.truncatedNormal)
    case .orthogonal: .orthogonal(gain: rectifier == nil ? 1 : 2.0.squareRoot())
    }
  }
}
