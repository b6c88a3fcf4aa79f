public import Networks

/// How fast each weight really learns, beside the learning rate that was declared.
///
/// Definition 1 of the paper: the step size that reproduces the dynamics on unit-norm parameters.
/// For gradient descent η̃ = η / ‖W‖²; for updates whose size does not depend on the gradient's scale
/// (Adam, RMSProp) η̃ = η / ‖W‖. Norm growth in a normalized network is decay of η̃.
///
/// Source: Lyle et al. 2024, Definition 1, as restated by Lyle et al. 2025, section 3.
public struct EffectiveLearningRateLedger: Sendable, Hashable {
  /// How an optimizer's update depends on the gradient's scale.
  public enum Scaling: String, Sendable, Hashable, Codable {
    /// Proportional to it: η / ‖W‖².
    case gradientDescent
    /// Independent of it (Adam, RMSProp, sign): η / ‖W‖.
    case scaleFree
  }

  /// What one update did to one parameter.
  public struct Entry: Sendable, Hashable, Codable {
    /// Updates completed before this one.
    public let update: Int
    /// The parameter.
    public let name: String
    /// The declared learning rate η.
    public let learningRate: Double
    /// ‖W‖ before the update.
    public let weightNorm: Double
    /// ‖u‖ of the optimizer's update, before a projection.
    public let updateNorm: Double
    /// The angle between W and W + u, in radians; a projection does not change it.
    public let rotation: Double
    /// η / ‖W‖² or η / ‖W‖.
    public let effectiveLearningRate: Double

    /// ‖u‖ / ‖W‖: the step relative to the weights.
    public var relativeUpdate: Double { updateNorm / weightNorm }
  }

  /// How this run's optimizer scales its updates.
  public var scaling: Scaling
  /// Entries are made after every so many updates.
  public var every: Int

  /// A ledger with entries at update 0, `every`, 2 `every`, ….
  public init(scaling: Scaling, every: Int = 1) {
    precondition(every > 0, "EffectiveLearningRateLedger.every is \(every); it starts at 1")
    self.scaling = scaling
    self.every = every
  }

  /// Whether the update that follows `update` completed ones is to be measured.
  public func isDue(at update: Int) -> Bool { update % every == 0 }

  /// η̃ for one parameter of norm `norm`; infinite at norm zero.
  public func effectiveLearningRate(_ learningRate: Double, norm: Double) -> Double {
    switch scaling {
    case .gradientDescent: learningRate / (norm * norm)
    case .scaleFree: learningRate / norm
    }
  }

  /// One entry a parameter.
  ///
  /// - Parameters:
  ///   - report: what a measured update did, in the order of `parameters`.
  ///   - learningRate: the declared rate of that update.
  public func entries(
    update: Int, learningRate: Double, parameters: [NamedParameter], report: UpdateReport
  ) -> [Entry] {
    parameters.indices.map { index in
      let before = report.normsBefore[index]
      let step = report.updateNorms[index]
      return Entry(
        update: update, name: parameters[index].name, learningRate: learningRate,
        weightNorm: before, updateNorm: step,
        rotation: UpdateReport.angle(
          between: before, and: report.normsAfter[index], opposite: step),
        effectiveLearningRate: effectiveLearningRate(learningRate, norm: before))
    }
  }
}
