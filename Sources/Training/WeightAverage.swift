public import Networks
public import Torch

/// An exponential moving average of a network's weights, which have the norms that the projection restores.
///
///     A ← λ A + (1 − λ) W        after every update; A = W at first
///
/// over every parameter and buffer of floating point, running statistics among them, as timm's `ModelEmaV3` (without
/// its warm-up) and unlike PyTorch's `AveragedModel`, which copies buffers. The average of projected weights is shorter
/// than they are, by less the slower they turn; where the network is scale-invariant that changes nothing, and it is
/// not projected again.
///
///     let average = WeightAverage(of: learner.network, decay: 0.999)
///     learner.afterProjection = { average.take($0.network) }
///     let loss = average.during(learner.network) { evaluate(learner.network) }
///
/// Cost: the memory of the network once more, and one pass over both an update.
public struct WeightAverage {
  /// λ.
  public let decay: Double
  private let averages: [(name: String, tensor: Tensor)]

  /// An average that is the network's weights.
  ///
  /// - Parameter decay: λ, from 0 to below 1.
  public init(of network: Sequential, decay: Double) {
    precondition(decay >= 0 && decay < 1, "decay: from 0 to below 1, got \(decay)")
    self.decay = decay
    averages = Self.sources(network).map { ($0.name, $0.tensor.cloned()) }
  }

  private static func sources(_ network: Sequential) -> [(name: String, tensor: Tensor)] {
    network.namedTensors.filter(\.tensor.dtype.isFloatingPoint)
  }

  /// Takes in the weights after an update.
  public func take(_ network: Sequential) {
    withoutGradients {
      for (own, new) in zip(averages, Self.sources(network)) {
        _ = own.tensor.interpolateInPlace(towards: new.tensor, by: .real(1 - decay))
      }
    }
  }

  /// Runs `body` while the network has the averaged weights.
  public func during<Result>(
    _ network: Sequential, _ body: () throws -> Result
  ) rethrows -> Result {
    try network.withValues(
      Dictionary(uniqueKeysWithValues: averages.map { ($0.name, $0.tensor) }), body)
  }
}

/// The averages under their weights' names.
extension WeightAverage: Stateful {
  /// Adds every average.
  public func save(into state: inout State) {
    state.tensors += averages
  }

  /// Continues from the averages of the same network; an error changes nothing.
  public func restore(_ state: State) throws {
    try LoadingError.load(state.tensorsByName, into: averages, owner: "the average of weights")
  }
}
