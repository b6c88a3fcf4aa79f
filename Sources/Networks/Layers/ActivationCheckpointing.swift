import Torch

/// Activation checkpointing: the body of every ``Residual`` keeps its input alone for the backward pass, which computes
/// the body once more (Chen et al. 2016).
///
///     let logits = ActivationCheckpointing.during { network(tokens) }
///
/// Outputs and running statistics are those without it, to the bit, and first gradients but for the order of their
/// sums, which is the same at every run. A second derivative is an error.
/// Cost: up to one more forward pass an update; activations of one body at a time instead of all.
public enum ActivationCheckpointing {
  @TaskLocal static var isOn = false

  /// Runs `body` with bodies of residual blocks recomputed in backward passes, whenever those come.
  public static func during<Result>(_ body: () throws -> Result) rethrows -> Result {
    try $isOn.withValue(true, operation: body)
  }
}

extension Sequential {
  /// The sequence's output, computed once more in the backward pass with what holds now: normalizations' statistics and
  /// ε, and whether kernels are fused.
  func recomputed(_ input: Tensor) -> Tensor {
    let areFused = FusedKernels.areEnabled
    let epsilon = NormalizationEpsilon.replacement
    let statistics = NormalizationStatistics.current
    let group = SynchronizedStatistics.group
    // Running statistics move in the first pass alone.
    let again: NormalizationStatistics = statistics == .training ? .batch : statistics
    var isFirst = true
    return Torch.recomputed(input, parameters: parameters.map(\.value)) { input in
      let source = isFirst ? statistics : again
      isFirst = false
      return FusedKernels.$areEnabled.withValue(areFused) {
        NormalizationEpsilon.$replacement.withValue(epsilon) {
          SynchronizedStatistics.over(group) { source.during { self(input) } }
        }
      }
    }
  }
}
