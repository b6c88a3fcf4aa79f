/// An optimizer as a configuration.
///
/// Flat, so that each field can be set by its name. The defaults are PyTorch's but for the learning
/// rate, which is Adam's 1e-3 for every kind. Fields that a kind does not use are kept and ignored.
public struct OptimizerConfiguration: Sendable, Hashable, Codable {
  /// The rule.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    case sgd, rmsprop, adam, adamw
  }

  /// Which rule.
  public var kind: Kind
  /// The step size that a ``Schedule`` starts from.
  public var learningRate: Double
  /// `sgd`, `rmsprop`: μ.
  public var momentum: Double
  /// `sgd`: whether the step looks ahead along the velocity.
  public var nesterov: Bool
  /// `adam`, `adamw`: forgetting of the first moment.
  public var beta1: Double
  /// `adam`, `adamw`: forgetting of the second moment.
  public var beta2: Double
  /// `rmsprop`: forgetting of the average square (PyTorch's `alpha`).
  public var smoothing: Double
  /// All but `sgd`: ε, outside the root.
  public var epsilon: Double
  /// λ: added to the gradient as `λ W`, or for `adamw` taken off the weights as `η λ W`.
  public var weightDecay: Double
  /// The largest global norm of the gradients; `nil` leaves them. Whoever trains applies it
  /// (``gradientScale(for:)``).
  public var gradientClip: Double?

  /// A configuration; see the properties.
  public init(
    kind: Kind = .adam, learningRate: Double = 1e-3, momentum: Double = 0, nesterov: Bool = false,
    beta1: Double = 0.9, beta2: Double = 0.999, smoothing: Double = 0.99, epsilon: Double = 1e-8,
    weightDecay: Double = 0, gradientClip: Double? = nil
  ) {
    self.kind = kind
    self.learningRate = learningRate
    self.momentum = momentum
    self.nesterov = nesterov
    self.beta1 = beta1
    self.beta2 = beta2
    self.smoothing = smoothing
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.gradientClip = gradientClip
  }

  /// Rainbow's Adam: rate 6.25e-5, ε 1.5625e-4, gradients clipped at 10 (DQN Zoo, commit 45061f4).
  public static let rainbow = OptimizerConfiguration(
    learningRate: 6.25e-5, epsilon: 1.5625e-4, gradientClip: 10)

  /// The optimizer at its first update.
  ///
  /// - Parameter parameters: in the order in which every update will name them.
  /// - Throws: ``ConfigurationError`` naming the field that cannot be used.
  public func make(for parameters: [Parameter]) throws(ConfigurationError) -> any Optimizer {
    try validate()
    return switch kind {
    case .sgd:
      SGD(for: parameters, momentum: momentum, isNesterov: nesterov, weightDecay: weightDecay)
    case .rmsprop:
      RMSProp(
        for: parameters, smoothing: smoothing, epsilon: epsilon, momentum: momentum,
        weightDecay: weightDecay)
    case .adam, .adamw:
      Adam(
        for: parameters, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay,
        isDecoupled: kind == .adamw)
    }
  }

  /// Checks every field.
  ///
  /// - Throws: ``ConfigurationError`` naming the first that cannot be used.
  public func validate() throws(ConfigurationError) {
    let require = ConfigurationError.require
    let notNegative = [
      ("learningRate", learningRate), ("epsilon", epsilon), ("weightDecay", weightDecay),
    ]
    for (name, value) in notNegative {
      try ConfigurationError.requireNumber(value, "optimizer.\(name)")
    }
    let shares = [
      ("momentum", momentum), ("beta1", beta1), ("beta2", beta2), ("smoothing", smoothing),
    ]
    for (name, value) in shares {
      try require(
        value >= 0 && value < 1, "optimizer.\(name)", "at least 0 and below 1", "\(value)")
    }
    try require(
      !(kind == .sgd && nesterov && momentum == 0), "optimizer.momentum",
      "above 0 with optimizer.nesterov", "\(momentum)")
    if let gradientClip {
      try ConfigurationError.requireNumber(gradientClip, "optimizer.gradientClip", isOpen: true)
    }
  }
}
