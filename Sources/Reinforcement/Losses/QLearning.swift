public import Torch

/// Learning an action's mean return.
///
/// Shapes here and in the other losses: B batch, A actions, N what is predicted of one action, M what its target has.
/// The values at the earlier state end in `_tm1`, those after the transition in `_t`. Losses are one number per
/// example, so that the caller weighs them and makes priorities of them. No gradient goes through a target.
public enum QLearning {
  /// What was predicted of the action taken: (B, A, N) and (B) to (B, N).
  public static func chosen(_ outputs_BAN: Tensor, actions_B: Tensor) -> Tensor {
    let shape = outputs_BAN.shape
    let index = actions_B.reshaped(to: [shape[0], 1, 1]).expanded(to: [shape[0], 1, shape[2]])
    return outputs_BAN.gathered(axis: 1, at: index).squeezed(axis: 1)
  }

  /// `R + γ q(s_t, argmax_a selector(s_t, a))` (B).
  ///
  /// With the target network's values in both places, Q-learning (Mnih et al. 2015, algorithm 1); with the online
  /// network's as selector, double Q-learning (van Hasselt et al. 2016, equation 4).
  ///
  /// - Parameters:
  ///   - returns_B: R, of n steps.
  ///   - discounts_B: γ^n, 0 where nothing follows.
  ///   - selector_BA: what chooses the action.
  ///   - values_BA: what judges it.
  public static func target(
    returns_B: Tensor, discounts_B: Tensor, selector_BA: Tensor, values_BA: Tensor
  ) -> Tensor {
    withoutGradients {
      let best_B1 = selector_BA.detached().indexOfMaximum(axis: 1, keepAxes: true)
      let next_B = values_BA.detached().gathered(axis: 1, at: best_B1).squeezed(axis: 1)
      return returns_B + discounts_B * next_B
    }
  }

  /// `½ δ²` within ±κ and `κ (|δ| − ½ κ)` beyond, δ = prediction − target (Huber 1964), (B).
  ///
  /// Its gradient is δ clipped at ±κ, as DQN clips it with κ = 1.
  public static func huberLoss(
    predictions_B: Tensor, targets_B: Tensor, threshold: Double = 1
  ) -> Tensor {
    predictions_B.huber(targets_B.detached(), reduction: .none, delta: threshold)
  }
}
