public import Environments
public import Networks
public import Torch

/// The network of a policy and a value as a configuration: torso and hidden layers, plain.
public struct PolicyNetworkConfiguration: Codable, Hashable, Sendable {
  /// What turns observations into features.
  public var torso = Torso.nature
  /// `mlp`: the widths of the torso's dense layers; none by default.
  public var torsoWidths: [Int] = []
  /// `impala`: what channels are multiplied by; 1 in Espeholt et al. 2018.
  public var torsoMultiplier = 1
  /// The width of each branch's hidden layer; 0 for none.
  public var hiddenWidth = 512
  /// Vectors: whether a 1 stands after their numbers, without which a normalized network without biases does not see
  /// how large they are (`AppendedOne`). Images are left alone.
  public var appendsOne = false
  /// What observations are divided by; `nil` takes 255 for bytes and 1 for numbers.
  public var inputDivisor: Double?

  /// The network of Atari's agents.
  public init() {}

  /// The same layers as a value agent's network has them.
  private var layers: AgentNetworkConfiguration {
    var network = AgentNetworkConfiguration()
    network.torso = torso
    network.torsoWidths = torsoWidths
    network.torsoMultiplier = torsoMultiplier
    network.hiddenWidth = hiddenWidth
    network.appendsOne = appendsOne
    network.inputDivisor = inputDivisor
    return network
  }

  /// A policy and a value over the torso: to (B, A + 1), for continuous actions (B, 2 A + 1), see `ActorCritic`.
  ///
  /// - Parameters:
  ///   - observations: what the environment shows, stacked.
  ///   - actions: how many there are, or a continuous action's components.
  ///   - logDeviation: continuous actions: the logarithm of their deviations at first; `nil` for discrete ones.
  ///   - generator: the root of one generator per layer; equal generators give equal weights.
  ///   - device: where the parameters live.
  /// - Throws: `ConfigurationError` naming the field that cannot be used.
  public func buildActorCritic(
    observations: ObservationSpace, actions: Int, logDeviation: Double? = nil,
    generator: Generator, device: Device = .cpu
  ) throws(ConfigurationError) -> Sequential {
    try validateRanges()
    var plain = layers
    plain.hiddenWidth = max(1, hiddenWidth)
    try plain.validate(inputShape: observations.stackedShape)
    let source = ParameterSource(generator: generator, device: device)
    let (elements, features) = plain.beginning(observations, source)
    func branch(_ name: String, _ outputs: Int) -> Sequential {
      var drawing = source
      drawing.generator = generator.split(name)
      guard hiddenWidth > 0 else {
        return Sequential([.init("output", plain.linear("output", features, outputs, drawing))])
      }
      return Sequential(plain.head(features, outputs, drawing))
    }
    return Sequential(
      elements + [
        .init(
          "heads",
          ActorCritic(
            policy: branch("policy", actions), value: branch("value", 1),
            logDeviations: logDeviation.map {
              Parameter(
                Tensor.full([actions], value: .real($0), dtype: .float32, device: device),
                role: .bias)
            }))
      ])
  }

  /// Checks every field that makes sense without an environment.
  ///
  /// - Throws: `ConfigurationError` naming the first that cannot be used.
  func validateRanges() throws(ConfigurationError) {
    try ConfigurationError.requireCount(hiddenWidth, "network.hiddenWidth", from: 0)
    var network = layers
    network.hiddenWidth = max(1, hiddenWidth)
    try network.validateRanges()
  }

  /// How large the network is at least; see ``AgentNetworkConfiguration/leastSize(observations:actions:)``.
  public func leastSize(observations: ObservationSpace, actions: Int) -> NetworkSize {
    layers.leastSize(observations: observations, actions: actions)
  }
}
