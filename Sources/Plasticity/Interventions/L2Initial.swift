public import Networks
import Torch

/// Regenerative regularization: L2 towards the initial values instead of towards zero.
///
///     L + λ ‖W − W(0)‖²,  so  g ← g + 2 λ (W − W(0))
///
/// Source: Kumar et al. 2023 (arXiv 2308.11958), section 3, on every parameter. λ = 0.01 as in
/// Plasticine (METHOD 3.4); the value in figure 5 is unknown.
public struct L2Initial: Intervention {
  public static let name = "l2-initial"
  public static let summary = "regenerative regularization: L2 towards the initial values"
  public static let source = "Kumar et al. 2023, section 3"

  /// λ.
  public var coefficient = 1e-2
  /// The penalized parameters.
  public var parameters = ParameterSelection.all

  public init() {}

  /// λ is at least 0.
  public func validate() throws(ConfigurationError) {
    try requireNotNegative(coefficient, "coefficient")
  }

  public func idleReason(on subject: InterventionSubject) -> String? {
    subject.reasonNothingIs(in: parameters, of: Self.name)
  }

  public func hook() -> any Hook { InitialPenalty(configuration: self) }
}

/// ``L2Initial`` at work.
struct InitialPenalty: Hook {
  let configuration: L2Initial
  private(set) var initial = InitialValues()

  var name: String { L2Initial.name }
  var savedTensors: [(name: String, tensor: Tensor)] { initial.saved }

  mutating func begin(_ site: HookSite) { initial.record(site.parameters) }

  mutating func afterGradients(_ moment: inout TrainingMoment) {
    moment.addToGradients(configuration.parameters) { weight, index in
      (weight - initial.tensors[index]) * (2 * configuration.coefficient)
    }
  }
}
