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
  public init(_ rule: Rule, learningRate: Double = 1e-3, gradientClip: Double? = nil) {
    self.rule = rule
    self.learningRate = learningRate
    self.gradientClip = gradientClip
  }

  /// A rule by its kind; what is not given has the rule's default.
  ///
  /// - Precondition: the rule has every setting that is given.
  public init(
    kind: Kind = .adam, learningRate: Double = 1e-3, momentum: Double? = nil,
    nesterov: Bool? = nil, beta1: Double? = nil, beta2: Double? = nil, smoothing: Double? = nil,
    epsilon: Double? = nil, weightDecay: Double? = nil,
    decayed: DecayedParameters? = nil, gradientClip: Double? = nil,
    otherLearningRate: Double? = nil, muon: MuonSettings? = nil
  ) {
    self.init(Rule(kind), learningRate: learningRate, gradientClip: gradientClip)
    if let momentum { self.momentum = momentum }
    if let nesterov { self.nesterov = nesterov }
    if let beta1 { self.beta1 = beta1 }
    if let beta2 { self.beta2 = beta2 }
    if let smoothing { self.smoothing = smoothing }
    if let epsilon { self.epsilon = epsilon }
    if let weightDecay { self.weightDecay = weightDecay }
    if let decayed { self.decayed = decayed }
    if let otherLearningRate { self.otherLearningRate = otherLearningRate }
    if let muon { self.muon = muon }
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
    switch rule {
    case .sgd(let settings):
      var optimizer = SGD(
        for: parameters, momentum: settings.momentum, isNesterov: settings.nesterov,
        weightDecay: settings.weightDecay)
      optimizer.decayed = settings.decayed
      return optimizer
    case .rmsprop(let settings):
      var optimizer = RMSProp(
        for: parameters, smoothing: settings.smoothing, epsilon: settings.epsilon,
        momentum: settings.momentum, weightDecay: settings.weightDecay)
      optimizer.decayed = settings.decayed
      return optimizer
    case .adam(let settings), .adamw(let settings):
      var optimizer = Adam(
        for: parameters, beta1: settings.beta1, beta2: settings.beta2, epsilon: settings.epsilon,
        weightDecay: settings.weightDecay, isDecoupled: kind == .adamw)
      optimizer.decayed = settings.decayed
      return optimizer
    case .muon, .adamh, .muonh: return try makeForMatrices(parameters)
    }
  }

  private func makeForMatrices(
    _ parameters: [Parameter]
  ) throws(ConfigurationError) -> any Optimizer {
    let factor = otherLearningRate / learningRate
    do throws(OptimizerError) {
      if kind == .adamh {
        return try AdamH(
          for: parameters, beta1: beta1, beta2: beta2, epsilon: epsilon, otherRateFactor: factor)
      }
      var optimizer = try Muon(
        for: parameters, settings: muon, holdsNorms: kind == .muonh, weightDecay: weightDecay,
        beta1: beta1, beta2: beta2, epsilon: epsilon, otherRateFactor: factor)
      optimizer.decayed = decayed
      return optimizer
    } catch {
      throw ConfigurationError(
        option: "optimizer.kind",
        expected:
          "one that does not fix norms, since a hidden weight starts at a norm that cannot be "
          + "held (\(error))", found: kind.rawValue)
    }
  }
}
