/// An optimizer as a configuration.
///
/// Written flat, so that each setting has its name: the rule's word under `kind` beside the settings that this rule
/// has. The defaults are PyTorch's but for the learning rate, which is Adam's 1e-3 for every kind.
public struct OptimizerConfiguration: Sendable, Hashable, Codable {
  /// The rule and its settings.
  public var rule: Rule
  /// The step size that a ``Schedule`` starts from. `muon`, `adamh`, `muonh`: that of hidden matrices; for `adamh`
  /// and `muonh` the tangent of the angle by which they turn.
  public var learningRate = 1e-3
  /// The largest joint norm of the gradients; `nil` leaves them. Whoever trains hands it to the optimizer
  /// (``UpdateRequest/gradientClip``).
  public var gradientClip: Double?

  /// A rule with its settings.
  public init(
    _ rule: Rule = .adam(AdamSettings()), learningRate: Double = 1e-3, gradientClip: Double? = nil
  ) {
    self.rule = rule
    self.learningRate = learningRate
    self.gradientClip = gradientClip
  }

  /// Which rule. Another one takes over the settings whose names it has, too.
  public var kind: Kind {
    get { rule.kind }
    set { rule.kind = newValue }
  }

  /// λ of the rule; 0 of one that fixes norms.
  public var weightDecay: Double {
    rule.value(
      \SGDSettings.weightDecay, \RMSPropSettings.weightDecay, \AdamSettings.weightDecay,
      \MuonRuleSettings.weightDecay) ?? 0
  }

  /// Rainbow's Adam: rate 6.25e-5, ε 1.5625e-4, gradients clipped at 10 (DQN Zoo, commit 45061f4).
  public static let rainbow = OptimizerConfiguration(
    .adam(.init { $0.epsilon = 1.5625e-4 }), learningRate: 6.25e-5, gradientClip: 10)

  /// The optimizer at its first update.
  ///
  /// - Parameter parameters: in the order in which every update will name them.
  /// - Throws: ``ConfigurationError`` naming the field that cannot be used.
  public func make(for parameters: [Parameter]) throws(ConfigurationError) -> any Optimizer {
    try validate()
    return switch rule {
    case .sgd(let settings):
      SGD(for: parameters, settings)
    case .rmsprop(let settings):
      RMSProp(for: parameters, settings)
    case .adam(let settings), .adamw(let settings):
      Adam(for: parameters, settings, isDecoupled: kind == .adamw)
    case .muon(let settings):
      try forMatrices(settings.otherLearningRate) { factor throws(OptimizerError) in
        var optimizer = try Muon(
          for: parameters, settings: settings.muon, weightDecay: settings.weightDecay,
          beta1: settings.beta1, beta2: settings.beta2, epsilon: settings.epsilon,
          otherRateFactor: factor)
        optimizer.decayed = settings.decayed
        return optimizer
      }
    case .adamh(let settings):
      try forMatrices(settings.otherLearningRate) { factor throws(OptimizerError) in
        try AdamH(for: parameters, settings, otherRateFactor: factor)
      }
    case .muonh(let settings):
      try forMatrices(settings.otherLearningRate) { factor throws(OptimizerError) in
        try Muon(
          for: parameters, settings: settings.muon.settings, holdsNorms: true,
          beta1: settings.beta1,
          beta2: settings.beta2, epsilon: settings.epsilon, otherRateFactor: factor)
      }
    }
  }

  private func forMatrices(
    _ otherRate: Double, _ make: (Double) throws(OptimizerError) -> any Optimizer
  ) throws(ConfigurationError) -> any Optimizer {
    do throws(OptimizerError) {
      return try make(otherRate / learningRate)
    } catch {
      throw ConfigurationError(
        option: "optimizer.kind",
        expected:
          "one that does not fix norms, since a hidden weight starts at a norm that cannot be "
          + "held (\(error))", found: kind.rawValue)
    }
  }
}
