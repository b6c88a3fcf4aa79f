import Networks
import Torch

/// How far the parameters are from where they began.
///
///     ‖W_l − W_l(0)‖_F, and √( Σ_l ‖W_l − W_l(0)‖² )
///
/// Source: the distance that Kumar et al. 2023 (arXiv 2308.11958) regularize.
public struct WeightDrift: Diagnostic {
  public static let name = "weight-drift"
  public static let summary = "distance of each parameter from its initial value"
  public static let source = "Kumar et al. 2023, section 3"
  public static let metrics = ["weight_drift"]
  public static let comparesWithInitial = true

  public init() {}

  /// Of the network and of each trainable parameter. Cost: one pass over the parameters.
  public func measure(
    _ subject: DiagnosticSubject
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    guard !subject.parameters.isEmpty else { throw .noLayer("trainable parameter") }
    guard let initial = subject.initial else { throw .notGiven("initial parameters were") }
    if let problem = subject.parameterProblem { throw problem }
    var differences: [Tensor] = []
    for parameter in subject.parameters {
      let value = parameter.parameter.value.detached()
      guard let start = initial[parameter.name], start.shape == value.shape else {
        throw .notGiven("an initial \(parameter.name) of its shape was")
      }
      differences.append(withoutGradients { value - start })
    }
    return Norms(differences).readings("weight_drift", of: subject.parameters, "the distance")
  }
}
