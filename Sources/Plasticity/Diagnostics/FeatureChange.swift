import Networks
import Torch

/// How far the features' kernel over the probes moved since the reference.
///
///     ‖C_t − C_{t+T}‖_F,   C = fᵀf / ‖f‖_F²
///
/// with an example's features a column of f, so that C is (N, N): a rotation or a scaling of all
/// features is no change. Source: Lyle et al. 2025 (CoLLAs), METHOD section 4; that columns are examples
/// is our reading. T is the time since the reference: the last measurement of a recording.
public struct FeatureChange: Diagnostic {
  public static let name = "feature-change"
  public static let summary = "change of the features' kernel since the last measurement"
  public static let source = "Lyle et al. 2025 (CoLLAs)"
  public static let metrics = ["feature_change"]
  public static let comparesWithEarlier = true

  public init() {}

  /// Cost: a forward pass over the probes and a product of (N, F) with itself.
  public func measure(
    _ subject: DiagnosticSubject
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    try subject.require(examples: 2)
    guard let reference = subject.reference else { throw .notGiven("an earlier moment was") }
    guard let features = subject.trace.features else { throw .noLayer("layer with parameters") }
    guard let before = reference.kernel else { throw .zero("every earlier feature is zero") }
    guard let now = withoutGradients({ DiagnosticReference.kernel(features) }) else {
      throw .zero("every feature is zero")
    }
    guard now.shape == before.shape else { throw .notGiven("a kernel over these probes was") }
    let change = withoutGradients { (now - before).vectorNorm().item }
    return [DiagnosticReading("feature_change", DiagnosticOutcome(finite: change, "the change"))]
  }
}
