/// An optimizer as a configuration.
///
/// Flat, so that each field can be set by its name. The defaults are PyTorch's but for the learning rate, which is
/// Adam's 1e-3 for every kind. Fields that a kind does not use are kept and ignored; `otherLearningRate` and `muon`
/// are written and read for the kinds that use them alone.
public struct OptimizerConfiguration: Sendable, Hashable, Codable {
  /// The rule.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    case sgd, rmsprop, adam, adamw
    /// ``Muon`` for hidden matrices, AdamW for everything else.
    case muon
    /// ``AdamH``: Adam with Hyperball's update of hidden matrices.
    case adamh
    /// ``Muon`` with Hyperball's update of hidden matrices.
    case muonh

    /// Whether hidden matrices have a rule and a rate of their own.
    public var treatsMatricesApart: Bool { [.muon, .adamh, .muonh].contains(self) }
    /// Whether the norms of hidden matrices and of their updates are fixed (Hyperball), so that the learning rate is
    /// the tangent of an angle.
    public var holdsNorms: Bool { [.adamh, .muonh].contains(self) }
  }

  /// Which rule.
  public var kind: Kind
  /// The step size that a ``Schedule`` starts from. `muon`, `adamh`, `muonh`: that of hidden matrices; for `adamh`
  /// and `muonh` the tangent of the angle by which they turn.
  public var learningRate: Double
  /// `sgd`, `rmsprop`: μ.
  public var momentum: Double
  /// `sgd`: whether the step looks ahead along the velocity.
  public var nesterov: Bool
  /// All kinds with Adam in them: forgetting of the first moment.
  public var beta1: Double
  /// All kinds with Adam in them: forgetting of the second moment.
  public var beta2: Double
  /// `rmsprop`: forgetting of the average square (PyTorch's `alpha`).
  public var smoothing: Double
  /// All but `sgd`: ε, outside the root.
  public var epsilon: Double
  /// λ: added to the gradient as `λ W`, or for `adamw` and `muon` taken off the weights as `η λ W`. `adamh` and
  /// `muonh`, which fix norms, have none.
  public var weightDecay: Double
  /// The largest joint norm of the gradients; `nil` leaves them. Whoever trains hands it to the optimizer
  /// (``UpdateRequest/gradientClip``).
  public var gradientClip: Double?
  /// `muon`, `adamh`, `muonh`: the step size of everything but hidden matrices, which moves with ``learningRate``
  /// along the schedule.
  public var otherLearningRate: Double
  /// `muon`, `muonh`: what is done to the gradients of hidden matrices.
  public var muon: MuonSettings

  /// A configuration; see the properties.
  public init(
    kind: Kind = .adam, learningRate: Double = 1e-3, momentum: Double = 0, nesterov: Bool = false,
    beta1: Double = 0.9, beta2: Double = 0.999, smoothing: Double = 0.99, epsilon: Double = 1e-8,
    weightDecay: Double = 0, gradientClip: Double? = nil, otherLearningRate: Double = 1e-3,
    muon: MuonSettings = MuonSettings()
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
    self.otherLearningRate = otherLearningRate
    self.muon = muon
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
    case .muon, .adamh, .muonh: try makeForMatrices(parameters)
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
      return try Muon(
        for: parameters, settings: muon, holdsNorms: kind == .muonh, weightDecay: weightDecay,
        beta1: beta1, beta2: beta2, epsilon: epsilon, otherRateFactor: factor)
    } catch {
      throw ConfigurationError(
        option: "optimizer.kind",
        expected:
          "one that does not fix norms, since a hidden weight starts at a norm that cannot be "
          + "held (\(error))", found: kind.rawValue)
    }
  }
}
