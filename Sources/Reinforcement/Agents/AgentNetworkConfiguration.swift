public import Environments
public import Networks
public import Torch

/// The network of a value agent as a configuration: torso, hidden layer, outputs by action.
///
/// Layers, plain: `scaling`, the torso's, for implicit quantiles `quantiles`, then `hidden`, `hidden-activation`,
/// `output`, `actions`; dueling networks end with `dueling` instead, whose branches `advantage` and `value` have a
/// hidden layer each. Output layers stand alone after a hidden one, so that insertion and projection find them.
public struct AgentNetworkConfiguration: Codable, Hashable, Sendable {
  /// What turns observations into features.
  public var torso = Torso.nature
  /// `mlp`: the widths of the torso's dense layers; none by default.
  public var torsoWidths: [Int] = []
  /// `impala`: what channels are multiplied by; 1 in Espeholt et al. 2018, 2 in "Beyond the Rainbow".
  public var torsoMultiplier = 1
  /// The width of the hidden layer, of each branch in a dueling network.
  public var hiddenWidth = 512
  /// Whether values are split into advantages and the state's value.
  public var isDueling = false
  /// Whether the layers after the torso are noisy.
  public var isNoisy = false
  /// First deviation of noisy weights, times 1/√fan-in: 0.1 in DQN Zoo, 0.5 in Fortunato et al. 2018.
  public var noiseDeviation = 0.1
  /// What is said of an action's return.
  public var distribution = ValueDistribution.scalar
  /// Vectors: whether a 1 stands after their numbers, without which a normalized network without biases does not see
  /// how large they are (`AppendedOne`). Images are left alone.
  public var appendsOne = false
  /// What observations are divided by; `nil` takes 255 for bytes and 1 for numbers.
  public var inputDivisor: Double?

  /// DQN's network.
  public init() {}

  /// The plain network.
  ///
  /// - Parameters:
  ///   - observations: what the environment shows, stacked.
  ///   - actions: how many there are.
  ///   - generator: the root of one generator per layer; equal generators give equal weights.
  ///   - device: where the parameters live.
  /// - Returns: a network from (B, S), bytes or numbers, to (B, A, N): see ``ValueDistribution``.
  /// - Throws: `ConfigurationError` naming the field that cannot be used.
  public func build(
    observations: ObservationSpace, actions: Int, generator: Generator, device: Device = .cpu
  ) throws(ConfigurationError) -> Sequential {
    let shape = observations.stackedShape
    try validate(inputShape: shape)
    let source = ParameterSource(generator: generator, device: device)
    var (elements, features) = beginning(observations, source)
    if let implicit = distribution.implicit {
      var drawing = source
      drawing.generator = generator.split("quantiles")
      elements.append(
        .init(
          "quantiles",
          QuantileEmbedding(
            features: features, cosines: implicit.cosineCount, source: drawing)))
    }
    let outputs = distribution.outputsPerAction
    if isDueling {
      func branch(_ name: String, _ outputs: Int) -> Sequential {
        var drawing = source
        drawing.generator = generator.split(name)
        return Sequential(head(features, outputs, drawing))
      }
      elements.append(
        .init(
          "dueling",
          Dueling(
            actions: actions, advantage: branch("advantage", actions * outputs),
            value: branch("value", outputs))))
    } else {
      elements += head(features, actions * outputs, source)
      elements.append(.init("actions", PerAction(actions: actions)))
    }
    return Sequential(elements)
  }

  /// What turns observations into features, and how many there are.
  func beginning(
    _ observations: ObservationSpace, _ source: ParameterSource
  ) -> ([Sequential.Element], Int) {
    var shape = observations.stackedShape
    var elements: [Sequential.Element] = [
      .init("scaling", InputScaling(divisor: divisor(observations)))
    ]
    if appendsOne, shape.count == 1 {
      elements.append(.init("one", AppendedOne()))
      shape[0] += 1
    }
    let (layers, features) = torso.layers(
      inputShape: shape, widths: torsoWidths, multiplier: torsoMultiplier, source: source)
    return (elements + layers, features)
  }

  private func divisor(_ observations: ObservationSpace) -> Double {
    inputDivisor ?? (observations.element == .uint8 ? 255 : 1)
  }

  func head(_ features: Int, _ outputs: Int, _ source: ParameterSource)
    -> [Sequential.Element]
  {
    let hidden: any Layer =
      isNoisy
      ? NoisyLinear(
        inputFeatures: features, outputFeatures: hiddenWidth, deviation: noiseDeviation,
        generator: source.generator.split("hidden"), device: source.device)
      : Linear(
        inputFeatures: features, outputFeatures: hiddenWidth,
        generator: source.generator.split("hidden"), device: source.device)
    return [
      .init("hidden", hidden), .init("hidden-activation", ReLU()),
      .init("output", linear("output", hiddenWidth, outputs, source)),
    ]
  }

  /// A noisy output layer has a deviation of a bias that it does not have, as in DQN Zoo.
  func linear(_ name: String, _ inputs: Int, _ outputs: Int, _ source: ParameterSource)
    -> any Layer
  {
    isNoisy
      ? NoisyLinear(
        inputFeatures: inputs, outputFeatures: outputs, hasBias: false, isOutput: true,
        deviation: noiseDeviation, generator: source.generator.split(name), device: source.device)
      : Linear(
        inputFeatures: inputs, outputFeatures: outputs, isOutput: true,
        generator: source.generator.split(name), device: source.device)
  }

  func validate(inputShape: [Int]) throws(ConfigurationError) {
    try validateRanges()
    if let side = torso.leastSide {
      let isLargeEnough = inputShape.count == 3 && inputShape.dropFirst().allSatisfy { $0 >= side }
      try ConfigurationError.require(
        isLargeEnough, "network.torso",
        "mlp, or images (C, H, W) of at least \(side) pixels a side for \(torso.rawValue)",
        "observations of shape \(inputShape)")
    }
  }
}
