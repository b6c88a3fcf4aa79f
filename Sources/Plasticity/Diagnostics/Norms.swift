public import Torch

/// Frobenius norms of parameters or gradients, per parameter and together.
///
///     ‖θ‖ = √( Σ_l ‖W_l‖² ), each ‖W_l‖ accumulated in float64
///
/// Cost: one pass over the tensors.
public struct Norms: Sendable, Equatable {
  /// One norm per tensor, in the given order.
  public var each: [Double]

  /// The norm of all tensors together.
  public var total: Double { each.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  /// Norms of tensors.
  public init(_ tensors: [Tensor]) {
    each = FusedOperators.squareSums(tensors).map { $0.squareRoot() }
  }
}
