// Written by Tools/operators/generate.py from operators.txt. Do not edit.
// swift-format-ignore-file
internal import CTorch

extension Tensor {
  /// `self ← self + α·other`.
  ///
  /// libtorch operator `add_.Tensor`.
  @discardableResult
  public func addInPlace(_ other: Tensor, scaledBy alpha: Scalar = 1) -> Tensor {
    Seam.one("addInPlace", self, other) { nap_op_add__Tensor($0, $1, alpha.c, $2) }
  }

  /// `self ← self + α·other`.
  ///
  /// libtorch operator `add_.Scalar`.
  @discardableResult
  public func addInPlace(_ other: Scalar, scaledBy alpha: Scalar = 1) -> Tensor {
    Seam.one("addInPlace", self) { nap_op_add__Scalar($0, other.c, alpha.c, $1) }
  }

  /// `self ← self − α·other`.
  ///
  /// libtorch operator `sub_.Tensor`.
  @discardableResult
  public func subtractInPlace(_ other: Tensor, scaledBy alpha: Scalar = 1) -> Tensor {
    Seam.one("subtractInPlace", self, other) { nap_op_sub__Tensor($0, $1, alpha.c, $2) }
  }

  /// `self ← self·other`.
  ///
  /// libtorch operator `mul_.Tensor`.
  @discardableResult
  public func multiplyInPlace(by other: Tensor) -> Tensor {
    Seam.one("multiplyInPlace", self, other) { nap_op_mul__Tensor($0, $1, $2) }
  }

  /// `self ← self·other`.
  ///
  /// libtorch operator `mul_.Scalar`.
  @discardableResult
  public func multiplyInPlace(by other: Scalar) -> Tensor {
    Seam.one("multiplyInPlace", self) { nap_op_mul__Scalar($0, other.c, $1) }
  }

  /// `self ← self/other`.
  ///
  /// libtorch operator `div_.Tensor`.
  @discardableResult
  public func divideInPlace(by other: Tensor) -> Tensor {
    Seam.one("divideInPlace", self, other) { nap_op_div__Tensor($0, $1, $2) }
  }

  /// `self ← self/other`.
  ///
  /// libtorch operator `div_.Scalar`.
  @discardableResult
  public func divideInPlace(by other: Scalar) -> Tensor {
    Seam.one("divideInPlace", self) { nap_op_div__Scalar($0, other.c, $1) }
  }

  /// `self ← self + value·a·b`.
  ///
  /// libtorch operator `addcmul_`.
  @discardableResult
  public func addProductInPlace(_ tensor1: Tensor, _ tensor2: Tensor, scaledBy value: Scalar = 1) -> Tensor {
    Seam.one("addProductInPlace", self, tensor1, tensor2) { nap_op_addcmul_($0, $1, $2, value.c, $3) }
  }

  /// `self ← self + value·a/b`.
  ///
  /// libtorch operator `addcdiv_`.
  @discardableResult
  public func addQuotientInPlace(_ tensor1: Tensor, _ tensor2: Tensor, scaledBy value: Scalar = 1) -> Tensor {
    Seam.one("addQuotientInPlace", self, tensor1, tensor2) { nap_op_addcdiv_($0, $1, $2, value.c, $3) }
  }

  /// `self ← self + weight·(end − self)`.
  ///
  /// libtorch operator `lerp_.Scalar`.
  @discardableResult
  public func interpolateInPlace(towards end: Tensor, by weight: Scalar) -> Tensor {
    Seam.one("interpolateInPlace", self, end) { nap_op_lerp__Scalar($0, $1, weight.c, $2) }
  }

  /// Copies values from another tensor, converting dtype and device.
  ///
  /// libtorch operator `copy_`.
  @discardableResult
  public func copyInPlace(from src: Tensor, asynchronously nonBlocking: Bool = false) -> Tensor {
    Seam.one("copyInPlace", self, src) { nap_op_copy_($0, $1, nonBlocking, $2) }
  }

  /// Sets every element.
  ///
  /// libtorch operator `fill_.Scalar`.
  @discardableResult
  public func fillInPlace(with value: Scalar) -> Tensor {
    Seam.one("fillInPlace", self) { nap_op_fill__Scalar($0, value.c, $1) }
  }

  /// Sets every element to zero.
  ///
  /// libtorch operator `zero_`.
  @discardableResult
  public func zeroInPlace() -> Tensor {
    Seam.one("zeroInPlace", self) { nap_op_zero_($0, $1) }
  }

  /// Draws from a normal distribution.
  ///
  /// libtorch operator `normal_`.
  @discardableResult
  public func fillNormalInPlace(mean: Double = 0, standardDeviation std: Double = 1, generator: Generator) -> Tensor {
    withExtendedLifetime((self, generator)) {
      Seam.one("fillNormalInPlace", [self]) { nap_op_normal_(self.pointer, mean, std, generator.pointer, $0) }
    }
  }

  /// Draws from the uniform distribution on [from, to).
  ///
  /// libtorch operator `uniform_`.
  @discardableResult
  public func fillUniformInPlace(from: Double = 0, to: Double = 1, generator: Generator) -> Tensor {
    withExtendedLifetime((self, generator)) {
      Seam.one("fillUniformInPlace", [self]) { nap_op_uniform_(self.pointer, from, to, generator.pointer, $0) }
    }
  }

  /// Draws integers from [from, to).
  ///
  /// libtorch operator `random_.from`.
  @discardableResult
  public func fillIntegersInPlace(from: Int, to: Int?, generator: Generator) -> Tensor {
    withExtendedLifetime((self, generator)) {
      Seam.one("fillIntegersInPlace", [self]) { nap_op_random__from(self.pointer, from, Seam.optional(to), generator.pointer, $0) }
    }
  }

  /// Draws ones with a probability.
  ///
  /// libtorch operator `bernoulli_.float`.
  @discardableResult
  public func fillBernoulliInPlace(probability p: Double = 0.5, generator: Generator) -> Tensor {
    withExtendedLifetime((self, generator)) {
      Seam.one("fillBernoulliInPlace", [self]) { nap_op_bernoulli__float(self.pointer, p, generator.pointer, $0) }
    }
  }

  /// Limits values to a range.
  ///
  /// libtorch operator `clamp_`.
  @discardableResult
  public func clampInPlace(from min: Scalar? = nil, to max: Scalar? = nil) -> Tensor {
    Seam.one("clampInPlace", self) { nap_op_clamp_($0, Scalar.c(min), Scalar.c(max), $1) }
  }
}
