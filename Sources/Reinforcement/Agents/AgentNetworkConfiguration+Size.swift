public import Environments
public import Networks

extension AgentNetworkConfiguration {
  /// Checks every field that makes sense without an environment.
  ///
  /// - Throws: `ConfigurationError` naming the first that cannot be used.
  func validateRanges() throws(ConfigurationError) {
    try distribution.validate()
    try ConfigurationError.requireCount(hiddenWidth, "network.hiddenWidth", from: 1)
    for width in torsoWidths {
      try ConfigurationError.requireCount(width, "network.torsoWidths", from: 1)
    }
    try ConfigurationError.requireCount(
      torsoMultiplier, "network.torsoMultiplier", from: 1, to: 1_000_000)
    try ConfigurationError.requireNumber(noiseDeviation, "network.noiseDeviation")
    if let inputDivisor {
      try ConfigurationError.requireNumber(inputDivisor, "network.inputDivisor", isOpen: true)
    }
  }

  /// How large the network is at least, the torso exact but for biases: for refusing before anything is built what no
  /// machine can hold.
  ///
  /// - Parameters:
  ///   - observations: what the environment shows, stacked.
  ///   - actions: how many there are.
  public func leastSize(observations: ObservationSpace, actions: Int) -> NetworkSize {
    var (size, features) = torso.leastSize(
      inputShape: observations.stackedShape, widths: torsoWidths, multiplier: torsoMultiplier)
    let hidden = Double(hiddenWidth)
    let outputs = Double(actions) * Double(distribution.outputsPerAction)
    // A dueling network has a second branch, whose outputs are those of one action.
    let branches = isDueling ? 2.0 : 1
    let value = isDueling ? Double(distribution.outputsPerAction) : 0
    let head = branches * features * hidden + hidden * (outputs + value)
    size.weights += (isNoisy ? 2 : 1) * head
    var each = branches * hidden + outputs + value
    if let implicit = distribution.implicit {
      let cosines = Double(implicit.cosineCount)
      size.weights += cosines * features
      each = Double(implicit.sampleCount) * (each + features + cosines)
    }
    // The target's probabilities are brought onto the support value by value.
    if [.categorical, .quantile].contains(distribution.kind) {
      each += Double(distribution.outputsPerAction) * Double(distribution.outputsPerAction)
    }
    size.activations += each
    return size
  }
}

extension ObservationSpace {
  /// The number of elements of a stacked observation, which may pass every integer.
  var stackedCount: Double { shape.reduce(Double(stack)) { $0 * Double($1) } }
}

extension PPOConfiguration {
  /// Bytes that learning takes at least: weights with gradients and two moments.
  public func weightBytes(observations: ObservationSpace, actions: Int) -> Double {
    network.leastSize(observations: observations, actions: actions).weights * 4 * 4
  }

  /// Bytes that one batch takes at least: states as numbers, and what the layers give, with gradients.
  public func batchBytes(observations: ObservationSpace, actions: Int) -> Double {
    let size = network.leastSize(observations: observations, actions: actions)
    return Double(batchSize) * 4 * (observations.stackedCount + 2 * size.activations)
  }
}

extension ValueAgentConfiguration {
  /// Bytes that learning takes at least: weights with gradients and two moments, the other networks' weights.
  public func weightBytes(observations: ObservationSpace, actions: Int) -> Double {
    let copies = overlapsLearning ? 6.0 : 5
    return network.leastSize(observations: observations, actions: actions).weights * 4 * copies
  }

  /// Bytes that one batch takes at least: both states as numbers, and what the layers give, with gradients.
  public func batchBytes(observations: ObservationSpace, actions: Int) -> Double {
    let size = network.leastSize(observations: observations, actions: actions)
    return Double(batchSize) * 4 * (2 * observations.stackedCount + 2 * size.activations)
  }
}
