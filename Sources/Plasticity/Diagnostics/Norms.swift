import Networks
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

  /// A reading of all together, and of each by its parameter's name.
  func readings(
    _ metric: String, of parameters: [NamedParameter], _ what: String
  ) -> [DiagnosticReading] {
    [DiagnosticReading(metric, DiagnosticOutcome(finite: total, what))]
      + zip(parameters, each).map {
        DiagnosticReading(metric, scope: $0.name, DiagnosticOutcome(finite: $1, what))
      }
  }
}
