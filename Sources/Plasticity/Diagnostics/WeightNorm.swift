import Networks

/// Norms of the parameters: each, and all together.
///
///     ‖θ‖ = √( Σ_l ‖W_l‖_F² )
///
/// accumulated in float64. The quantity whose growth is decay of the effective learning rate (Lyle et
/// al. 2024).
public struct WeightNorm: Diagnostic {
  public static let name = "weight-norm"
  public static let summary = "Frobenius norm of each parameter, and of all together"
  public static let source = "Lyle et al. 2024, figure 1"
  public static let metrics = ["parameter_norm"]

  public init() {}

  /// Of the network and of each trainable parameter. Cost: one pass over the parameters.
  public func measure(
    _ subject: DiagnosticSubject
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    guard !subject.parameters.isEmpty else { throw .noLayer("trainable parameter") }
    return subject.norms.readings("parameter_norm", of: subject.parameters, "the norm")
  }
}
