// Written by Tools/operators/generate.py from operators.txt. Do not edit.
// swift-format-ignore-file
internal import CTorch

extension Tensor {
  /// `self + α·other`, with broadcasting.
  ///
  /// libtorch operator `add.Tensor`.
  public func adding(_ other: Tensor, scaledBy alpha: Scalar = 1) -> Tensor {
    withExtendedLifetime((self, other)) {
      Seam.one("adding", [self, other]) { nap_op_add_Tensor(self.pointer, other.pointer, alpha.c, $0) }
    }
  }

  /// `self + α·other` for a number.
  ///
  /// libtorch operator `add.Scalar`.
  public func adding(_ other: Scalar, scaledBy alpha: Scalar = 1) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("adding", [self]) { nap_op_add_Scalar(self.pointer, other.c, alpha.c, $0) }
    }
  }

  /// `self − α·other`, with broadcasting.
  ///
  /// libtorch operator `sub.Tensor`.
  public func subtracting(_ other: Tensor, scaledBy alpha: Scalar = 1) -> Tensor {
    withExtendedLifetime((self, other)) {
      Seam.one("subtracting", [self, other]) { nap_op_sub_Tensor(self.pointer, other.pointer, alpha.c, $0) }
    }
  }

  /// `self − α·other` for a number.
  ///
  /// libtorch operator `sub.Scalar`.
  public func subtracting(_ other: Scalar, scaledBy alpha: Scalar = 1) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("subtracting", [self]) { nap_op_sub_Scalar(self.pointer, other.c, alpha.c, $0) }
    }
  }

  /// Elementwise product, with broadcasting.
  ///
  /// libtorch operator `mul.Tensor`.
  public func multiplied(by other: Tensor) -> Tensor {
    withExtendedLifetime((self, other)) {
      Seam.one("multiplied", [self, other]) { nap_op_mul_Tensor(self.pointer, other.pointer, $0) }
    }
  }

  /// Product with a number.
  ///
  /// libtorch operator `mul.Scalar`.
  public func multiplied(by other: Scalar) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("multiplied", [self]) { nap_op_mul_Scalar(self.pointer, other.c, $0) }
    }
  }

  /// Elementwise quotient, with broadcasting.
  ///
  /// libtorch operator `div.Tensor`.
  public func divided(by other: Tensor) -> Tensor {
    withExtendedLifetime((self, other)) {
      Seam.one("divided", [self, other]) { nap_op_div_Tensor(self.pointer, other.pointer, $0) }
    }
  }

  /// Quotient by a number.
  ///
  /// libtorch operator `div.Scalar`.
  public func divided(by other: Scalar) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("divided", [self]) { nap_op_div_Scalar(self.pointer, other.c, $0) }
    }
  }

  /// Remainder with the divisor's sign.
  ///
  /// libtorch operator `remainder.Scalar`.
  public func remainder(dividingBy other: Scalar) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("remainder", [self]) { nap_op_remainder_Scalar(self.pointer, other.c, $0) }
    }
  }

  /// Remainder with the divisor's sign.
  ///
  /// libtorch operator `remainder.Tensor`.
  public func remainder(dividingBy other: Tensor) -> Tensor {
    withExtendedLifetime((self, other)) {
      Seam.one("remainder", [self, other]) { nap_op_remainder_Tensor(self.pointer, other.pointer, $0) }
    }
  }

  /// `−self`.
  ///
  /// libtorch operator `neg`.
  public func negated() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("negated", [self]) { nap_op_neg(self.pointer, $0) }
    }
  }

  /// `1 / self`.
  ///
  /// libtorch operator `reciprocal`.
  public func reciprocal() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("reciprocal", [self]) { nap_op_reciprocal(self.pointer, $0) }
    }
  }

  /// `self` raised to a number.
  ///
  /// libtorch operator `pow.Tensor_Scalar`.
  public func power(_ exponent: Scalar) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("power", [self]) { nap_op_pow_Tensor_Scalar(self.pointer, exponent.c, $0) }
    }
  }

  /// `self` raised elementwise.
  ///
  /// libtorch operator `pow.Tensor_Tensor`.
  public func power(_ exponent: Tensor) -> Tensor {
    withExtendedLifetime((self, exponent)) {
      Seam.one("power", [self, exponent]) { nap_op_pow_Tensor_Tensor(self.pointer, exponent.pointer, $0) }
    }
  }

  /// `self²`.
  ///
  /// libtorch operator `square`.
  public func squared() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("squared", [self]) { nap_op_square(self.pointer, $0) }
    }
  }

  /// `√self`.
  ///
  /// libtorch operator `sqrt`.
  public func squareRoot() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("squareRoot", [self]) { nap_op_sqrt(self.pointer, $0) }
    }
  }

  /// `1/√self`.
  ///
  /// libtorch operator `rsqrt`.
  public func reciprocalSquareRoot() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("reciprocalSquareRoot", [self]) { nap_op_rsqrt(self.pointer, $0) }
    }
  }

  /// `|self|`.
  ///
  /// libtorch operator `abs`.
  public func absolute() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("absolute", [self]) { nap_op_abs(self.pointer, $0) }
    }
  }

  /// −1, 0 or 1.
  ///
  /// libtorch operator `sign`.
  public func sign() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("sign", [self]) { nap_op_sign(self.pointer, $0) }
    }
  }

  /// `e^self`.
  ///
  /// libtorch operator `exp`.
  public func exponential() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("exponential", [self]) { nap_op_exp(self.pointer, $0) }
    }
  }

  /// `e^self − 1`, exact near zero.
  ///
  /// libtorch operator `expm1`.
  public func exponentialMinusOne() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("exponentialMinusOne", [self]) { nap_op_expm1(self.pointer, $0) }
    }
  }

  /// Natural logarithm.
  ///
  /// libtorch operator `log`.
  public func logarithm() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("logarithm", [self]) { nap_op_log(self.pointer, $0) }
    }
  }

  /// `ln(1 + self)`, exact near zero.
  ///
  /// libtorch operator `log1p`.
  public func logarithmOfOnePlus() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("logarithmOfOnePlus", [self]) { nap_op_log1p(self.pointer, $0) }
    }
  }

  /// Sine, in radians.
  ///
  /// libtorch operator `sin`.
  public func sine() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("sine", [self]) { nap_op_sin(self.pointer, $0) }
    }
  }

  /// Cosine, in radians.
  ///
  /// libtorch operator `cos`.
  public func cosine() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("cosine", [self]) { nap_op_cos(self.pointer, $0) }
    }
  }

  /// Tangent, in radians.
  ///
  /// libtorch operator `tan`.
  public func tangent() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("tangent", [self]) { nap_op_tan(self.pointer, $0) }
    }
  }

  /// Arctangent, in radians.
  ///
  /// libtorch operator `atan`.
  public func arctangent() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("arctangent", [self]) { nap_op_atan(self.pointer, $0) }
    }
  }

  /// Largest integer not above.
  ///
  /// libtorch operator `floor`.
  public func floor() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("floor", [self]) { nap_op_floor(self.pointer, $0) }
    }
  }

  /// Smallest integer not below.
  ///
  /// libtorch operator `ceil`.
  public func ceiling() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("ceiling", [self]) { nap_op_ceil(self.pointer, $0) }
    }
  }

  /// Nearest integer, halves to even.
  ///
  /// libtorch operator `round`.
  public func rounded() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("rounded", [self]) { nap_op_round(self.pointer, $0) }
    }
  }

  /// The integer part.
  ///
  /// libtorch operator `trunc`.
  public func truncated() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("truncated", [self]) { nap_op_trunc(self.pointer, $0) }
    }
  }

  /// Limits values to a range; an absent bound is no bound.
  ///
  /// libtorch operator `clamp`.
  public func clamped(from min: Scalar? = nil, to max: Scalar? = nil) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("clamped", [self]) { nap_op_clamp(self.pointer, Scalar.c(min), Scalar.c(max), $0) }
    }
  }

  /// Elementwise larger.
  ///
  /// libtorch operator `maximum`.
  public func maximum(_ other: Tensor) -> Tensor {
    withExtendedLifetime((self, other)) {
      Seam.one("maximum", [self, other]) { nap_op_maximum(self.pointer, other.pointer, $0) }
    }
  }

  /// Elementwise smaller.
  ///
  /// libtorch operator `minimum`.
  public func minimum(_ other: Tensor) -> Tensor {
    withExtendedLifetime((self, other)) {
      Seam.one("minimum", [self, other]) { nap_op_minimum(self.pointer, other.pointer, $0) }
    }
  }

  /// `self + weight·(end − self)`.
  ///
  /// libtorch operator `lerp.Scalar`.
  public func interpolated(towards end: Tensor, by weight: Scalar) -> Tensor {
    withExtendedLifetime((self, end)) {
      Seam.one("interpolated", [self, end]) { nap_op_lerp_Scalar(self.pointer, end.pointer, weight.c, $0) }
    }
  }

  /// `self + value·a·b`.
  ///
  /// libtorch operator `addcmul`.
  public func addingProduct(_ tensor1: Tensor, _ tensor2: Tensor, scaledBy value: Scalar = 1) -> Tensor {
    withExtendedLifetime((self, tensor1, tensor2)) {
      Seam.one("addingProduct", [self, tensor1, tensor2]) { nap_op_addcmul(self.pointer, tensor1.pointer, tensor2.pointer, value.c, $0) }
    }
  }

  /// `self + value·a/b`.
  ///
  /// libtorch operator `addcdiv`.
  public func addingQuotient(_ tensor1: Tensor, _ tensor2: Tensor, scaledBy value: Scalar = 1) -> Tensor {
    withExtendedLifetime((self, tensor1, tensor2)) {
      Seam.one("addingQuotient", [self, tensor1, tensor2]) { nap_op_addcdiv(self.pointer, tensor1.pointer, tensor2.pointer, value.c, $0) }
    }
  }

  /// The Gauss error function.
  ///
  /// libtorch operator `erf`.
  public func errorFunction() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("errorFunction", [self]) { nap_op_erf(self.pointer, $0) }
    }
  }

  /// The inverse of the Gauss error function, of numbers between -1 and 1.
  ///
  /// libtorch operator `erfinv`.
  public func inverseErrorFunction() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("inverseErrorFunction", [self]) { nap_op_erfinv(self.pointer, $0) }
    }
  }

  /// Bitwise (or logical) complement.
  ///
  /// libtorch operator `bitwise_not`.
  public func bitwiseNot() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("bitwiseNot", [self]) { nap_op_bitwise_not(self.pointer, $0) }
    }
  }
}
