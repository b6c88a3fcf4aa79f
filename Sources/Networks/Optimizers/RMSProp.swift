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
  /// α, the forgetting of the average square.
  public var smoothing: Double
  /// ε, outside the root.
  public var epsilon: Double
  /// μ.
  public let momentum: Double
  /// λ.
  public var weightDecay: Double
  private let parameterCount: Int

  /// An optimizer at its first update; the defaults are PyTorch's.
  public init(
    for parameters: [Parameter], smoothing: Double = 0.99, epsilon: Double = 1e-8,
    momentum: Double = 0, weightDecay: Double = 0
  ) {
    state = OptimizerState(
      zerosNamed: ["square_average"] + (momentum == 0 ? [] : ["velocity"]), for: parameters)
    self.smoothing = smoothing
    self.epsilon = epsilon
    self.momentum = momentum
    self.weightDecay = weightDecay
    parameterCount = parameters.count
  }

  @discardableResult
  public mutating func step(_ request: UpdateRequest) throws(OptimizerError) -> UpdateReport? {
    var pass = try UpdatePass(request, state: state, parameterCount: parameterCount)
    state.stepCount += 1
    pass.run(weightDecay: weightDecay) { all, step in
      FusedOperators.rmsProp(
        all.weights, gradients: all.gradients, squares: all.slots[0],
        velocities: momentum == 0 ? [] : all.slots[1], alpha: smoothing, epsilon: epsilon,
        momentum: momentum, step: step, constraint: all.constraint)
    }
    return try pass.finish()
  }

  /// The share of √s in √s + ε, with the gain 1 / (1 − μ); see ``Optimizer``.
  public func updateScaling(at index: Int) -> UpdateScaling {
    .adaptive(
      share: Adam.scaleFreeShare(state.slots[0].tensors[index], epsilon: epsilon), epsilon: epsilon,
      gain: 1 / (1 - momentum))
  }
}
