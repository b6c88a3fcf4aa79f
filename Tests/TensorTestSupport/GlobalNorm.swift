public import Torch

/// The norm of all gradients together, by which they are clipped: what `UpdateRequest.gradientClip` is held against.
public struct GlobalNorm: Sendable, Equatable {
  /// `√Σ ‖g‖²` over all gradients, from float64 sums; not finite when training diverged.
  public let value: Double

  /// The norm of gradients. Waits for the device.
  public init(of gradients: [Tensor]) {
    let sum = FusedOperators.squareSums(gradients).reduce(0, +)
    value = sum.squareRoot()
  }

  /// What gradients are multiplied by so that their norm is at most `limit`: `min(1, limit / norm)`.
  ///
  /// NaN for a norm that is not a number, 0 for an infinite one.
  public func scale(limit: Double) -> Double { value <= limit ? 1 : limit / value }
}
