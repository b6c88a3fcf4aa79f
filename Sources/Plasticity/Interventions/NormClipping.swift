public import Networks
import Torch

/// Gradient clipping by the norm of all gradients together.
///
///     g ← g · min(1, limit / ‖g‖)
///
/// It comes after every method that adds to gradients, so that the limit holds for their sum. Source:
/// Pascanu, Mikolov & Bengio 2013 (arXiv 1211.5063), algorithm 1. The limit 10 is that of DQN Zoo's
/// Rainbow (METHOD 5). `optimizer.gradientClip` does the same within the optimizer's pass.
public struct NormClipping: Intervention, Hook {
  public static let name = "clip-norm"
  public static let summary = "scales gradients down to a largest joint norm"
  public static let source = "Pascanu, Mikolov & Bengio 2013, algorithm 1"

  /// The largest norm.
  public var limit = 10.0

  public init() {}

  /// The limit is above 0.
  public func validate() throws(ConfigurationError) {
    try requirePositive(limit, "limit")
  }

  public func hook() -> any Hook { self }

  /// Scales all gradients.
  public mutating func afterGradients(_ moment: inout TrainingMoment) {
    withoutGradients {
      let scale = FusedOperators.clipScale(of: moment.gradients, limit: limit)
      moment.gradients = moment.gradients.map { $0 * scale }
    }
  }
}
