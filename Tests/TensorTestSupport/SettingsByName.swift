public import Networks

/// Settings by name for tests of several rules: one without effect where a rule does not have them.
///
/// - Precondition: a setting is set of a rule that has it.
extension OptimizerConfiguration {
  /// `sgd`, `rmsprop`: μ.
  public var momentum: Double {
    get { rule.value(\SGDSettings.momentum, \RMSPropSettings.momentum) ?? 0 }
    set { rule.set("momentum", to: newValue, \SGDSettings.momentum, \RMSPropSettings.momentum) }
  }

  /// `sgd`: whether the step looks ahead along the velocity.
  public var nesterov: Bool {
    get { rule.value(\SGDSettings.nesterov) ?? false }
    set { rule.set("nesterov", to: newValue, \SGDSettings.nesterov) }
  }

  /// All kinds with Adam in them: forgetting of the first moment.
  public var beta1: Double {
    get {
      rule.value(
        \AdamSettings.beta1, \MuonRuleSettings.beta1, \AdamHSettings.beta1, \MuonHSettings.beta1)
        ?? 0
    }
    set {
      rule.set(
        "beta1", to: newValue, \AdamSettings.beta1, \MuonRuleSettings.beta1, \AdamHSettings.beta1,
        \MuonHSettings.beta1)
    }
  }

  /// All kinds with Adam in them: forgetting of the second moment.
  public var beta2: Double {
    get {
      rule.value(
        \AdamSettings.beta2, \MuonRuleSettings.beta2, \AdamHSettings.beta2, \MuonHSettings.beta2)
        ?? 0
    }
    set {
      rule.set(
        "beta2", to: newValue, \AdamSettings.beta2, \MuonRuleSettings.beta2, \AdamHSettings.beta2,
        \MuonHSettings.beta2)
    }
  }

  /// `rmsprop`: forgetting of the average square.
  public var smoothing: Double {
    get { rule.value(\RMSPropSettings.smoothing) ?? 0 }
    set { rule.set("smoothing", to: newValue, \RMSPropSettings.smoothing) }
  }

  /// All but `sgd`: ε, outside the root.
  public var epsilon: Double {
    get {
      rule.value(
        \RMSPropSettings.epsilon, \AdamSettings.epsilon, \MuonRuleSettings.epsilon,
        \AdamHSettings.epsilon, \MuonHSettings.epsilon) ?? 0
    }
    set {
      rule.set(
        "epsilon", to: newValue, \RMSPropSettings.epsilon, \AdamSettings.epsilon,
        \MuonRuleSettings.epsilon, \AdamHSettings.epsilon, \MuonHSettings.epsilon)
    }
  }

  /// `muon`, `adamh`, `muonh`: the step size of everything but hidden matrices.
  public var otherLearningRate: Double {
    get {
      rule.value(
        \MuonRuleSettings.otherLearningRate, \AdamHSettings.otherLearningRate,
        \MuonHSettings.otherLearningRate) ?? learningRate
    }
    set {
      rule.set(
        "otherLearningRate", to: newValue, \MuonRuleSettings.otherLearningRate,
        \AdamHSettings.otherLearningRate, \MuonHSettings.otherLearningRate)
    }
  }

  /// `muon`, `muonh`: what is done to the gradients of hidden matrices.
  public var muon: MuonSettings {
    get { rule.value(\MuonRuleSettings.muon, \MuonHSettings.muon.settings) ?? MuonSettings() }
    set { rule.set("muon", to: newValue, \MuonRuleSettings.muon, \MuonHSettings.muon.settings) }
  }

  /// All but `adamh` and `muonh`, which fix norms: λ.
  public mutating func setWeightDecay(_ value: Double) {
    rule.set(
      "weightDecay", to: value, \SGDSettings.weightDecay, \RMSPropSettings.weightDecay,
      \AdamSettings.weightDecay, \MuonRuleSettings.weightDecay)
  }

  /// All but `adamh` and `muonh`: what λ shrinks.
  public var decayed: DecayedParameters {
    get {
      rule.value(
        \SGDSettings.decayed, \RMSPropSettings.decayed, \AdamSettings.decayed,
        \MuonRuleSettings.decayed) ?? .all
    }
    set {
      rule.set(
        "decayed", to: newValue, \SGDSettings.decayed, \RMSPropSettings.decayed,
        \AdamSettings.decayed, \MuonRuleSettings.decayed)
    }
  }

  /// A rule by its kind; what is not given has the rule's default.
  ///
  /// - Precondition: the rule has every setting that is given.
  public init(
    kind: Kind, learningRate: Double = 1e-3, momentum: Double? = nil,
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
    if let weightDecay { setWeightDecay(weightDecay) }
    if let decayed { self.decayed = decayed }
    if let otherLearningRate { self.otherLearningRate = otherLearningRate }
    if let muon { self.muon = muon }
  }
}

/// Settings by name for tests of several curves.
extension Schedule {
  /// `linear`, `cosine`: updates until the final rate. `cyclic`: the period. Others: 0.
  public var decayUpdates: Int {
    get {
      curve.value(\Decay.decayUpdates, \Cycle.decayUpdates, \Trapezoid.decayUpdates) ?? 0
    }
    set {
      curve.set(
        "decayUpdates", to: newValue, \Decay.decayUpdates, \Cycle.decayUpdates,
        \Trapezoid.decayUpdates)
    }
  }

  /// `linear`, `cosine`, `cyclic`: the rate at the end of a descent. Others: 0.
  public var finalRate: Double {
    get { curve.value(\Decay.finalRate, \Cycle.finalRate, \Trapezoid.finalRate) ?? 0 }
    set {
      curve.set(
        "finalRate", to: newValue, \Decay.finalRate, \Cycle.finalRate, \Trapezoid.finalRate)
    }
  }

  /// `trapezoid`: the fraction of ``decayUpdates`` that the descent takes. Others: 0.
  public var fallFraction: Double {
    get { curve.value(\Trapezoid.fallFraction) ?? 0 }
    set { curve.set("fallFraction", to: newValue, \Trapezoid.fallFraction) }
  }

  /// `cyclic`: updates after which the rate stays at the final one. Others: `nil`.
  public var cycleEnd: Int? {
    get { curve.value(\Cycle.cycleEnd) ?? nil }
    set { curve.set("cycleEnd", to: newValue, \Cycle.cycleEnd) }
  }

  /// `step`: updates between two steps. Others: 0.
  public var stepUpdates: Int {
    get { curve.value(\Steps.stepUpdates) ?? 0 }
    set { curve.set("stepUpdates", to: newValue, \Steps.stepUpdates) }
  }

  /// `step`: what the rate is multiplied by. Others: 1.
  public var stepFactor: Double {
    get { curve.value(\Steps.stepFactor) ?? 1 }
    set { curve.set("stepFactor", to: newValue, \Steps.stepFactor) }
  }

  /// A schedule; see the properties. Without arguments the base rate, always.
  ///
  /// - Precondition: the kind has every setting that is given.
  public init(
    kind: Kind, warmUpUpdates: Int = 0, warmUpRate: Double = 0,
    decayUpdates: Int? = nil, finalRate: Double? = nil, cycleEnd: Int? = nil,
    stepUpdates: Int? = nil, stepFactor: Double? = nil, restartsAtTask: Bool = false
  ) {
    self.init(
      Curve(kind), warmUpUpdates: warmUpUpdates, warmUpRate: warmUpRate,
      restartsAtTask: restartsAtTask)
    if let decayUpdates { self.decayUpdates = decayUpdates }
    if let finalRate { self.finalRate = finalRate }
    if let cycleEnd { self.cycleEnd = cycleEnd }
    if let stepUpdates { self.stepUpdates = stepUpdates }
    if let stepFactor { self.stepFactor = stepFactor }
  }
}
