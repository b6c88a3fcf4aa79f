// Written by Tools/operators/generate.py from operators.txt. Do not edit.
// swift-format-ignore-file
internal import CTorch

extension Tensor {
  /// Each tensor times one tensor scalar.
  ///
  /// libtorch operator `_foreach_mul_.Tensor`.
  public static func multiplyAllInPlace(_ tensors: [Tensor], by other: Tensor) {
    withExtendedLifetime((tensors, other)) {
      Seam.none("multiplyAllInPlace", [other] + tensors) { nap_op__foreach_mul__Tensor(tensors.map(\.pointer), tensors.count, other.pointer) }
    }
  }

  /// Each tensor times its counterpart.
  ///
  /// libtorch operator `_foreach_mul_.List`.
  public static func multiplyEachInPlace(_ tensors: [Tensor], by other: [Tensor]) {
    withExtendedLifetime((tensors, other)) {
      Seam.none("multiplyEachInPlace", tensors + other) { nap_op__foreach_mul__List(tensors.map(\.pointer), tensors.count, other.map(\.pointer), other.count) }
    }
  }

  /// Each tensor times one number.
  ///
  /// libtorch operator `_foreach_mul_.Scalar`.
  public static func multiplyAllInPlace(_ tensors: [Tensor], by scalar: Scalar) {
    withExtendedLifetime((tensors)) {
      Seam.none("multiplyAllInPlace", tensors) { nap_op__foreach_mul__Scalar(tensors.map(\.pointer), tensors.count, scalar.c) }
    }
  }

  /// Each tensor plus its counterpart.
  ///
  /// libtorch operator `_foreach_add_.List`.
  public static func addEachInPlace(_ tensors: [Tensor], _ other: [Tensor], scaledBy alpha: Scalar = 1) {
    withExtendedLifetime((tensors, other)) {
      Seam.none("addEachInPlace", tensors + other) { nap_op__foreach_add__List(tensors.map(\.pointer), tensors.count, other.map(\.pointer), other.count, alpha.c) }
    }
  }

  /// The p-norm of each tensor.
  ///
  /// libtorch operator `_foreach_norm.Scalar`.
  public static func norms(_ tensors: [Tensor], order ord: Scalar = 2, dtype: DType? = nil) -> [Tensor] {
    withExtendedLifetime((tensors)) {
      Seam.many("norms", tensors) { nap_op__foreach_norm_Scalar(tensors.map(\.pointer), tensors.count, ord.c, dtype?.code ?? -1, $0, $1) }
    }
  }

  /// One Adam step over all tensors in one pass.
  ///
  /// libtorch operator `_fused_adam_`.
  public static func fusedAdamInPlace(_ tensors: [Tensor], gradients grads: [Tensor], firstMoments expAvgs: [Tensor], secondMoments expAvgSqs: [Tensor], maximumSecondMoments maxExpAvgSqs: [Tensor], steps stateSteps: [Tensor], learningRate lr: Double, beta1: Double, beta2: Double, weightDecay: Double, epsilon eps: Double, amsgrad: Bool, maximize: Bool, gradientScale gradScale: Tensor? = nil, foundInfinite foundInf: Tensor? = nil) {
    withExtendedLifetime((tensors, grads, expAvgs, expAvgSqs, maxExpAvgSqs, stateSteps, gradScale, foundInf)) {
      Seam.none("fusedAdamInPlace", Seam.list(gradScale) + Seam.list(foundInf) + tensors + grads + expAvgs + expAvgSqs + maxExpAvgSqs + stateSteps) { nap_op__fused_adam_(tensors.map(\.pointer), tensors.count, grads.map(\.pointer), grads.count, expAvgs.map(\.pointer), expAvgs.count, expAvgSqs.map(\.pointer), expAvgSqs.count, maxExpAvgSqs.map(\.pointer), maxExpAvgSqs.count, stateSteps.map(\.pointer), stateSteps.count, lr, beta1, beta2, weightDecay, eps, amsgrad, maximize, gradScale?.pointer, foundInf?.pointer) }
    }
  }

  /// One AdamW step over all tensors in one pass.
  ///
  /// libtorch operator `_fused_adamw_`.
  public static func fusedAdamWInPlace(_ tensors: [Tensor], gradients grads: [Tensor], firstMoments expAvgs: [Tensor], secondMoments expAvgSqs: [Tensor], maximumSecondMoments maxExpAvgSqs: [Tensor], steps stateSteps: [Tensor], learningRate lr: Double, beta1: Double, beta2: Double, weightDecay: Double, epsilon eps: Double, amsgrad: Bool, maximize: Bool, gradientScale gradScale: Tensor? = nil, foundInfinite foundInf: Tensor? = nil) {
    withExtendedLifetime((tensors, grads, expAvgs, expAvgSqs, maxExpAvgSqs, stateSteps, gradScale, foundInf)) {
      Seam.none("fusedAdamWInPlace", Seam.list(gradScale) + Seam.list(foundInf) + tensors + grads + expAvgs + expAvgSqs + maxExpAvgSqs + stateSteps) { nap_op__fused_adamw_(tensors.map(\.pointer), tensors.count, grads.map(\.pointer), grads.count, expAvgs.map(\.pointer), expAvgs.count, expAvgSqs.map(\.pointer), expAvgSqs.count, maxExpAvgSqs.map(\.pointer), maxExpAvgSqs.count, stateSteps.map(\.pointer), stateSteps.count, lr, beta1, beta2, weightDecay, eps, amsgrad, maximize, gradScale?.pointer, foundInf?.pointer) }
    }
  }

  /// One SGD step over all tensors in one pass.
  ///
  /// libtorch operator `_fused_sgd_`.
  public static func fusedSGDInPlace(_ tensors: [Tensor], gradients grads: [Tensor], momentumBuffers momentumBufferList: [Tensor], weightDecay: Double, momentum: Double, learningRate lr: Double, dampening: Double, nesterov: Bool, maximize: Bool, isFirstStep: Bool, gradientScale gradScale: Tensor? = nil, foundInfinite foundInf: Tensor? = nil) {
    withExtendedLifetime((tensors, grads, momentumBufferList, gradScale, foundInf)) {
      Seam.none("fusedSGDInPlace", Seam.list(gradScale) + Seam.list(foundInf) + tensors + grads + momentumBufferList) { nap_op__fused_sgd_(tensors.map(\.pointer), tensors.count, grads.map(\.pointer), grads.count, momentumBufferList.map(\.pointer), momentumBufferList.count, weightDecay, momentum, lr, dampening, nesterov, maximize, isFirstStep, gradScale?.pointer, foundInf?.pointer) }
    }
  }
}
