// Written by Tools/operators/generate.py from operators.txt. Do not edit.
// swift-format-ignore-file
internal import CTorch

extension Tensor {
  /// `−log softmax(self)[target]`; reduction 0 none, 1 mean, 2 sum.
  ///
  /// libtorch operator `cross_entropy_loss`.
  public func crossEntropy(_ target: Tensor, classWeights weight: Tensor? = nil, reduction: Reduction = .mean, ignoring ignoreIndex: Int = -100, labelSmoothing: Double = 0.0) -> Tensor {
    withExtendedLifetime((self, target, weight)) {
      Seam.one("crossEntropy", [self, target] + Seam.list(weight)) { nap_op_cross_entropy_loss(self.pointer, target.pointer, weight?.pointer, reduction.rawValue, ignoreIndex, labelSmoothing, $0) }
    }
  }

  /// `−self[target]`; reduction 0 none, 1 mean, 2 sum.
  ///
  /// libtorch operator `nll_loss`.
  public func negativeLogLikelihood(_ target: Tensor, classWeights weight: Tensor? = nil, reduction: Reduction = .mean, ignoring ignoreIndex: Int = -100) -> Tensor {
    withExtendedLifetime((self, target, weight)) {
      Seam.one("negativeLogLikelihood", [self, target] + Seam.list(weight)) { nap_op_nll_loss(self.pointer, target.pointer, weight?.pointer, reduction.rawValue, ignoreIndex, $0) }
    }
  }

  /// `(self − target)²`; reduction 0 none, 1 mean, 2 sum.
  ///
  /// libtorch operator `mse_loss`.
  public func squaredError(_ target: Tensor, reduction: Reduction = .mean) -> Tensor {
    Seam.one("squaredError", self, target) { nap_op_mse_loss($0, $1, reduction.rawValue, $2) }
  }

  /// Quadratic below `delta`, linear above; reduction 0 none, 1 mean, 2 sum.
  ///
  /// libtorch operator `huber_loss`.
  public func huber(_ target: Tensor, reduction: Reduction = .mean, delta: Double = 1.0) -> Tensor {
    Seam.one("huber", self, target) { nap_op_huber_loss($0, $1, reduction.rawValue, delta, $2) }
  }

  /// Cross-entropy of logits with targets in [0, 1].
  ///
  /// libtorch operator `binary_cross_entropy_with_logits`.
  public func binaryCrossEntropy(_ target: Tensor, weights weight: Tensor? = nil, positiveWeights posWeight: Tensor? = nil, reduction: Reduction = .mean) -> Tensor {
    withExtendedLifetime((self, target, weight, posWeight)) {
      Seam.one("binaryCrossEntropy", [self, target] + Seam.list(weight) + Seam.list(posWeight)) { nap_op_binary_cross_entropy_with_logits(self.pointer, target.pointer, weight?.pointer, posWeight?.pointer, reduction.rawValue, $0) }
    }
  }
}
