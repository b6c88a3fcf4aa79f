public import Networks
import Torch

/// L2 regularization: the loss becomes `L + λ Σ ‖W‖²`.
///
///     g ← g + 2 λ W
///
/// so that λ here is half of what deep-learning libraries call the weight decay of an optimizer
/// without decoupling. With Adam the added gradient is divided by the moments like any other.
/// Source: the baseline of Kumar et al. 2023 (arXiv 2308.11958), section 4, which penalizes every
/// parameter in this form; the value of λ is our choice (METHOD 3.4: L2 of 1e-5 in the predecessor).
public struct L2Regularization: Intervention, Hook {
  public static let name = "l2"
  public static let summary = "adds lambda times the squared norm of the parameters to the loss"
  public static let source = "Kumar et al. 2023, section 4 (baseline)"

  /// λ.
  public var coefficient = 1e-5
  /// The penalized parameters.
  public var parameters = ParameterSelection.all

  public init() {}

  public var effects: Set<InterventionEffect> { [.hiddenNorms] }

  /// λ is at least 0.
  public func validate() throws(ConfigurationError) {
    try requireNotNegative(coefficient, "coefficient")
  }

  public func idleReason(on subject: InterventionSubject) -> String? {
    subject.reasonNothingIs(in: parameters, of: Self.name)
  }

  public func hook() -> any Hook { self }

  /// Adds 2 λ W to the gradient of every chosen parameter.
  public mutating func afterGradients(_ moment: inout TrainingMoment) {
    moment.addToGradients(parameters) { weight, _ in weight * (2 * coefficient) }
  }
}
