import Foundation
public import Torch

/// Losses of proximal policy optimization (Schulman et al. 2017, arXiv 1707.06347), one number per example.
public enum PolicyLearning {
  /// `log π(a | s)` of the actions taken: (B, A) and (B) to (B).
  public static func logProbabilities(logits_BA: Tensor, actions_B: Tensor) -> Tensor {
    logits_BA.logSoftmax(axis: 1).gathered(axis: 1, at: actions_B.unsqueezed(axis: 1))
      .squeezed(axis: 1)
  }

  /// `log π(a | s)` of vectors under independent normal distributions, (B, A) each to (B):
  /// `Σ_a −½ ((a − μ) / σ)² − log σ − ½ log 2π`.
  public static func logProbabilities(
    means_BA: Tensor, logDeviations_BA: Tensor, actions_BA: Tensor
  ) -> Tensor {
    let standard_BA = (actions_BA - means_BA) * logDeviations_BA.negated().exponential()
    let log_BA = standard_BA.squared() * -0.5 - logDeviations_BA
    return log_BA.sum(axes: [1]) - 0.5 * log(2 * Double.pi) * Double(actions_BA.shape[1])
  }

  /// `−min(r Â, clip(r, 1 − ε, 1 + ε) Â)`, r = π / π_old (equation 7), (B).
  ///
  /// - Parameters:
  ///   - logProbabilities_B: of the policy that is learned.
  ///   - oldLogProbabilities_B: of the one that acted.
  ///   - advantages_B: Â.
  ///   - clip: ε.
  public static func clippedLoss(
    logProbabilities_B: Tensor, oldLogProbabilities_B: Tensor, advantages_B: Tensor, clip: Double
  ) -> Tensor {
    let ratio_B = (logProbabilities_B - oldLogProbabilities_B.detached()).exponential()
    let advantages = advantages_B.detached()
    let clipped_B = ratio_B.clamped(from: .real(1 - clip), to: .real(1 + clip))
    return (ratio_B * advantages).minimum(clipped_B * advantages).negated()
  }

  /// `½ (v − R)²`, or with a clip the larger of that and the same of `v_old + clip(v − v_old, ±c)`, (B).
  public static func valueLoss(
    values_B: Tensor, oldValues_B: Tensor, returns_B: Tensor, clip: Double? = nil
  ) -> Tensor {
    let returns = returns_B.detached()
    let plain_B = (values_B - returns).squared()
    guard let clip else { return plain_B * 0.5 }
    let old = oldValues_B.detached()
    let near_B = old + (values_B - old).clamped(from: .real(-clip), to: .real(clip))
    return plain_B.maximum((near_B - returns).squared()) * 0.5
  }

  /// `−Σ_a π log π`, (B).
  public static func entropy(logits_BA: Tensor) -> Tensor {
    let log_BA = logits_BA.logSoftmax(axis: 1)
    return (log_BA.exponential() * log_BA).sum(axes: [1]).negated()
  }

  /// The entropy of independent normal distributions in nats, (B, A) to (B): `Σ_a log σ + ½ log 2πe`.
  public static func entropy(logDeviations_BA: Tensor) -> Tensor {
    let each = 0.5 * (log(2 * Double.pi) + 1)
    return logDeviations_BA.sum(axes: [1]) + each * Double(logDeviations_BA.shape[1])
  }

  /// Generalized advantage estimates (Schulman et al. 2016, arXiv 1506.02438, equation 16), step by step from the last:
  ///
  ///     δ_t = r_t + γ_t V(s_{t+1}) − V(s_t)          Â_t = δ_t + γ λ c_t Â_{t+1}
  ///
  /// with γ_t = 0 where what follows is worth nothing and c_t = 0 at every end of an episode. V(s_{t+1}) is that of the
  /// episode's own next observation, also where it was cut short.
  ///
  /// - Parameters:
  ///   - rewards: r by step, then environment; all lists have this form.
  ///   - values: V(s_t).
  ///   - nextValues: V(s_{t+1}).
  ///   - isDiscountZero: where γ_t is 0.
  ///   - isEnd: where an episode ended.
  ///   - discount: γ.
  ///   - trace: λ.
  /// - Returns: Â by step, then environment; the targets of V are Â + V.
  public static func advantages(
    rewards: [[Double]], values: [[Double]], nextValues: [[Double]], isDiscountZero: [[Bool]],
    isEnd: [[Bool]], discount: Double, trace: Double
  ) -> [[Double]] {
    var advantages = rewards
    var later = [Double](repeating: 0, count: rewards.first?.count ?? 0)
    for step in rewards.indices.reversed() {
      for place in later.indices {
        let next = isDiscountZero[step][place] ? 0 : discount * nextValues[step][place]
        let error = rewards[step][place] + next - values[step][place]
        let carried = isEnd[step][place] ? 0 : discount * trace * later[place]
        later[place] = error + carried
      }
      advantages[step] = later
    }
    return advantages
  }
}
