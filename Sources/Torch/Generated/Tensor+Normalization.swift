// Written by Tools/operators/generate.py from operators.txt. Do not edit.
// swift-format-ignore-file
internal import CTorch

extension Tensor {
  /// `(x − mean)/√(var + ε)·scale + offset` over the last axes.
  public func layerNorm(shape normalizedShape: [Int], scale weight: Tensor? = nil, offset bias: Tensor? = nil, epsilon eps: Double = 1e-05) -> Tensor {
    withExtendedLifetime((self, weight, bias)) {
      Seam.one("layerNorm", [self] + Seam.list(weight) + Seam.list(bias)) { nap_op_layer_norm(self.pointer, normalizedShape, normalizedShape.count, weight?.pointer, bias?.pointer, eps, $0) }
    }
  }

  /// `x/√(mean x² + ε)·scale` over the last axes.
  public func rmsNorm(shape normalizedShape: [Int], scale weight: Tensor? = nil, epsilon eps: Double? = nil) -> Tensor {
    withExtendedLifetime((self, weight)) {
      Seam.one("rmsNorm", [self] + Seam.list(weight)) { nap_op_rms_norm(self.pointer, normalizedShape, normalizedShape.count, weight?.pointer, Seam.optional(eps), $0) }
    }
  }

  /// Normalization over groups of channels.
  public func groupNorm(groups numGroups: Int, scale weight: Tensor? = nil, offset bias: Tensor? = nil, epsilon eps: Double = 1e-05) -> Tensor {
    withExtendedLifetime((self, weight, bias)) {
      Seam.one("groupNorm", [self] + Seam.list(weight) + Seam.list(bias)) { nap_op_group_norm(self.pointer, numGroups, weight?.pointer, bias?.pointer, eps, $0) }
    }
  }

  /// Normalization over the batch; running statistics are updated in place when training.
  public func batchNorm(scale weight: Tensor?, offset bias: Tensor?, runningMean: Tensor?, runningVariance runningVar: Tensor?, training: Bool, momentum: Double, epsilon eps: Double) -> Tensor {
    withExtendedLifetime((self, weight, bias, runningMean, runningVar)) {
      Seam.one("batchNorm", [self] + Seam.list(weight) + Seam.list(bias) + Seam.list(runningMean) + Seam.list(runningVar)) { nap_op_batch_norm(self.pointer, weight?.pointer, bias?.pointer, runningMean?.pointer, runningVar?.pointer, training, momentum, eps, $0) }
    }
  }
}
