public import Networks

/// Proximal policy optimization as a configuration; the defaults are those for Atari in Schulman et al. 2017, table 5,
/// but where a property says that the choice is ours.
public struct PPOConfiguration: Codable, Hashable, Sendable {
  /// Torso and hidden layer, plain; what concerns values of actions is ignored.
  public var network = AgentNetworkConfiguration()
  /// How weights are updated. Adam's ε is 1e-5 and the clip 0.5, our choice. Whoever trains applies it.
  public var optimizer = OptimizerConfiguration(
    learningRate: 2.5e-4, epsilon: 1e-5, gradientClip: 0.5)
  /// γ of one step.
  public var discount = 0.99
  /// λ of the advantage estimates.
  public var trace = 0.95
  /// Moves of every environment from one moment of learning to the next; a reset is one of them.
  public var horizon = 128
  /// How often each transition is learned from.
  public var epochs = 3
  /// Transitions of an update.
  public var batchSize = 256
  /// ε, how far the probability of an action may move from what it was, as a ratio.
  public var clip = 0.1
  /// How far a value may move from what it was; `nil` for no limit, our choice.
  public var valueClip: Double?
  /// The weight of the value's loss, ½ (v − R)².
  public var valueWeight = 1.0
  /// The weight of the entropy.
  public var entropyWeight = 0.01
  /// Whether the advantages of each update's batch are brought to mean 0 and deviation 1, our choice.
  public var normalizesAdvantages = true

  /// The defaults.
  public init() {}

  /// Checks every field but the network's, which building it checks.
  ///
  /// - Throws: `ConfigurationError` naming the first that cannot be used.
  public func validate() throws(ConfigurationError) {
    try optimizer.validate()
    let require = ConfigurationError.require
    for (name, share) in [("discount", discount), ("trace", trace)] {
      try require((0...1).contains(share), "agent.\(name)", "from 0 to 1", "\(share)")
    }
    for (name, count) in [("horizon", horizon), ("epochs", epochs), ("batchSize", batchSize)] {
      try require(count > 0, "agent.\(name)", "at least 1", "\(count)")
    }
    try require(clip > 0 && clip < 1, "agent.clip", "between 0 and 1", "\(clip)")
    if let valueClip {
      try require(valueClip > 0, "agent.valueClip", "above 0, or absent", "\(valueClip)")
    }
    for (name, weight) in [("valueWeight", valueWeight), ("entropyWeight", entropyWeight)] {
      try require(
        weight >= 0 && weight.isFinite, "agent.\(name)", "a finite number from 0", "\(weight)")
    }
  }
}
