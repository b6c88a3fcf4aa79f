import Torch

extension Parameter {
  /// Whether this is a matrix or kernel between hidden units: what ``Muon`` and ``AdamH`` treat apart.
  ///
  /// By its role: hidden weights, deviations of noisy ones, last weights of residual branches, and those of queries
  /// and keys, of two axes or more. Outputs, embeddings, biases, scales and offsets are none.
  public var isHiddenMatrix: Bool {
    switch role {
    case .weight, .noise, .residualOutput, .attentionLogit: value.dimensionCount > 1
    case .output, .bias, .scale, .offset, .embedding: false
    }
  }
}
