// Written by Tools/operators/generate.py from operators.txt. Do not edit.
// swift-format-ignore-file
internal import CTorch

extension Tensor {
  /// `self ← self + α·other`.
  ///
  /// libtorch operator `add_.Tensor`.
  @discardableResult
  public func addInPlace(_ other: Tensor, scaledBy alpha: Scalar = 1) -> Tensor {
    withExtendedLifetime((self, other)) {
      Seam.one("addInPlace", [self, other]) { nap_op_add__Tensor(self.pointer, other.pointer, alpha.c, $0) }
    }
  }

  /// `self ← self + α·other`.
  ///
  /// libtorch operator `add_.Scalar`.
  @discardableResult
  public func addInPlace(_ other: Scalar, scaledBy alpha: Scalar = 1) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("addInPlace", [self]) { nap_op_add__Scalar(self.pointer, other.c, alpha.c, $0) }
    }
  }

  /// `self ← self − α·other`.
  ///
  /// libtorch operator `sub_.Tensor`.
  @discardableResult
  public func subtractInPlace(_ other: Tensor, scaledBy alpha: Scalar = 1) -> Tensor {
    withExtendedLifetime((self, other)) {
      Seam.one("subtractInPlace", [self, other]) { nap_op_sub__Tensor(self.pointer, other.pointer, alpha.c, $0) }
    }
  }

  /// `self ← self·other`.
  ///
  /// libtorch operator `mul_.Tensor`.
  @discardableResult
  public func multiplyInPlace(by other: Tensor) -> Tensor {
    withExtendedLifetime((self, other)) {
      Seam.one("multiplyInPlace", [self, other]) { nap_op_mul__Tensor(self.pointer, other.pointer, $0) }
    }
  }

  /// `self ← self·other`.
  ///
  /// libtorch operator `mul_.Scalar`.
  @discardableResult
  public func multiplyInPlace(by other: Scalar) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("multiplyInPlace", [self]) { nap_op_mul__Scalar(self.pointer, other.c, $0) }
    }
  }

  /// `self ← self/other`.
  ///
  /// libtorch operator `div_.Tensor`.
  @discardableResult
  public func divideInPlace(by other: Tensor) -> Tensor {
    withExtendedLifetime((self, other)) {
      Seam.one("divideInPlace", [self, other]) { nap_op_div__Tensor(self.pointer, other.pointer, $0) }
    }
  }

  /// `self ← self/other`.
  ///
  /// libtorch operator `div_.Scalar`.
  @discardableResult
  public func divideInPlace(by other: Scalar) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("divideInPlace", [self]) { nap_op_div__Scalar(self.pointer, other.c, $0) }
    }
  }

  /// `self ← self + value·a·b`.
  ///
  /// libtorch operator `addcmul_`.
  @discardableResult
  public func addProductInPlace(_ tensor1: Tensor, _ tensor2: Tensor, scaledBy value: Scalar = 1) -> Tensor {
    withExtendedLifetime((self, tensor1, tensor2)) {
      Seam.one("addProductInPlace", [self, tensor1, tensor2]) { nap_op_addcmul_(self.pointer, tensor1.pointer, tensor2.pointer, value.c, $0) }
    }
  }

  /// `self ← self + value·a/b`.
  ///
  /// libtorch operator `addcdiv_`.
  @discardableResult
  public func addQuotientInPlace(_ tensor1: Tensor, _ tensor2: Tensor, scaledBy value: Scalar = 1) -> Tensor {
    withExtendedLifetime((self, tensor1, tensor2)) {
      Seam.one("addQuotientInPlace", [self, tensor1, tensor2]) { nap_op_addcdiv_(self.pointer, tensor1.pointer, tensor2.pointer, value.c, $0) }
    }
  }

  /// `self ← self + weight·(end − self)`.
  ///
  /// libtorch operator `lerp_.Scalar`.
  @discardableResult
  public func interpolateInPlace(towards end: Tensor, by weight: Scalar) -> Tensor {
    withExtendedLifetime((self, end)) {
      Seam.one("interpolateInPlace", [self, end]) { nap_op_lerp__Scalar(self.pointer, end.pointer, weight.c, $0) }
    }
  }

  /// Copies values from another tensor, converting dtype and device.
  ///
  /// libtorch operator `copy_`.
  @discardableResult
  public func copyInPlace(from src: Tensor, asynchronously nonBlocking: Bool = false) -> Tensor {
    withExtendedLifetime((self, src)) {
      Seam.one("copyInPlace", [self, src]) { nap_op_copy_(self.pointer, src.pointer, nonBlocking, $0) }
    }
  }

  /// Sets every element.
  ///
  /// libtorch operator `fill_.Scalar`.
  @discardableResult
  public func fillInPlace(with value: Scalar) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("fillInPlace", [self]) { nap_op_fill__Scalar(self.pointer, value.c, $0) }
    }
  }

  /// Sets every element to zero.
  ///
  /// libtorch operator `zero_`.
  @discardableResult
  public func zeroInPlace() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("zeroInPlace", [self]) { nap_op_zero_(self.pointer, $0) }
    }
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
    withExtendedLifetime((self)) {
      Seam.one("clampInPlace", [self]) { nap_op_clamp_(self.pointer, Scalar.c(min), Scalar.c(max), $0) }
    }
  }
}
