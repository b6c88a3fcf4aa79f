import Networks
import NormalizeAndProject
import Torch

/// The networks and inputs of these tests.
enum TestNetwork {
  /// A plain fully connected network: 6 inputs, hidden widths as given, 3 outputs.
  static func mlp(
    _ hidden: [Int] = [8, 7], activation: ActivationKind = .relu, seed: UInt64 = 1,
    dtype: DType = .float64
  ) -> Sequential {
    .mlp(
      inputFeatures: 6, hidden: hidden, classes: 3, activation: activation,
      source: ParameterSource(generator: Generator(seed: seed), dtype: dtype))
  }

  /// A plain convolutional network with pools: 2 × 8 × 8 inputs, 3 outputs.
  static func vgg(seed: UInt64 = 1, dtype: DType = .float64) -> Sequential {
    .vgg(
      inputShape: [2, 8, 8], channels: [4, 6], convolutions: [1, 2], hidden: [9], classes: 3,
      source: ParameterSource(generator: Generator(seed: seed), dtype: dtype))
  }

  /// Normal draws.
  static func input(_ shape: [Int], seed: UInt64 = 11, dtype: DType = .float64) -> Tensor {
    .normal(shape, generator: Generator(seed: seed), dtype: dtype)
  }
}

/// LayerNorm and RMSNorm with ε = 0, where the theory holds exactly.
extension Normalization {
  static let exactLayer = Normalization(.layer, epsilon: 0)
  static let exactRMS = Normalization(.rms, epsilon: 0)
}

/// ‖left − right‖ / ‖right‖.
func gap(_ left: Tensor, _ right: Tensor) -> Double {
  (left.detached() - right.detached()).norm.item / right.detached().norm.item
}
