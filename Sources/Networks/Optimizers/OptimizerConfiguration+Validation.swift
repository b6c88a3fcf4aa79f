extension OptimizerConfiguration {
  /// Checks every setting of the rule.
  ///
  /// - Throws: ``ConfigurationError`` naming the first that cannot be used.
  public func validate() throws(ConfigurationError) {
    let require = ConfigurationError.require
    try ConfigurationError.requireNumber(learningRate, "optimizer.learningRate")
    let shares = [
      ("momentum", rule.value(\SGDSettings.momentum, \RMSPropSettings.momentum)),
      ("smoothing", rule.value(\RMSPropSettings.smoothing)),
      (
        "beta1",
        rule.value(
          \AdamSettings.beta1, \MuonRuleSettings.beta1, \AdamHSettings.beta1, \MuonHSettings.beta1)
      ),
      (
        "beta2",
        rule.value(
          \AdamSettings.beta2, \MuonRuleSettings.beta2, \AdamHSettings.beta2, \MuonHSettings.beta2)
      ),
    ]
    for case (let name, let value?) in shares {
      try require(
        value >= 0 && value < 1, "optimizer.\(name)", "at least 0 and below 1", "\(value)")
    }
    let epsilon = rule.value(
      \RMSPropSettings.epsilon, \AdamSettings.epsilon, \MuonRuleSettings.epsilon,
      \AdamHSettings.epsilon, \MuonHSettings.epsilon)
    let otherRate = rule.value(
      \MuonRuleSettings.otherLearningRate, \AdamHSettings.otherLearningRate,
      \MuonHSettings.otherLearningRate)
    for (name, value) in [
      ("epsilon", epsilon), ("weightDecay", weightDecay), ("otherLearningRate", otherRate),
    ] { try ConfigurationError.requireNumber(value ?? 0, "optimizer.\(name)") }
    if case .sgd(let settings) = rule {
      try require(
        !settings.nesterov || settings.momentum != 0, "optimizer.momentum",
        "above 0 with optimizer.nesterov", "\(settings.momentum)")
    }
    try require(
      learningRate > 0 || !kind.treatsMatricesApart, "optimizer.learningRate",
      "above 0 with optimizer.kind \(kind.rawValue)", "\(learningRate)")
    if let muon = rule.value(\MuonRuleSettings.muon, \MuonHSettings.muon.settings) {
      try require(
        muon.momentum >= 0 && muon.momentum < 1, "optimizer.muon.momentum",
        "at least 0 and below 1", "\(muon.momentum)")
      try ConfigurationError.requireCount(
        muon.iterations, "optimizer.muon.iterations", from: 1, to: 100, "1 to 100")
    }
    if let gradientClip {
      try ConfigurationError.requireNumber(gradientClip, "optimizer.gradientClip", isOpen: true)
    }
  }
}
