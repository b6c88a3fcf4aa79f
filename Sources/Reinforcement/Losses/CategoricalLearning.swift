public import Torch

/// Learning the probabilities of fixed returns (Bellemare et al. 2017, arXiv 1707.06887).
public enum CategoricalLearning {
  /// The values z_1 … z_N at equal distances, (N).
  public static func support(
    from minimum: Double, through maximum: Double, count: Int, dtype: DType = .float32,
    device: Device = .cpu
  ) -> Tensor {
    let step = (maximum - minimum) / Double(count - 1)
    let values = (0..<count).map {
      $0 == count - 1 ? maximum : minimum + Double($0) * step
    }
    return Tensor(values, dtype: dtype, device: device)
  }

  /// `Σ_i z_i softmax(logits)_i`: (B, A, N) to (B, A).
  public static func means(logits_BAN: Tensor, support_N: Tensor) -> Tensor {
    (logits_BAN.softmax(axis: -1) * support_N).sum(axes: [-1])
  }

  /// The distribution of p over the values v brought onto the support: each value, clipped to the support's range,
  /// gives its probability to its two neighbours in inverse proportion to their distance (equation 7).
  ///
  /// - Parameters:
  ///   - probabilities_BM: p, rows that sum to 1.
  ///   - values_BM: v.
  ///   - support_N: at equal distances, rising.
  /// - Returns: (B, N), rows that sum to 1.
  /// - Cost: B·M·N numbers of memory.
  public static func projected(
    probabilities_BM: Tensor, values_BM: Tensor, support_N: Tensor
  ) -> Tensor {
    withoutGradients {
      let ends = support_N.detached()
      let count = ends.shape[0]
      let (lowest, highest) = (ends[0], ends[count - 1])
      let spacing = (highest - lowest) / Double(count - 1)
      let clipped_BM1 = values_BM.detached().maximum(lowest).minimum(highest).unsqueezed(axis: -1)
      let shares_BMN =
        (1 - (clipped_BM1 - ends).absolute() / spacing).clamped(from: 0, to: 1)
      return probabilities_BM.detached().unsqueezed(axis: 1).matrixProduct(shares_BMN)
        .squeezed(axis: 1)
    }
  }

  /// The distribution of `R + γ Z(s_t, argmax_a selector(s_t, a))` on the support: (B, N).
  ///
  /// - Parameters:
  ///   - returns_B: R, of n steps.
  ///   - discounts_B: γ^n, 0 where nothing follows.
  ///   - selector_BA: what chooses the action; the online network's means make it double.
  ///   - logits_BAN: the target network's.
  ///   - support_N: the values.
  public static func target(
    returns_B: Tensor, discounts_B: Tensor, selector_BA: Tensor, logits_BAN: Tensor,
    support_N: Tensor
  ) -> Tensor {
    withoutGradients {
      let best_B = selector_BA.detached().indexOfMaximum(axis: 1)
      let next_BN = QLearning.chosen(logits_BAN.detached(), actions_B: best_B).softmax(axis: -1)
      let values_BN =
        returns_B.unsqueezed(axis: 1) + discounts_B.unsqueezed(axis: 1) * support_N
      return projected(probabilities_BM: next_BN, values_BM: values_BN, support_N: support_N)
    }
  }

  /// `−Σ_i m_i log softmax(logits)_i`, (B).
  public static func crossEntropy(logits_BN: Tensor, target_BN: Tensor) -> Tensor {
    (logits_BN.logSoftmax(axis: -1) * target_BN.detached()).sum(axes: [-1]).negated()
  }
}
