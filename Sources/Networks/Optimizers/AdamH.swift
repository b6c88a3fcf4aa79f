import Torch

/// Adam with Hyperball's update of hidden matrices: weights and updates of fixed norm (Wen et al. 2026).
///
/// With R the initial Frobenius norm of a hidden matrix (``Parameter/isHiddenMatrix``), u Adam's direction and
/// n(x) = x/‖x‖:
///
///     m ← β₁ m + (1 − β₁) g          v ← β₂ v + (1 − β₂) g²
///     u = m̂ / (√v̂ + ε)               m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ)
///     W ← R n(W − η R n(u))
///
/// η is the tangent of the angle by which W turns where u is orthogonal to it, as it nearly is in a normalized
/// network. The size of gradients, their clipping and the size of u have no part in it. A matrix whose u is zero does
/// not move. Everything else, such as embeddings, the output, biases, scales and offsets, takes Adam's step at η
/// times ``otherRateFactor``.
///
/// A target norm of the request replaces R. Members of a joint target norm turn separately, and then one factor
/// restores their joint norm.
///
/// State: `first_moment` and `second_moment`, zero at first, and R. Cost: about two further passes over the hidden
/// matrices, and memory for a direction of each while the step lasts.
///
/// Source: arXiv 2606.16899, whose first form is that of Wen et al. 2025, "From weight decay to Hyperball
/// optimization": the target norm is ‖W(0)‖. Public code that takes the norm of W at each step
/// (NVIDIA-NeMo/Emerging-Optimizers, pull 89) differs from it by rounding.
public struct AdamH: Optimizer {
  /// Updates taken, both moments, and the initial norms.
  public var state: OptimizerState
  /// β₁, β₂ and ε.
  public var settings: OptimizerConfiguration.AdamHSettings
  /// The rate of everything but hidden matrices, as a multiple of theirs.
  public var otherRateFactor: Double
  private let parameterCount: Int

  /// An optimizer at its first update.
  ///
  /// - Throws: ``OptimizerError/zeroNorm(index:)`` for a hidden matrix that is zero, and so has no direction.
  public init(
    for parameters: [Parameter], _ settings: OptimizerConfiguration.AdamHSettings = .init(),
    otherRateFactor: Double = 1
  ) throws(OptimizerError) {
    state = OptimizerState(zerosNamed: ["first_moment", "second_moment"], for: parameters)
    state.initialNorms = try OptimizerState.hiddenNorms(of: parameters)
    self.settings = settings
    self.otherRateFactor = otherRateFactor
    parameterCount = parameters.count
  }

  @discardableResult
  public mutating func step(_ request: UpdateRequest) throws(OptimizerError) -> UpdateReport? {
    var pass = try UpdatePass(
      request, state: state, parameterCount: parameterCount, isDivided: true)
    state.stepCount += 1
    let matrices = pass.operands(norms: state.initialNorms) { $0.isHiddenMatrix }
    pass.run(matrices) { matrices, step in
      // What Adam adds to zeros at rate 1 is its direction.
      let directions = matrices.weights.map { Tensor.zerosLike($0.detached()) }
      var whole = FusedOperators.Step(
        learningRate: 1, gradientScale: step.gradientScale, clipScale: step.clipScale,
        deviceNumbers: step.deviceNumbers)
      if let rate = step.deviceNumbers?.learningRate {
        whole.deviceNumbers?.learningRate = .onesLike(rate)
      }
      _ = adam(directions, matrices, whole, .none)
      return FusedOperators.turn(
        matrices.weights, directions: directions, step: step, constraint: matrices.constraint)
    }
    let others = pass.operands { !$0.isHiddenMatrix }
    pass.run(others, rateFactor: otherRateFactor) { others, step in
      adam(others.weights, others, step, others.constraint)
    }
    return try pass.finish()
  }

  /// Of a hidden matrix a fixed angle, of everything else Adam's; see ``Optimizer``.
  public func updateScaling(at index: Int) -> UpdateScaling {
    state.initialNorms[index] == nil
      ? Adam.scaling(
        state.slots[1].tensors[index], updates: state.stepCount, beta2: settings.beta2,
        epsilon: settings.epsilon)
      : .relative
  }

  private func adam(
    _ values: [Tensor], _ operands: UpdatePass.Operands, _ step: FusedOperators.Step,
    _ constraint: FusedOperators.Constraint
  ) -> FusedOperators.Report {
    FusedOperators.adam(
      values, gradients: operands.gradients, firstMoments: operands.slots[0],
      secondMoments: operands.slots[1], beta1: settings.beta1, beta2: settings.beta2,
      epsilon: settings.epsilon, update: state.stepCount, isDecoupled: false, step: step,
      constraint: constraint)
  }
}

extension OptimizerState {
  /// The Frobenius norm of each hidden matrix, `nil` for other parameters.
  ///
  /// - Throws: ``OptimizerError`` for a norm that is zero or not finite.
  static func hiddenNorms(of parameters: [Parameter]) throws(OptimizerError) -> [Double?] {
    let norms = parameters.map { $0.isHiddenMatrix ? $0.norm : nil }
    for (index, norm) in norms.enumerated() {
      guard let norm else { continue }
      if norm == 0 { throw .zeroNorm(index: index) }
      if !norm.isFinite { throw .notFiniteNorm(index: index) }
    }
    return norms
  }
}
