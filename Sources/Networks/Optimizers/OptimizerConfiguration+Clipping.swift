public import Torch

extension OptimizerConfiguration {
  /// What ``UpdateRequest/gradientScale`` is to be for these gradients: 1 without a clip.
  ///
  /// Cost: one read of all gradients when there is a clip, nothing otherwise.
  public func gradientScale(for gradients: [Tensor]) -> Double {
    gradientClip.map { GlobalNorm(of: gradients).scale(limit: $0) } ?? 1
  }
}
