public import Networks
import Torch

/// Weight decay on the scales of normalizations alone.
///
///     σ ← (1 − η λ) σ          (coupled: g_σ ← g_σ + λ σ)
///
/// Attention over projected queries and keys cannot lower its logits in any other way.
/// Source: Lyle et al. 2025 ("scale decay"; METHOD 1.5 and 1.6), with λ of 1 and 10; whether there
/// it is decoupled is not known, decoupled is our choice. It pulls towards 0, where
/// `ScaleAndOffset.decay` pulls towards the initial 1.
public struct ScaleDecay: Intervention, Hook {
  public static let name = "scale-decay"
  public static let summary = "weight decay on the learned scales of normalizations alone"
  public static let source = "Lyle et al. 2025"

  /// λ.
  public var coefficient = 1.0
  /// Whether the decay acts on the scales directly rather than through the gradient.
  public var isDecoupled = true

  public init() {}

  /// λ is at least 0.
  public func validate() throws(ConfigurationError) {
    try requireNotNegative(coefficient, "coefficient")
  }

  public func idleReason(on subject: InterventionSubject) -> String? {
    guard !subject.parameters.contains(where: { $0.role == .scale }) else { return nil }
    return
      "this network learns no scale of a normalization; normalize and set nap.scaleAndOffset=free, "
      + "or leave \(Self.name) out"
  }

  public func hook() -> any Hook { self }

  /// Shrinks the scales, or adds to their gradients.
  public mutating func afterGradients(_ moment: inout TrainingMoment) {
    guard isDecoupled else {
      moment.addToGradients(where: { $0.role == .scale }) { scale, _ in scale * coefficient }
      return
    }
    let factor = 1 - moment.learningRate * coefficient
    withoutGradients {
      for parameter in moment.parameters.map(\.parameter)
      where parameter.role == .scale && parameter.isTrainable {
        _ = parameter.value.detached().multiplyInPlace(by: .real(factor))
      }
    }
  }
}
