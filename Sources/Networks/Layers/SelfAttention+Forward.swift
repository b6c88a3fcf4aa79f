public import Torch

extension SelfAttention {
  /// (B, T, F) to (B, T, F), by libtorch's fused attention where ``FusedKernels`` allow it.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    attended(
      queries: queries(input, from: 0), keys: keys(input, from: 0), values: values(input),
      isCausal: isCausal)
  }

  /// P (B, H, T, T): how much each position, the last axis but one, takes from each other one.
  public func weights(_ input: Tensor) -> Tensor {
    weights(queries: queries(input, from: 0), keys: keys(input, from: 0), isCausal: isCausal)
  }

  /// What queries (B, H, T, D) read of keys and values (B, G, S, D), through W_O: (B, T, F).
  func attended(queries: Tensor, keys: Tensor, values: Tensor, isCausal: Bool) -> Tensor {
    let isGrouped = form.keyHeads != form.heads
    let mixed_BHTD =
      if FusedKernels.areEnabled {
        queries.attention(
          keys: keys, values: values, causal: isCausal, groupedQueries: isGrouped)
      } else {
        weights(queries: queries, keys: keys, isCausal: isCausal)
          .matrixProduct(isGrouped ? spread(values) : values)
      }
    let (batch, length) = (queries.shape[0], queries.shape[2])
    return mixed_BHTD.permuted(to: [0, 2, 1, 3]).reshaped(to: [batch, length, -1])
      .linear(weight: output.value, bias: outputBias?.value)
  }

  private func weights(queries: Tensor, keys: Tensor, isCausal: Bool) -> Tensor {
    let scale = 1 / Double(headDimension).squareRoot()
    let keys_BHTD = form.keyHeads == form.heads ? keys : spread(keys)
    var logits_BHTT = queries.matrixProduct(keys_BHTD.transposed(-2, -1)) * scale
    if isCausal {
      let length = queries.shape[2]
      let later_TT = Tensor.ones([length, length], dtype: .bool, device: queries.device)
        .upperTriangle(diagonal: 1)
      logits_BHTT = logits_BHTT.filled(where: later_TT, with: .real(-.infinity))
    }
    return logits_BHTT.softmax(axis: -1)
  }

  /// Q (B, H, T, D) as attention reads it, the first position being `start`.
  func queries(_ input: Tensor, from start: Int) -> Tensor {
    let split_BHTD = split(
      input.linear(weight: query.value, bias: queryBias?.value), into: form.heads)
    let normal_BHTD = queryNormalization.map { $0(split_BHTD) } ?? split_BHTD
    return rotaryTable?.turned(normal_BHTD, from: start) ?? normal_BHTD
  }

  /// K (B, G, T, D) as attention reads it, the first position being `start`.
  func keys(_ input: Tensor, from start: Int) -> Tensor {
    let split_BGTD = split(
      input.linear(weight: key.value, bias: keyBias?.value), into: form.keyHeads)
    let normal_BGTD = keyNormalization.map { $0(split_BGTD) } ?? split_BGTD
    return rotaryTable?.turned(normal_BGTD, from: start) ?? normal_BGTD
  }

  /// V (B, G, T, D).
  func values(_ input: Tensor) -> Tensor {
    split(input.linear(weight: value.value, bias: valueBias?.value), into: form.keyHeads)
  }

  /// (B, T, heads·D) to (B, heads, T, D).
  private func split(_ joined_BTE: Tensor, into heads: Int) -> Tensor {
    let shape = joined_BTE.shape
    return joined_BTE.reshaped(to: [shape[0], shape[1], heads, -1]).permuted(to: [0, 2, 1, 3])
  }

  /// (B, G, T, D) to (B, H, T, D), each repeated for the heads that it serves.
  private func spread(_ grouped_BGTD: Tensor) -> Tensor {
    let shape = grouped_BGTD.shape
    let repeats = form.heads / form.keyHeads
    return grouped_BGTD.unsqueezed(axis: 2)
      .expanded(to: [shape[0], shape[1], repeats, shape[2], shape[3]])
      .reshaped(to: [shape[0], form.heads, shape[2], shape[3]])
  }
}
