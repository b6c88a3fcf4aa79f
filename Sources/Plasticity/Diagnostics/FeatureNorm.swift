import Networks
import Torch

/// The mean Euclidean norm of the features.
///
///     (1/N) Σ_n ‖h(x_n)‖₂
///
/// over the probes; h is what the last layer with parameters reads. Each nonlinearity's output is
/// measured likewise under its name. Definition: Lyle et al. 2022 (arXiv 2204.09560), where it is
/// regularized; the mean over inputs is our choice.
public struct FeatureNorm: Diagnostic {
  public static let name = "feature-norm"
  public static let summary = "mean norm of the features, and of each nonlinearity's output"
  public static let source = "Lyle et al. 2022 (arXiv 2204.09560)"
  public static let metrics = ["feature_norm"]

  public init() {}

  /// Of the features and of each nonlinearity. Cost: a forward pass over the probes.
  public func measure(
    _ subject: DiagnosticSubject
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    try subject.require(examples: 1)
    guard let features = subject.trace.features else { throw .noLayer("layer with parameters") }
    return withoutGradients {
      [DiagnosticReading("feature_norm", Self.norm(features))]
        + subject.trace.activations.map {
          DiagnosticReading("feature_norm", scope: $0.name, Self.norm($0.output.detached()))
        }
    }
  }

  private static func norm(_ rows: Tensor) -> DiagnosticOutcome {
    let norms_N = rows.flattened(from: 1).vectorNorm(axes: [1], dtype: .float64)
    return DiagnosticOutcome(finite: norms_N.mean().item, "the mean norm")
  }
}
