public import Torch

/// Muon: momentum whose matrices are brought near to orthogonal ones (Jordan et al. 2024); with ``holdsNorms`` MuonH,
/// by Hyperball's update.
///
/// For a hidden matrix (``Parameter/isHiddenMatrix``; a kernel as a matrix of outputs by everything else), with the
/// momentum b and Newton and Schulz's iteration NS (``orthogonalized(_:iterations:)``):
///
///     b ← μ b + (1 − μ) g            u = NS(b)            (Nesterov: NS(μ b + (1 − μ) g))
///     W ← (1 − η λ) W − η s u        s as ``MuonScale`` says
///     W ← R n(W − η R n(u))          MuonH: R = ‖W(0)‖, n(x) = x/‖x‖; no λ and no s
///
/// Everything else takes AdamW's step (no decay in MuonH) at η times ``otherRateFactor``.
///
/// State: `momentum` of the matrices; `first_moment` and `second_moment` of everything else; R. The iteration computes
/// in float32, or in float64 where the weights do; the source computes in bfloat16. Joint target norms are restored
/// after both parts, by one factor.
///
/// Source: KellerJordan/Muon and modded-nanogpt; Wen et al. 2026 (arXiv 2606.16899) for MuonH. The source's s takes
/// the shape of a kernel's last two axes, ours that of the matrix.
public struct Muon: Optimizer {
  /// Updates taken, momentum and moments, and initial norms where they are held.
  public var state: OptimizerState
  /// What is done to the momentum of a matrix.
  public var settings: MuonSettings
  /// Whether hidden matrices and their updates have fixed norms (MuonH).
  public let holdsNorms: Bool
  /// λ.
  public var weightDecay: Double
  /// What the decay shrinks.
  public var decayed = DecayedParameters.all
  /// For everything else: forgetting of the first moment.
  public var beta1: Double
  /// For everything else: forgetting of the second moment.
  public var beta2: Double
  /// For everything else: ε, outside the root.
  public var epsilon: Double
  /// The rate of everything but hidden matrices, as a multiple of theirs.
  public var otherRateFactor: Double
  private let parameterCount: Int

  /// An optimizer at its first update.
  ///
  /// - Throws: ``OptimizerError/zeroNorm(index:)`` for a hidden matrix that is zero where norms are held.
  public init(
    for parameters: [Parameter], settings: MuonSettings = MuonSettings(), holdsNorms: Bool = false,
    weightDecay: Double = 0, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    otherRateFactor: Double = 1
  ) throws(OptimizerError) {
    state = OptimizerState(
      zeros: [
        ("momentum", { $0.isHiddenMatrix }), ("first_moment", { !$0.isHiddenMatrix }),
        ("second_moment", { !$0.isHiddenMatrix }),
      ], for: parameters)
    if holdsNorms { state.initialNorms = try OptimizerState.hiddenNorms(of: parameters) }
    self.settings = settings
    self.holdsNorms = holdsNorms
    self.weightDecay = weightDecay
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.otherRateFactor = otherRateFactor
    parameterCount = parameters.count
  }

  @discardableResult
  public mutating func step(_ request: UpdateRequest) throws(OptimizerError) -> UpdateReport? {
    var pass = try UpdatePass(
      request, state: state, parameterCount: parameterCount, isDivided: true)
    state.stepCount += 1
    let matrices = pass.operands(norms: state.initialNorms) { $0.isHiddenMatrix }
    let decay = holdsNorms ? 0 : weightDecay
    pass.run(matrices, weightDecay: decay) { matrices, step in
      var step = step
      let updates = zip(matrices.gradients, matrices.slots[0]).map { gradient, momentum in
        let scaled = gradient.detached() * step.gradientScale
        return update(step.clipScale.map { scaled * $0 } ?? scaled, momentum)
      }
      (step.gradientScale, step.clipScale) = (1, nil)
      if holdsNorms {
        return FusedOperators.turn(
          matrices.weights, directions: updates.map { -$0 }, step: step,
          constraint: matrices.constraint)
      }
      return FusedOperators.sgd(
        matrices.weights, gradients: updates, velocities: [], momentum: 0, isNesterov: false,
        update: state.stepCount, step: step, constraint: matrices.constraint)
    }
    pass.run(
      rateFactor: otherRateFactor, weightDecay: decay, of: decayed,
      where: { !$0.isHiddenMatrix }
    ) { others, step in
      FusedOperators.adam(
        others.weights, gradients: others.gradients, firstMoments: others.slots[1],
        secondMoments: others.slots[2], beta1: beta1, beta2: beta2, epsilon: epsilon,
        update: state.stepCount, isDecoupled: true, step: step, constraint: others.constraint)
    }
    return try pass.finish()
  }

  /// Of a hidden matrix a fixed angle (MuonH), or a step without scale whose elements have the root mean square of s u
  /// with singular values of 1; of everything else Adam's. See ``Optimizer``.
  public func updateScaling(at index: Int) -> UpdateScaling {
    guard let momentum = state.slots[0].tensors[index] else {
      return Adam.scaling(
        state.slots[2].tensors[index], updates: state.stepCount, beta2: beta2, epsilon: epsilon)
    }
    if holdsNorms { return .relative }
    let rows = momentum.shape[0]
    let columns = momentum.elementCount / max(rows, 1)
    let size = (1 / Double(max(rows, columns, 1))).squareRoot()
    return .adaptive(
      share: 1, epsilon: 0, gain: size * settings.scale.factor(rows: rows, columns: columns))
  }

  /// s u, of the gradient's shape and element type, after the momentum took the gradient in.
  private func update(_ gradient: Tensor, _ momentum: Tensor) -> Tensor {
    _ = momentum.interpolateInPlace(towards: gradient, by: .real(1 - settings.momentum))
    let direction =
      settings.nesterov
      ? gradient.interpolated(towards: momentum, by: .real(settings.momentum)) : momentum
    let matrix = direction.reshaped(to: [direction.shape[0], -1])
    let factor = settings.scale.factor(rows: matrix.shape[0], columns: matrix.shape[1])
    let result = Self.orthogonalized(matrix, iterations: settings.iterations) * factor
    return result.reshaped(to: gradient.shape).converted(to: gradient.dtype)
  }

  /// A matrix with the singular vectors of `matrix` and singular values near 1, by Newton and Schulz's iteration.
  ///
  ///     X ← G / max(‖G‖, 1e-7)
  ///     X ← a X + (b A + c A²) X,  A = X Xᵀ,  (a, b, c) = (3.4445, −4.7750, 2.0315)
  ///
  /// After five iterations singular values lie within about 0.7 and 1.2, but for the tiniest. A tall matrix is
  /// transposed meanwhile. Zero stays zero.
  /// - Parameter matrix: (rows, columns).
  /// - Returns: of its shape, in float64 for float64 and in float32 otherwise.
  /// - Source: Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks".
  public static func orthogonalized(_ matrix: Tensor, iterations: Int = 5) -> Tensor {
    let isTall = matrix.shape[0] > matrix.shape[1]
    let wide = matrix.converted(to: matrix.dtype == .float64 ? .float64 : .float32)
    var x = isTall ? wide.transposed() : wide
    x = x / x.vectorNorm().clamped(from: .real(1e-7))
    for _ in 0..<iterations {
      let gram = x.matrixProduct(x.transposed())
      let polynomial = gram * -4.7750 + gram.matrixProduct(gram) * 2.0315
      x = x * 3.4445 + polynomial.matrixProduct(x)
    }
    return isTall ? x.transposed() : x
  }
}
