public import Torch

/// Munchausen's targets (Vieillard et al. 2020, arXiv 2007.14430): the log-policy is added to the reward, and the
/// bootstrap is soft. The policy is `π = softmax(q / τ)` of the target network.
///
/// Its reward is the first step's alone: over n > 1 steps the bonus of the later ones is left out, as in "Beyond the
/// Rainbow".
public struct MunchausenLearning: Codable, Hashable, Sendable {
  /// τ, the temperature of the policy.
  public var temperature = 0.03
  /// α, the share of the log-policy.
  public var share = 0.9
  /// l₀, the least `τ log π` counts for.
  public var floor = -1.0

  /// The paper's values (section 4).
  public init() {}

  /// Reads the word `default`, or all three numbers.
  public init(from decoder: any Decoder) throws {
    if (try? decoder.singleValueContainer().decode(DefaultWord.self)) != nil { return }
    let values = try decoder.container(keyedBy: CodingKeys.self)
    temperature = try values.decode(Double.self, forKey: .temperature)
    share = try values.decode(Double.self, forKey: .share)
    floor = try values.decode(Double.self, forKey: .floor)
  }

  /// `α max(τ log π(a | s), l₀)`, at most 0, (B).
  ///
  /// - Parameter values_BA: the target network's at the earlier state.
  public func bonus(values_BA: Tensor, actions_B: Tensor) -> Tensor {
    withoutGradients {
      let scaled_BA = (values_BA.detached() / temperature).logSoftmax(axis: 1) * temperature
      let chosen_B = scaled_BA.gathered(axis: 1, at: actions_B.unsqueezed(axis: 1))
        .squeezed(axis: 1)
      return chosen_B.clamped(from: .real(floor), to: 0) * share
    }
  }

  /// `R + bonus + γ Σ_a π(a | s_t) (Z_j(s_t, a) − τ log π(a | s_t))` for each j, (B, M); M is 1 for scalar values.
  ///
  /// - Parameters:
  ///   - returns_B: R, of n steps.
  ///   - discounts_B: γ^n, 0 where nothing follows.
  ///   - bonus_B: ``bonus(values_BA:actions_B:)`` of the earlier state.
  ///   - outputs_BAM: the target network's values or samples after the transition; the policy is that of their means.
  public func target(
    returns_B: Tensor, discounts_B: Tensor, bonus_B: Tensor, outputs_BAM: Tensor
  ) -> Tensor {
    withoutGradients {
      let outputs = outputs_BAM.detached()
      let logPolicy_BA = (outputs.mean(axes: [2]) / temperature).logSoftmax(axis: 1)
      let policy_BA1 = logPolicy_BA.exponential().unsqueezed(axis: 2)
      let soft_BAM = outputs - (logPolicy_BA * temperature).unsqueezed(axis: 2)
      let next_BM = (policy_BA1 * soft_BAM).sum(axes: [1])
      return (returns_B + bonus_B).unsqueezed(axis: 1) + discounts_B.unsqueezed(axis: 1) * next_BM
    }
  }
}
