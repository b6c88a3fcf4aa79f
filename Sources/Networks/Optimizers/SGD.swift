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
  /// μ.
  public let momentum: Double
  /// Whether the step looks ahead along the velocity.
  public var isNesterov: Bool
  /// λ.
  public var weightDecay: Double
  private let parameterCount: Int

  /// An optimizer at its first update; the defaults are PyTorch's.
  public init(
    for parameters: [Parameter], momentum: Double = 0, isNesterov: Bool = false,
    weightDecay: Double = 0
  ) {
    state = OptimizerState(zerosNamed: momentum == 0 ? [] : ["velocity"], for: parameters)
    self.momentum = momentum
    self.isNesterov = isNesterov
    self.weightDecay = weightDecay
    parameterCount = parameters.count
  }

  /// Applies one update; see ``Optimizer``.
  @discardableResult
  public mutating func step(_ request: UpdateRequest) throws(OptimizerError) -> UpdateReport? {
    let pass = try UpdatePass(request, state: state, parameterCount: parameterCount)
    state.stepCount += 1
    return try pass.run { operands in
      for (index, weight) in operands.weights.enumerated() {
        var gradient = operands.gradients[index]
        if weightDecay != 0 { gradient = gradient.adding(weight, scaledBy: .real(weightDecay)) }
        if momentum != 0 {
          let velocity = operands.slots[0][index].multiplyInPlace(by: .real(momentum))
          _ = velocity.addInPlace(gradient)
          gradient =
            isNesterov ? gradient.adding(velocity, scaledBy: .real(momentum)) : velocity
        }
        _ = weight.addInPlace(gradient, scaledBy: .real(-request.learningRate))
      }
    }
  }
}
