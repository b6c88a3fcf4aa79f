// Written by Tools/operators/generate.py from operators.txt. Do not edit.
// swift-format-ignore-file
internal import CTorch

extension Tensor {
  /// `self + α·other`, with broadcasting.
  ///
  /// libtorch operator `add.Tensor`.
  public func adding(_ other: Tensor, scaledBy alpha: Scalar = 1) -> Tensor {
    Seam.one("adding", self, other) { nap_op_add_Tensor($0, $1, alpha.c, $2) }
  }

  /// `self + α·other` for a number.
  ///
  /// libtorch operator `add.Scalar`.
  public func adding(_ other: Scalar, scaledBy alpha: Scalar = 1) -> Tensor {
    Seam.one("adding", self) { nap_op_add_Scalar($0, other.c, alpha.c, $1) }
  }

  /// `self − α·other`, with broadcasting.
  ///
  /// libtorch operator `sub.Tensor`.
  public func subtracting(_ other: Tensor, scaledBy alpha: Scalar = 1) -> Tensor {
    Seam.one("subtracting", self, other) { nap_op_sub_Tensor($0, $1, alpha.c, $2) }
  }

  /// `self − α·other` for a number.
  ///
  /// libtorch operator `sub.Scalar`.
  public func subtracting(_ other: Scalar, scaledBy alpha: Scalar = 1) -> Tensor {
    Seam.one("subtracting", self) { nap_op_sub_Scalar($0, other.c, alpha.c, $1) }
  }

  /// Elementwise product, with broadcasting.
  ///
  /// libtorch operator `mul.Tensor`.
  public func multiplied(by other: Tensor) -> Tensor {
    Seam.one("multiplied", self, other) { nap_op_mul_Tensor($0, $1, $2) }
  }

  /// Product with a number.
  ///
  /// libtorch operator `mul.Scalar`.
  public func multiplied(by other: Scalar) -> Tensor {
    Seam.one("multiplied", self) { nap_op_mul_Scalar($0, other.c, $1) }
  }

  /// Elementwise quotient, with broadcasting.
  ///
  /// libtorch operator `div.Tensor`.
  public func divided(by other: Tensor) -> Tensor {
    Seam.one("divided", self, other) { nap_op_div_Tensor($0, $1, $2) }
  }

  /// Quotient by a number.
  ///
  /// libtorch operator `div.Scalar`.
  public func divided(by other: Scalar) -> Tensor {
    Seam.one("divided", self) { nap_op_div_Scalar($0, other.c, $1) }
  }

  /// Remainder with the divisor's sign.
  ///
  /// libtorch operator `remainder.Scalar`.
  public func remainder(dividingBy other: Scalar) -> Tensor {
    Seam.one("remainder", self) { nap_op_remainder_Scalar($0, other.c, $1) }
  }

  /// Remainder with the divisor's sign.
  ///
  /// libtorch operator `remainder.Tensor`.
  public func remainder(dividingBy other: Tensor) -> Tensor {
    Seam.one("remainder", self, other) { nap_op_remainder_Tensor($0, $1, $2) }
  }

  /// `−self`.
  ///
  /// libtorch operator `neg`.
  public func negated() -> Tensor {
    Seam.one("negated", self) { nap_op_neg($0, $1) }
  }

  /// `1 / self`.
  public func reciprocal() -> Tensor {
    Seam.one("reciprocal", self) { nap_op_reciprocal($0, $1) }
  }

  /// `self` raised to a number.
  ///
  /// libtorch operator `pow.Tensor_Scalar`.
  public func power(_ exponent: Scalar) -> Tensor {
    Seam.one("power", self) { nap_op_pow_Tensor_Scalar($0, exponent.c, $1) }
  }

  /// `self` raised elementwise.
  ///
  /// libtorch operator `pow.Tensor_Tensor`.
  public func power(_ exponent: Tensor) -> Tensor {
    Seam.one("power", self, exponent) { nap_op_pow_Tensor_Tensor($0, $1, $2) }
  }

  /// `self²`.
  ///
  /// libtorch operator `square`.
  public func squared() -> Tensor {
    Seam.one("squared", self) { nap_op_square($0, $1) }
  }

  /// `√self`.
  ///
  /// libtorch operator `sqrt`.
  public func squareRoot() -> Tensor {
    Seam.one("squareRoot", self) { nap_op_sqrt($0, $1) }
  }

  /// `1/√self`.
  ///
  /// libtorch operator `rsqrt`.
  public func reciprocalSquareRoot() -> Tensor {
    Seam.one("reciprocalSquareRoot", self) { nap_op_rsqrt($0, $1) }
  }

  /// `|self|`.
  ///
  /// libtorch operator `abs`.
  public func absolute() -> Tensor {
    Seam.one("absolute", self) { nap_op_abs($0, $1) }
  }

  /// −1, 0 or 1.
  public func sign() -> Tensor {
    Seam.one("sign", self) { nap_op_sign($0, $1) }
  }

  /// `e^self`.
  ///
  /// libtorch operator `exp`.
  public func exponential() -> Tensor {
    Seam.one("exponential", self) { nap_op_exp($0, $1) }
  }

  /// `e^self − 1`, exact near zero.
  ///
  /// libtorch operator `expm1`.
  public func exponentialMinusOne() -> Tensor {
    Seam.one("exponentialMinusOne", self) { nap_op_expm1($0, $1) }
  }

  /// Natural logarithm.
  ///
  /// libtorch operator `log`.
  public func logarithm() -> Tensor {
    Seam.one("logarithm", self) { nap_op_log($0, $1) }
  }

  /// `ln(1 + self)`, exact near zero.
  ///
  /// libtorch operator `log1p`.
  public func logarithmOfOnePlus() -> Tensor {
    Seam.one("logarithmOfOnePlus", self) { nap_op_log1p($0, $1) }
  }

  /// Sine, in radians.
  ///
  /// libtorch operator `sin`.
  public func sine() -> Tensor {
    Seam.one("sine", self) { nap_op_sin($0, $1) }
  }

  /// Cosine, in radians.
  ///
  /// libtorch operator `cos`.
  public func cosine() -> Tensor {
    Seam.one("cosine", self) { nap_op_cos($0, $1) }
  }

  /// Tangent, in radians.
  ///
  /// libtorch operator `tan`.
  public func tangent() -> Tensor {
    Seam.one("tangent", self) { nap_op_tan($0, $1) }
  }

  /// Arctangent, in radians.
  ///
  /// libtorch operator `atan`.
  public func arctangent() -> Tensor {
    Seam.one("arctangent", self) { nap_op_atan($0, $1) }
  }

  /// Largest integer not above.
  public func floor() -> Tensor {
    Seam.one("floor", self) { nap_op_floor($0, $1) }
  }

  /// Smallest integer not below.
  ///
  /// libtorch operator `ceil`.
  public func ceiling() -> Tensor {
    Seam.one("ceiling", self) { nap_op_ceil($0, $1) }
  }

  /// Nearest integer, halves to even.
  ///
  /// libtorch operator `round`.
  public func rounded() -> Tensor {
    Seam.one("rounded", self) { nap_op_round($0, $1) }
  }

  /// The integer part.
  ///
  /// libtorch operator `trunc`.
  public func truncated() -> Tensor {
    Seam.one("truncated", self) { nap_op_trunc($0, $1) }
  }

  /// Limits values to a range; an absent bound is no bound.
  ///
  /// libtorch operator `clamp`.
  public func clamped(from min: Scalar? = nil, to max: Scalar? = nil) -> Tensor {
    Seam.one("clamped", self) { nap_op_clamp($0, Scalar.c(min), Scalar.c(max), $1) }
  }

  /// Elementwise larger.
  public func maximum(_ other: Tensor) -> Tensor {
    Seam.one("maximum", self, other) { nap_op_maximum($0, $1, $2) }
  }

  /// Elementwise smaller.
  public func minimum(_ other: Tensor) -> Tensor {
    Seam.one("minimum", self, other) { nap_op_minimum($0, $1, $2) }
  }

  /// `self + weight·(end − self)`.
  ///
  /// libtorch operator `lerp.Scalar`.
  public func interpolated(towards end: Tensor, by weight: Scalar) -> Tensor {
    Seam.one("interpolated", self, end) { nap_op_lerp_Scalar($0, $1, weight.c, $2) }
  }

  /// `self + value·a·b`.
  ///
  /// libtorch operator `addcmul`.
  public func addingProduct(_ tensor1: Tensor, _ tensor2: Tensor, scaledBy value: Scalar = 1) -> Tensor {
    Seam.one("addingProduct", self, tensor1, tensor2) { nap_op_addcmul($0, $1, $2, value.c, $3) }
  }

  /// `self + value·a/b`.
  ///
  /// libtorch operator `addcdiv`.
  public func addingQuotient(_ tensor1: Tensor, _ tensor2: Tensor, scaledBy value: Scalar = 1) -> Tensor {
    Seam.one("addingQuotient", self, tensor1, tensor2) { nap_op_addcdiv($0, $1, $2, value.c, $3) }
  }

  /// The Gauss error function.
  ///
  /// libtorch operator `erf`.
  public func errorFunction() -> Tensor {
    Seam.one("errorFunction", self) { nap_op_erf($0, $1) }
  }

  /// The inverse of the Gauss error function, of numbers between -1 and 1.
  ///
  /// libtorch operator `erfinv`.
  public func inverseErrorFunction() -> Tensor {
    Seam.one("inverseErrorFunction", self) { nap_op_erfinv($0, $1) }
  }

  /// Bitwise (or logical) complement.
  public func bitwiseNot() -> Tensor {
    Seam.one("bitwiseNot", self) { nap_op_bitwise_not($0, $1) }
  }
}
