import Torch

/// Gradient descent, with momentum when asked for (Sutskever et al. 2013, in PyTorch's form).
///
/// With the gradient `g`, to which the decay adds `λ W`:
///
///     b ← μ b + g          W ← W − η b          (Nesterov: W ← W − η (g + μ b))
///
/// State: `velocity` when `μ ≠ 0`, zero at first.
public struct SGD: Optimizer {
  /// Updates taken, and the velocity.
  public var state: OptimizerState
  /// μ, λ, and whether the step looks ahead along the velocity.
  public let settings: OptimizerConfiguration.SGDSettings
  private let parameterCount: Int

  /// An optimizer at its first update; the defaults are PyTorch's.
  public init(
    for parameters: [Parameter], _ settings: OptimizerConfiguration.SGDSettings = .init()
  ) {
    state = OptimizerState(zerosNamed: settings.momentum == 0 ? [] : ["velocity"], for: parameters)
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
      FusedOperators.sgd(
        all.weights, gradients: all.gradients, velocities: all.slots.first ?? [],
        momentum: settings.momentum, isNesterov: settings.nesterov, update: state.stepCount,
        step: step, constraint: all.constraint)
    }
    return try pass.finish()
  }

  /// Gradient descent with the gain 1 / (1 − μ) of a settled momentum; see ``Optimizer``.
  public func updateScaling(at index: Int) -> UpdateScaling {
    .gradient(gain: 1 / (1 - settings.momentum))
  }
}
