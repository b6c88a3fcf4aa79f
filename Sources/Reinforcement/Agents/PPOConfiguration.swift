public import Networks

/// Proximal policy optimization as a configuration; the defaults are those for Atari in Schulman et al. 2017, table 5,
/// but where a property says that the choice is ours.
public struct PPOConfiguration: Codable, Hashable, Sendable {
  /// Torso and hidden layers, plain.
  public var network = PolicyNetworkConfiguration()
  /// How weights are updated. Adam's ε is 1e-5 and the clip 0.5, our choice. Whoever trains applies it.
  public var optimizer = OptimizerConfiguration(
    .adam(.init { $0.epsilon = 1e-5 }), learningRate: 2.5e-4, gradientClip: 0.5)
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
  /// Continuous actions: the logarithm of each component's deviation at first; `nil` for 0, as in CleanRL.
  public var logDeviation: Double?
  /// Whether the advantages of each update's batch are brought to mean 0 and deviation 1, our choice.
  public var normalizesAdvantages = true

  /// The defaults.
  public init() {}

  /// For small environments that are moved one at a time, with discrete or continuous actions.
  ///
  /// As CleanRL's `ppo_continuous_action` but for what is our choice: a horizon of 1,024, one hidden layer of 128
  /// rectifiers each for policy and value, a constant learning rate of 1e-3. Observations and rewards are not
  /// normalized, values not clipped.
  public static let control = {
    var agent = PPOConfiguration()
    agent.network.torso = .observed
    agent.network.hiddenWidth = 128
    agent.network.appendsOne = true
    agent.optimizer.learningRate = 1e-3
    agent.horizon = 1_024
    agent.epochs = 10
    agent.batchSize = 64
    agent.clip = 0.2
    agent.valueWeight = 0.5
    agent.entropyWeight = 0
    return agent
  }()

  /// Checks every field but the network's, which building it checks.
  ///
  /// - Throws: `ConfigurationError` naming the first that cannot be used.
  public func validate() throws(ConfigurationError) {
    try network.validateRanges()
    try optimizer.validate()
    try ConfigurationError.requireNumber(logDeviation ?? 0, "agent.logDeviation", from: -20, to: 20)
    let require = ConfigurationError.require
    for (name, share) in [("discount", discount), ("trace", trace)] {
      try require((0...1).contains(share), "agent.\(name)", "from 0 to 1", "\(share)")
    }
    for (name, count) in [("horizon", horizon), ("epochs", epochs), ("batchSize", batchSize)] {
      try ConfigurationError.requireCount(count, "agent.\(name)", from: 1, to: 1_000_000)
    }
    try require(clip > 0 && clip < 1, "agent.clip", "between 0 and 1", "\(clip)")
    try ConfigurationError.requireNumber(valueClip ?? 1, "agent.valueClip", isOpen: true)
    for (name, weight) in [("valueWeight", valueWeight), ("entropyWeight", entropyWeight)] {
      try ConfigurationError.requireNumber(weight, "agent.\(name)")
    }
  }
}
