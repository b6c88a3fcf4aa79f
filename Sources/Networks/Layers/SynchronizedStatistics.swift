public import Torch

/// A scope in which batch normalizations in training take means and variances over the batches of all processes of a
/// group, with the gradients of that: a batch that is shared out is normalized as the whole of it.
///
///     SynchronizedStatistics.over(group) { learner.trainingOutputs(inputs) }
///
/// With counts N_r, over all processes r: `m = Σ_r Σ x / Σ_r N_r`, then `v = Σ_r Σ (x − m)² / Σ_r N_r`. PyTorch's
/// SyncBatchNorm joins the variances of the processes instead, which is the same but for rounding. Every process runs
/// the same network at the same time. Cost: two small all-reduces a layer, and two more in its backward pass.
public enum SynchronizedStatistics {
  @TaskLocal static var group: ProcessGroup?

  /// Runs `body` with statistics over a group; `nil` for each process's own.
  public static func over<Result>(
    _ group: ProcessGroup?, _ body: () throws -> Result
  ) rethrows -> Result {
    try $group.withValue(group, operation: body)
  }
}

extension BatchNorm2D {
  /// (B, C, H, W) to the same shape, by the statistics of all processes' batches.
  func synchronized(_ input: Tensor, isKeeping: Bool, over group: ProcessGroup) -> Tensor {
    let axes = [0, 2, 3]
    let channels = input.shape[1]
    let own = Double(input.elementCount / channels)
    // Running statistics and sums are of the parameters' type, as autocast leaves them.
    let x = input.converted(to: scale.value.dtype)
    let sums_S = group.summed(
      .concatenated([x.sum(axes: axes), Tensor([own], dtype: x.dtype, device: x.device)]))
    let count = sums_S[channels..<(channels + 1)].detached()
    let shape = [1, channels, 1, 1]
    let mean_C = sums_S[0..<channels] / count
    let centred = x - mean_C.reshaped(to: shape)
    let variance_C = group.summed(centred.squared().sum(axes: axes)) / count
    if isKeeping {
      withoutGradients {
        let unbiased_C = variance_C * (count / (count - 1))
        runningMean.assign(runningMean.value * (1 - momentum) + mean_C.detached() * momentum)
        runningVariance.assign(
          runningVariance.value * (1 - momentum) + unbiased_C.detached() * momentum)
      }
    }
    let factor_C =
      (variance_C + (NormalizationEpsilon.replacement ?? epsilon)).reciprocalSquareRoot()
      * scale.value
    return
      (centred * factor_C.reshaped(to: shape) + offset.value.reshaped(to: shape))
      .converted(to: input.dtype)
  }
}
