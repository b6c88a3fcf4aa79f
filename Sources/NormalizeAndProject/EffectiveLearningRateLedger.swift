public import Networks

/// How fast each scale-invariant weight really learns, beside what the learning rate declares.
///
/// Definition 1 of the paper: the step size that reproduces the dynamics on a weight of norm 1. Which formula
/// holds is measured at every update (``/Networks/UpdateScaling``), with s the share √v̂ / (√v̂ + ε):
///
///     scale-free, s ≥ 0.9                 η̃ = η / ‖W‖              Adam, RMSProp; / (1 − μ) with momentum
///     ε-dominated, s ≤ 0.1                η̃ = (η / ε) / ‖W‖²       Adam with an ε above most √v̂
///     gradient descent                    η̃ = η / ((1 − μ) ‖W‖²)
///     fixed angle                         η̃ = η                    Hyperball: ‖u‖ = η ‖W‖
///     in between, 0.1 < s < 0.9           no formula holds
///
/// A rate is declared only for weights that the audit finds scale-invariant; a joint group takes its joint norm.
/// A network without normalization has norms and steps, and no effective learning rate. What the rate came out
/// as is ``/Networks/StepRecord/Entry/realisedRate``, which needs none of this.
///
/// Source: Lyle et al. 2024, definition 1, as restated by Lyle et al. 2025, section 3; the regimes of Adam are ours
/// (METHOD 1.1), and so are the bounds 0.1 and 0.9.
public struct EffectiveLearningRateLedger: Sendable, Hashable {
  /// The share √v̂ / (√v̂ + ε) from which an update counts as scale-free.
  public static let scaleFreeShare = 0.9
  /// The share up to which ε dominates an update.
  public static let dominatedShare = 0.1

  /// Which weights are scale-invariant.
  public var invariance: ScaleInvariance

  /// A ledger for weights that are known to be invariant.
  public init(_ invariance: ScaleInvariance) { self.invariance = invariance }

  /// The effective learning rate of one invariant weight, or of a group that is invariant together.
  public struct Row: Sendable, Hashable {
    /// The name of the weight, the group's first.
    public var name: String
    /// The group as one vector.
    public var entry: StepRecord.Entry
    /// The rate that the schedule declares.
    public var declared: DeclaredRate
  }

  /// What was declared for the weights of a record that are scale-invariant, in the network's order.
  public func rows(_ record: StepRecord) -> [Row] {
    let entries = Dictionary(
      record.entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    return invariance.groups.compactMap { names in
      // A frozen parameter has no entry and takes no part.
      guard let entry = names.compactMap({ entries[$0] }).joined else { return nil }
      return Row(
        name: entry.name, entry: entry,
        declared: DeclaredRate(
          learningRate: record.learningRate * entry.rateFactor, norm: entry.normBefore,
          scaling: entry.scaling))
    }
  }
}

/// The effective learning rate that a schedule declares for a scale-invariant weight, or why it declares none.
public enum DeclaredRate: Sendable, Hashable {
  /// η̃.
  case rate(Double)
  /// Adam's ε is neither negligible nor dominant: the share √v̂ / (√v̂ + ε) is between the bounds.
  case betweenRegimes(share: Double)
  /// The weight is zero, so that it has no direction.
  case zeroWeight

  /// The rate of a weight, by the formulas of ``EffectiveLearningRateLedger``.
  public init(learningRate: Double, norm: Double, scaling: UpdateScaling) {
    guard norm > 0 else {
      self = .zeroWeight
      return
    }
    switch scaling {
    case .gradient(let gain): self = .rate(gain * learningRate / (norm * norm))
    case .relative: self = .rate(learningRate)
    case .adaptive(let share, let epsilon, let gain):
      if share >= EffectiveLearningRateLedger.scaleFreeShare {
        self = .rate(gain * learningRate / norm)
      } else if share <= EffectiveLearningRateLedger.dominatedShare {
        self = .rate(gain * learningRate / epsilon / (norm * norm))
      } else {
        self = .betweenRegimes(share: share)
      }
    }
  }

  /// The number; `nil` where none is declared.
  public var value: Double? { if case .rate(let value) = self { value } else { nil } }

  /// Why there is none, in a sentence; `nil` where there is one.
  public var reason: String? {
    switch self {
    case .rate: nil
    case .zeroWeight: "the weight is zero"
    case .betweenRegimes(let share):
      "the optimizer's epsilon is neither negligible nor dominant: the share of the root mean square in its sum "
        + "with epsilon is \(AuditReport.short(share))"
    }
  }
}
