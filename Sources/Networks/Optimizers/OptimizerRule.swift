extension OptimizerConfiguration {
  /// An update rule with the settings that it has.
  public enum Rule: KindChoice, Hashable, Sendable {
    /// Gradient descent.
    case sgd(SGDSettings)
    /// RMSProp.
    case rmsprop(RMSPropSettings)
    /// Adam.
    case adam(AdamSettings)
    /// Adam with decoupled weight decay.
    case adamw(AdamSettings)
    /// ``Muon`` for hidden matrices, AdamW for everything else.
    case muon(MuonRuleSettings)
    /// ``AdamH``.
    case adamh(AdamHSettings)
    /// ``Muon`` with fixed norms.
    case muonh(MuonHSettings)

    package init(_ kind: Kind, _ source: SettingsSource) throws {
      self =
        switch kind {
        case .sgd: .sgd(try source.settings())
        case .rmsprop: .rmsprop(try source.settings())
        case .adam: .adam(try source.settings())
        case .adamw: .adamw(try source.settings())
        case .muon: .muon(try source.settings())
        case .adamh: .adamh(try source.settings())
        case .muonh: .muonh(try source.settings())
        }
    }

    package var content: (kind: Kind, settings: any KindSettings) {
      switch self {
      case .sgd(let settings): (.sgd, settings)
      case .rmsprop(let settings): (.rmsprop, settings)
      case .adam(let settings): (.adam, settings)
      case .adamw(let settings): (.adamw, settings)
      case .muon(let settings): (.muon, settings)
      case .adamh(let settings): (.adamh, settings)
      case .muonh(let settings): (.muonh, settings)
      }
    }
  }

  /// The name of a rule.
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

  /// Gradient descent; PyTorch's defaults.
  public struct SGDSettings: KindSettings {
    /// μ.
    public var momentum = 0.0
    /// Whether the step looks ahead along the velocity.
    public var nesterov = false
    /// λ, added to the gradient as `λ W`.
    public var weightDecay = 0.0
    /// What λ shrinks.
    public var decayed = DecayedParameters.all

    public init() {}
  }

  /// RMSProp; PyTorch's defaults.
  public struct RMSPropSettings: KindSettings {
    /// μ.
    public var momentum = 0.0
    /// Forgetting of the average square (PyTorch's `alpha`).
    public var smoothing = 0.99
    /// ε, outside the root.
    public var epsilon = 1e-8
    /// λ, added to the gradient as `λ W`.
    public var weightDecay = 0.0
    /// What λ shrinks.
    public var decayed = DecayedParameters.all

    public init() {}
  }

  /// Adam and AdamW; PyTorch's defaults but for the decay of AdamW, 0 here.
  public struct AdamSettings: KindSettings {
    /// Forgetting of the first moment.
    public var beta1 = 0.9
    /// Forgetting of the second moment.
    public var beta2 = 0.999
    /// ε, outside the root.
    public var epsilon = 1e-8
    /// λ: added to the gradient as `λ W`, or for `adamw` taken off the weights as `η λ W`.
    public var weightDecay = 0.0
    /// What λ shrinks.
    public var decayed = DecayedParameters.all

    public init() {}
  }

  /// ``Muon`` for hidden matrices, AdamW for everything else.
  public struct MuonRuleSettings: KindSettings {
    /// Forgetting of the first moment.
    public var beta1 = 0.9
    /// Forgetting of the second moment.
    public var beta2 = 0.999
    /// ε, outside the root.
    public var epsilon = 1e-8
    /// λ, taken off the weights as `η λ W`.
    public var weightDecay = 0.0
    /// What λ shrinks.
    public var decayed = DecayedParameters.all
    /// The step size of everything but hidden matrices, which moves with the learning rate along the schedule.
    public var otherLearningRate = 1e-3
    /// What is done to the gradients of hidden matrices.
    public var muon = MuonSettings()

    public init() {}
  }

  /// ``AdamH``, which fixes norms and so has no weight decay.
  public struct AdamHSettings: KindSettings {
    /// Forgetting of the first moment.
    public var beta1 = 0.9
    /// Forgetting of the second moment.
    public var beta2 = 0.999
    /// ε, outside the root.
    public var epsilon = 1e-8
    /// The step size of everything but hidden matrices, which moves with the learning rate along the schedule.
    public var otherLearningRate = 1e-3

    public init() {}
  }

  /// ``Muon`` with fixed norms, and so without weight decay; Adam for everything else.
  public struct MuonHSettings: KindSettings {
    /// Forgetting of the first moment.
    public var beta1 = 0.9
    /// Forgetting of the second moment.
    public var beta2 = 0.999
    /// ε, outside the root.
    public var epsilon = 1e-8
    /// The step size of everything but hidden matrices, which moves with the learning rate along the schedule.
    public var otherLearningRate = 1e-3
    /// What is done to the gradients of hidden matrices.
    public var muon = MuonDirectionSettings()

    public init() {}
  }
}
