public import Networks
import Torch

/// Decoupled weight decay: weights shrink by the learning rate times λ, outside the optimizer's rule.
///
///     W ← (1 − η λ) W, then the optimizer's update
///
/// With Adam this is AdamW to the last bit of float64; it serves every optimizer.
/// Source: Loshchilov & Hutter 2019 (arXiv 1711.05101), algorithm 2, line 12, with the schedule
/// multiplier inside η as in common libraries; λ is our choice.
public struct WeightDecay: Intervention, Hook {
  public static let name = "weight-decay"
  public static let summary = "shrinks weights by rate x lambda beside the update (AdamW's rule)"
  public static let source = "Loshchilov & Hutter 2019, algorithm 2"

  /// λ.
  public var coefficient = 1e-2
  /// The decaying parameters.
  public var parameters = ParameterSelection.weights

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

  /// Shrinks before the optimizer steps; the gradients are those of the weights as they were.
  public mutating func afterGradients(_ moment: inout TrainingMoment) {
    let factor = 1 - moment.learningRate * coefficient
    moment.changeParameters(parameters) { weight, _ in
      _ = weight.multiplyInPlace(by: .real(factor))
    }
  }
}
