public import Torch

/// A vector with a 1 after its numbers: (B, F) to (B, F + 1).
///
/// A linear layer without a bias before a normalization gives the same for x and for c·x with c > 0: it sees the
/// direction of an observation alone, not how large it is. With the 1 among its inputs the layer has a bias again,
/// which belongs to its weight matrix, so that the layer stays exactly scale-invariant and is projected as a whole. Not
/// in the paper, whose observations are images.
public struct AppendedOne: Layer {
  /// A layer.
  public init() {}

  public var parts: [Part] { [] }

  /// (B, F + 1).
  public func callAsFunction(_ input: Tensor) -> Tensor {
    let one = Tensor.ones([input.shape[0], 1], dtype: input.dtype, device: input.device)
    return Tensor.concatenated([input, one], axis: 1)
  }
}
