import Networks
import NormalizeAndProject
import Torch

/// A network in float64 with a fixed classification batch: what the theory is checked on.
struct Problem {
  let network: Sequential
  let input: Tensor
  let labels: Tensor

  /// Two normalized hidden layers of ReLU units; the same weights and batch at every call.
  init(
    _ normalization: Normalization = .exactLayer, activation: ActivationKind = .relu,
    scaleAndOffset: ScaleAndOffset = .none
  ) throws {
    network = try normalized(
      TestNetwork.mlp([24, 20], activation: activation), inputShape: [6],
      normalization: normalization, scaleAndOffset: scaleAndOffset)
    input = TestNetwork.input([32, 6])
    labels = Tensor.integers(from: 0, to: 3, [32], generator: Generator(seed: 21))
  }

  /// All parameters with their names.
  var parameters: [NamedParameter] { network.namedParameters }

  /// The hidden weights, first layer first.
  var hidden: [Parameter] { network.parameters.filter { Projection.hiddenWeights.includes($0) } }

  /// The mean cross-entropy of the batch.
  var loss: Double { withoutGradients { network(input).crossEntropy(labels).item } }

  /// One gradient per parameter, in the network's order.
  func gradients() -> [Tensor] {
    Torch.gradients(
      of: network(input).crossEntropy(labels), withRespectTo: parameters.map(\.parameter.value))
  }

  /// W ← W − rate·g for each parameter.
  func descend(_ rates: [Double]) {
    for ((named, gradient), rate) in zip(zip(parameters, gradients()), rates) {
      named.parameter.assign(named.parameter.value.detached() - gradient * rate)
    }
  }

  /// `rate(parameter)` for hidden weights, `rest` for all others.
  func rates(rest: Double, _ rate: (Parameter) -> Double) -> [Double] {
    parameters.map {
      Projection.hiddenWeights.includes($0.parameter) ? rate($0.parameter) : rest
    }
  }
}
