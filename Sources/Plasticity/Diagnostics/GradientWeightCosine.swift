import Networks
import Torch

/// The cosine between a weight and the loss's gradient with respect to it.
///
///     ⟨g, W⟩ / (‖g‖ ‖W‖)
///
/// with g the gradient of the mean loss over the probes at the present weights. Zero for a
/// scale-invariant weight (Euler's theorem); what is not zero changes the weight's norm to first order.
/// Source: METHOD section 4; van Laarhoven 2017 (arXiv 1706.05350), section 2.
public struct GradientWeightCosine: Diagnostic {
  public static let name = "gradient-weight-cosine"
  public static let summary = "cosine between each weight and the loss's gradient"
  public static let source = "van Laarhoven 2017 (arXiv 1706.05350), section 2"
  public static let metrics = ["gradient_weight_cosine"]

  public init() {}

  /// Of all weights as one vector and of each. Cost: one backward pass without weight gradients, shared
  /// with ``GradientCovariance``, and the gradients of weights that are not a linear layer's.
  public func measure(
    _ subject: DiagnosticSubject
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    try subject.require(examples: 1)
    let places = subject.parameters.indices.filter {
      ParameterSelection.weights.includes(subject.parameters[$0].parameter)
    }
    let weights = places.map { subject.parameters[$0].parameter }
    let found = try WeightGradients(subject, weights).lengths
    guard !places.isEmpty else { throw .noLayer("trainable weight") }
    let norms = places.map { subject.norms.each[$0] }
    let total = { (values: [Double]) in values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    return [
      DiagnosticReading(
        "gradient_weight_cosine",
        Self.cosine(
          found.reduce(0) { $0 + $1.product }, total(norms), total(found.map(\.norm))))
    ]
      + places.indices.map { index in
        DiagnosticReading(
          "gradient_weight_cosine", scope: subject.parameters[places[index]].name,
          Self.cosine(found[index].product, norms[index], found[index].norm))
      }
  }

  private static func cosine(_ product: Double, _ weight: Double, _ gradient: Double)
    -> DiagnosticOutcome
  {
    guard weight > 0 else { return .undefined(.zero("the weight's norm is zero")) }
    guard gradient > 0 else { return .undefined(.zero("the gradient is zero")) }
    return DiagnosticOutcome(finite: product / (weight * gradient), "the cosine")
  }
}
