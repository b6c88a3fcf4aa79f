import Torch

/// RMSProp (Tieleman & Hinton 2012), in PyTorch's form.
///
/// With the gradient `g`, to which the decay adds `λ W`:
///
///     s ← α s + (1 − α) g²          d = g / (√s + ε)
///     W ← W − η d                   (with momentum: b ← μ b + d, W ← W − η b)
///
/// State: `square_average`, and `velocity` when `μ ≠ 0`, zero at first.
public struct RMSProp: Optimizer {
  /// Updates taken, the average square and the velocity.
  public var state: OptimizerState
  /// α, ε, μ and λ.
  public let settings: OptimizerConfiguration.RMSPropSettings
  private let parameterCount: Int

  /// An optimizer at its first update; the defaults are PyTorch's.
  public init(
    for parameters: [Parameter], _ settings: OptimizerConfiguration.RMSPropSettings = .init()
  ) {
    state = OptimizerState(
      zerosNamed: ["square_average"] + (settings.momentum == 0 ? [] : ["velocity"]), for: parameters
    )
    self.settings = settings
    parameterCount = parameters.count
  }

  @discardableResult
  public mutating func step(_ request: UpdateRequest) throws(OptimizerError) -> UpdateReport? {
    var pass = try UpdatePass(
      request, state: state, parameterCount: parameterCount,
      isDivided: UpdatePass.takesTwo(settings.weightDecay, settings.decayed))
    state.stepCount += 1
    pass.run(weightDecay: settings.weightDecay, of: settings.decayed) { all, step in
      FusedOperators.rmsProp(
        all.weights, gradients: all.gradients, squares: all.slots[0],
        velocities: settings.momentum == 0 ? [] : all.slots[1], alpha: settings.smoothing,
        epsilon: settings.epsilon, momentum: settings.momentum, step: step,
        constraint: all.constraint)
    }
    return try pass.finish()
  }

  /// The share of √s in √s + ε, with the gain 1 / (1 − μ); see ``Optimizer``.
  public func updateScaling(at index: Int) -> UpdateScaling {
    .adaptive(
      share: Adam.scaleFreeShare(state.slots[0].tensors[index], epsilon: settings.epsilon),
      epsilon: settings.epsilon, gain: 1 / (1 - settings.momentum))
  }
}
