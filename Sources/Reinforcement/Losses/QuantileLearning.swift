public import Torch

/// Learning the returns at quantile fractions, fixed (QR-DQN, Dabney et al. 2018, arXiv 1710.10044) or drawn (IQN,
/// arXiv 1806.06923).
public enum QuantileLearning {
  /// `R + γ Z_j(s_t, argmax_a selector(s_t, a))` for each j: (B, M).
  ///
  /// - Parameters:
  ///   - returns_B: R, of n steps.
  ///   - discounts_B: γ^n, 0 where nothing follows.
  ///   - selector_BA: what chooses the action.
  ///   - quantiles_BAM: the target network's.
  public static func target(
    returns_B: Tensor, discounts_B: Tensor, selector_BA: Tensor, quantiles_BAM: Tensor
  ) -> Tensor {
    withoutGradients {
      let best_B = selector_BA.detached().indexOfMaximum(axis: 1)
      let next_BM = QLearning.chosen(quantiles_BAM.detached(), actions_B: best_B)
      return returns_B.unsqueezed(axis: 1) + discounts_B.unsqueezed(axis: 1) * next_BM
    }
  }

  /// `Σ_i mean_j |τ_i − 1{u_ij < 0}| L_κ(u_ij) / κ`, `u_ij = target_j − prediction_i`, L_κ Huber's loss; for κ = 0 with
  /// |u| in its place. (B).
  ///
  /// - Parameters:
  ///   - predictions_BN: Z at the fractions.
  ///   - fractions: τ, (N) or (B, N).
  ///   - targets_BM: samples or quantiles of the target.
  ///   - threshold: κ.
  /// - Source: arXiv 1710.10044, equation 10; arXiv 1806.06923, equation 3.
  public static func huberLoss(
    predictions_BN: Tensor, fractions: Tensor, targets_BM: Tensor, threshold: Double = 1
  ) -> Tensor {
    let errors_BNM = targets_BM.detached().unsqueezed(axis: 1) - predictions_BN.unsqueezed(axis: 2)
    let weights_BNM = withoutGradients {
      (fractions.detached().unsqueezed(axis: -1)
        - errors_BNM.detached().less(than: 0).converted(to: predictions_BN.dtype)).absolute()
    }
    let size_BNM = errors_BNM.absolute()
    let losses_BNM: Tensor
    if threshold > 0 {
      let inner_BNM = size_BNM.clamped(to: .real(threshold))
      // ½ i² + κ (|u| − i) with i = min(|u|, κ).
      losses_BNM = (inner_BNM.squared() * 0.5 + (size_BNM - inner_BNM) * threshold) / threshold
    } else {
      losses_BNM = size_BNM
    }
    return (weights_BNM * losses_BNM).mean(axes: [2]).sum(axes: [1])
  }
}
