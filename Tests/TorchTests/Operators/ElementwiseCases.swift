import Torch

extension OperatorCases {
  mutating func addArithmetic() {
    add("add.Tensor") { i in [i.x.adding(i.y, scaledBy: 2)] }
    add("add.Scalar") { i in [i.x.adding(1.5, scaledBy: 2)] }
    add("sub.Tensor") { i in [i.x.subtracting(i.y, scaledBy: 2)] }
    add("sub.Scalar") { i in [i.x.subtracting(1.5, scaledBy: 2)] }
    add("mul.Tensor") { i in [i.x.multiplied(by: i.y)] }
    add("mul.Scalar") { i in [i.x.multiplied(by: 1.5)] }
    add("div.Tensor") { i in [i.x.divided(by: i.y)] }
    add("div.Scalar") { i in [i.x.divided(by: 1.5)] }
    add("remainder.Scalar") { i in
      [i.x.remainder(dividingBy: 0.7), i.i.remainder(dividingBy: -3)]
    }
    add("remainder.Tensor") { i in [i.x.remainder(dividingBy: i.y)] }
    add("neg") { i in [i.x.negated()] }
    add("reciprocal") { i in [i.x.reciprocal()] }
    add("square") { i in [i.x.squared()] }
    add("sqrt") { i in [i.positive.squareRoot()] }
    add("rsqrt") { i in [i.positive.reciprocalSquareRoot()] }
    add("abs") { i in [i.x.absolute()] }
    add("sign") { i in [i.halves.sign()] }
    add("exp") { i in [i.x.exponential()] }
    add("expm1") { i in [i.x.exponentialMinusOne()] }
    add("log") { i in [i.positive.logarithm()] }
    add("log1p") { i in [i.positive.logarithmOfOnePlus()] }
    add("sin") { i in [i.x.sine()] }
    add("cos") { i in [i.x.cosine()] }
    add("tan") { i in [i.x.tangent()] }
    add("atan") { i in [i.x.arctangent()] }
    add("floor") { i in [i.halves.floor()] }
    add("ceil") { i in [i.halves.ceiling()] }
    add("round") { i in [i.halves.rounded()] }
    add("trunc") { i in [i.halves.truncated()] }
    add("erf") { i in [i.x.errorFunction()] }
    add("erfinv") { i in [i.x.errorFunction().inverseErrorFunction()] }
    add("pow.Tensor_Scalar") { i in [i.positive.power(2.5), i.i.power(3)] }
    add("pow.Tensor_Tensor") { i in [i.positive.power(i.y)] }
    add("clamp") { i in
      [i.x.clamped(from: -0.5, to: 0.8), i.x.clamped(from: 0.1), i.x.clamped(to: 0.1)]
    }
    add("maximum") { i in [i.x.maximum(i.y)] }
    add("minimum") { i in [i.x.minimum(i.y)] }
    add("lerp.Scalar") { i in [i.x.interpolated(towards: i.y, by: 0.3)] }
    add("addcmul") { i in [i.x.addingProduct(i.y, i.positive, scaledBy: 0.5)] }
    add("addcdiv") { i in [i.x.addingQuotient(i.y, i.positive, scaledBy: 0.5)] }
    add("bitwise_not") { i in [i.i.bitwiseNot(), i.b.bitwiseNot()] }
  }

  mutating func addComparison() {
    add("eq.Tensor") { i in [i.i.equal(to: i.j)] }
    add("eq.Scalar") { i in [i.i.equal(to: 1)] }
    add("ne.Tensor") { i in [i.i.notEqual(to: i.j)] }
    add("ne.Scalar") { i in [i.i.notEqual(to: 1)] }
    add("lt.Tensor") { i in [i.i.less(than: i.j)] }
    add("lt.Scalar") { i in [i.i.less(than: 1)] }
    add("le.Tensor") { i in [i.i.lessOrEqual(to: i.j)] }
    add("le.Scalar") { i in [i.i.lessOrEqual(to: 1)] }
    add("gt.Tensor") { i in [i.i.greater(than: i.j)] }
    add("gt.Scalar") { i in [i.i.greater(than: 1)] }
    add("ge.Tensor") { i in [i.i.greaterOrEqual(to: i.j)] }
    add("ge.Scalar") { i in [i.i.greaterOrEqual(to: 1)] }
    add("logical_and") { i in [i.b.logicalAnd(i.c)] }
    add("logical_or") { i in [i.b.logicalOr(i.c)] }
    add("logical_not") { i in [i.b.logicalNot()] }
    add("isnan") { i in [i.special.isNaN()] }
    add("isfinite") { i in [i.special.isFinite()] }
    add("where.self") { i in [i.x.choosing(where: i.b, otherwise: i.y)] }
    add("where.ScalarOther") { i in [i.x.choosing(where: i.b, otherwise: 7.5)] }
  }

  mutating func addInPlace() {
    add("add_.Tensor") { i in [i.x.addInPlace(i.y, scaledBy: 2)] }
    add("add_.Scalar") { i in [i.x.addInPlace(1.5, scaledBy: 2)] }
    add("sub_.Tensor") { i in [i.x.subtractInPlace(i.y, scaledBy: 2)] }
    add("mul_.Tensor") { i in [i.x.multiplyInPlace(by: i.y)] }
    add("mul_.Scalar") { i in [i.x.multiplyInPlace(by: 1.5)] }
    add("div_.Tensor") { i in [i.x.divideInPlace(by: i.y)] }
    add("div_.Scalar") { i in [i.x.divideInPlace(by: 1.5)] }
    add("addcmul_") { i in [i.x.addProductInPlace(i.y, i.positive, scaledBy: 0.5)] }
    add("addcdiv_") { i in [i.x.addQuotientInPlace(i.y, i.positive, scaledBy: 0.5)] }
    add("lerp_.Scalar") { i in [i.x.interpolateInPlace(towards: i.y, by: 0.3)] }
    add("copy_") { i in [i.x.copyInPlace(from: i.single)] }
    add("fill_.Scalar") { i in [i.x.fillInPlace(with: 2.5)] }
    add("zero_") { i in [i.x.zeroInPlace()] }
    add("clamp_") { i in [i.x.clampInPlace(from: -0.5, to: 0.8)] }
  }

  mutating func addActivation() {
    add("relu") { i in [i.x.relu()] }
    add("leaky_relu") { i in [i.x.leakyRelu(slope: 0.2), i.x.leakyRelu()] }
    add("gelu") { i in [i.x.gelu(), i.x.gelu(approximate: "tanh")] }
    add("silu") { i in [i.x.silu()] }
    add("sigmoid") { i in [i.x.sigmoid()] }
    add("tanh") { i in [i.x.tanh()] }
    add("elu") { i in [i.x.elu(alpha: 0.7)] }
    add("softplus") { i in [i.x.softplus(), (i.x * 5).softplus(beta: 2, threshold: 6)] }
    add("softmax.int") { i in [i.x.softmax(axis: 0)] }
    add("log_softmax.int") { i in
      [i.x.logSoftmax(axis: 1), i.single.logSoftmax(axis: 1, dtype: .float64)]
    }
    add("scaled_dot_product_attention") { i in
      [
        i.q.attention(keys: i.k, values: i.value, causal: true, scale: 0.3, groupedQueries: true),
        i.q.sliced(axis: 1, to: 2).attention(keys: i.k, values: i.value, mask: i.mask),
      ]
    }
  }

  mutating func addLosses() {
    add("cross_entropy_loss") { i in
      [
        i.logits.crossEntropy(i.targets),
        i.logits.crossEntropy(
          i.targets, classWeights: i.classWeights, reduction: .sum, ignoring: 3,
          labelSmoothing: 0.1),
      ]
    }
    add("nll_loss") { i in
      [
        i.logits.logSoftmax(axis: 1).negativeLogLikelihood(
          i.targets, classWeights: i.classWeights, reduction: .none, ignoring: 3)
      ]
    }
    add("mse_loss") { i in [i.x.squaredError(i.y), i.x.squaredError(i.y, reduction: .sum)] }
    add("huber_loss") { i in [i.x.huber(i.y, reduction: .none, delta: 0.5)] }
    add("binary_cross_entropy_with_logits") { i in
      [
        i.logits.binaryCrossEntropy(
          i.chances, weights: i.logits.absolute(), positiveWeights: i.classWeights,
          reduction: .none)
      ]
    }
  }
}
