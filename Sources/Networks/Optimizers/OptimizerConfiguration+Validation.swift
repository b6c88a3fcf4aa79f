extension OptimizerConfiguration {
  /// Checks every setting of the rule.
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
    if kind.treatsMatricesApart { try validateMatrices() }
    if let gradientClip {
      try ConfigurationError.requireNumber(gradientClip, "optimizer.gradientClip", isOpen: true)
    }
  }

  private func validateMatrices() throws(ConfigurationError) {
    let require = ConfigurationError.require
    try require(
      learningRate > 0, "optimizer.learningRate", "above 0 with optimizer.kind \(kind.rawValue)",
      "\(learningRate)")
    try ConfigurationError.requireNumber(otherLearningRate, "optimizer.otherLearningRate")
    try require(
      muon.momentum >= 0 && muon.momentum < 1, "optimizer.muon.momentum",
      "at least 0 and below 1", "\(muon.momentum)")
    try require(
      (1...100).contains(muon.iterations), "optimizer.muon.iterations", "1 to 100",
      "\(muon.iterations)")
  }
}
