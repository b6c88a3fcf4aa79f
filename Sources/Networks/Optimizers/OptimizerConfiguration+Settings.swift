/// Settings by name, whatever the rule: one without effect where a rule does not have them.
///
/// - Precondition: a setting is set of a rule that has it.
extension OptimizerConfiguration {
  /// Which rule. Another one takes over the settings whose names it has, too.
  public var kind: Kind {
    get { rule.kind }
    set { rule.kind = newValue }
  }

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

  /// All but `adamh` and `muonh`, which fix norms: λ.
  public var weightDecay: Double {
    get {
      rule.value(
        \SGDSettings.weightDecay, \RMSPropSettings.weightDecay, \AdamSettings.weightDecay,
        \MuonRuleSettings.weightDecay) ?? 0
    }
    set {
      rule.set(
        "weightDecay", to: newValue, \SGDSettings.weightDecay, \RMSPropSettings.weightDecay,
        \AdamSettings.weightDecay, \MuonRuleSettings.weightDecay)
    }
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
    get { rule.value(\MuonRuleSettings.muon, \MuonHSettings.muon) ?? MuonSettings() }
    set { rule.set("muon", to: newValue, \MuonRuleSettings.muon, \MuonHSettings.muon) }
  }
}
