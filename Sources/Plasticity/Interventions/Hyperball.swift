public import Networks

/// Hyperball: hidden matrices and their updates have fixed Frobenius norms.
///
///     W ← R n(W − η R n(u)),  R = ‖W(0)‖,  n(x) = x/‖x‖
///
/// u is the direction of the optimizer that the run has: Adam's (`optimizer.kind` adam or adamw), or Muon's. The
/// optimizer becomes ``/Networks/AdamH`` or MuonH, and `optimizer.learningRate` the rate η of the hidden matrices:
/// the tangent of the angle by which they turn at each update. Embeddings, the output layer, biases, scales and
/// offsets keep the base optimizer at a rate of their own, which follows the same schedule.
///
/// Beside the projection of NaP, to the same norms, what it adds is the fixed norm of the update.
/// Source: Wen et al. 2026 (arXiv 2606.16899), with 0.018 as the matrices' rate in a language model; METHOD 1.2.
public struct Hyperball: Intervention, Hook {
  public static let name = "hyperball"
  public static let summary =
    "holds the norms of hidden matrices and of their updates; the learning rate is then the tangent of an angle"
  public static let source = "Wen et al. 2026, arXiv 2606.16899"

  /// The learning rate of everything but hidden matrices.
  public var otherLearningRate = 1e-3

  public init() {}

  public var effects: Set<InterventionEffect> { [.constrainedWeights] }

  /// The rate is at least 0.
  public func validate() throws(ConfigurationError) {
    try requireNotNegative(otherLearningRate, "otherLearningRate")
  }

  public func idleReason(on subject: InterventionSubject) -> String? {
    guard !subject.parameters.contains(where: \.isHiddenMatrix) else { return nil }
    return "this network has no hidden matrix; add a hidden layer, or leave \(Self.name) out"
  }

  /// AdamH for Adam and AdamW, MuonH for Muon.
  ///
  /// - Throws: for an optimizer of another kind.
  public func optimizer(
    _ configured: OptimizerConfiguration
  ) throws(ConfigurationError) -> OptimizerConfiguration {
    var result = configured
    switch configured.kind {
    case .adam, .adamw, .adamh: result.kind = .adamh
    case .muon, .muonh: result.kind = .muonh
    case .sgd, .rmsprop:
      throw ConfigurationError(
        option: "optimizer.kind", expected: "adam, adamw or muon with the method \(Self.name)",
        found: configured.kind.rawValue)
    }
    switch result.rule {
    case .adamh(var settings):
      settings.otherLearningRate = otherLearningRate
      result.rule = .adamh(settings)
    case .muonh(var settings):
      settings.otherLearningRate = otherLearningRate
      result.rule = .muonh(settings)
    case .sgd, .rmsprop, .adam, .adamw, .muon: break
    }
    guard configured.weightDecay == 0 else {
      throw ConfigurationError(
        option: "optimizer.weightDecay",
        expected: "0 with the method \(Self.name), which fixes norms",
        found: "\(configured.weightDecay)")
    }
    return result
  }

  public func hook() -> any Hook { self }
}
