// Written by Tools/operators/generate.py from operators.txt. Do not edit.
// swift-format-ignore-file
internal import CTorch

extension Tensor {
  /// `max(0, x)`.
  public func relu() -> Tensor {
    Seam.one("relu", self) { nap_op_relu($0, $1) }
  }

  /// x where positive, else slope·x.
  public func leakyRelu(slope negativeSlope: Scalar = 0.01) -> Tensor {
    Seam.one("leakyRelu", self) { nap_op_leaky_relu($0, negativeSlope.c, $1) }
  }

  /// `x·Φ(x)`; "tanh" for the approximation.
  public func gelu(approximate: String = "none") -> Tensor {
    Seam.one("gelu", self) { nap_op_gelu($0, approximate, $1) }
  }

  /// `x·sigmoid(x)`.
  public func silu() -> Tensor {
    Seam.one("silu", self) { nap_op_silu($0, $1) }
  }

  /// `1/(1 + e^−x)`.
  public func sigmoid() -> Tensor {
    Seam.one("sigmoid", self) { nap_op_sigmoid($0, $1) }
  }

  /// Hyperbolic tangent.
  public func tanh() -> Tensor {
    Seam.one("tanh", self) { nap_op_tanh($0, $1) }
  }

  /// x where positive, else α(eˣ − 1).
  public func elu(alpha: Scalar = 1, scale: Scalar = 1, inputScale: Scalar = 1) -> Tensor {
    Seam.one("elu", self) { nap_op_elu($0, alpha.c, scale.c, inputScale.c, $1) }
  }

  /// `ln(1 + e^{βx})/β`.
  public func softplus(beta: Scalar = 1, threshold: Scalar = 20) -> Tensor {
    Seam.one("softplus", self) { nap_op_softplus($0, beta.c, threshold.c, $1) }
  }

  /// `eˣ/Σeˣ` along an axis.
  ///
  /// libtorch operator `softmax.int`.
  public func softmax(axis: Int, dtype: DType? = nil) -> Tensor {
    Seam.one("softmax", self) { nap_op_softmax_int($0, axis, dtype?.code ?? -1, $1) }
  }

  /// `x − ln Σeˣ` along an axis.
  ///
  /// libtorch operator `log_softmax.int`.
  public func logSoftmax(axis: Int, dtype: DType? = nil) -> Tensor {
    Seam.one("logSoftmax", self) { nap_op_log_softmax_int($0, axis, dtype?.code ?? -1, $1) }
  }

  /// Zeroes elements with a probability and rescales the others (the default generator of the device).
  public func dropout(probability p: Double, training train: Bool) -> Tensor {
    Seam.one("dropout", self) { nap_op_dropout($0, p, train, $1) }
  }

  /// `softmax(q·kᵀ·scale)·v`.
  ///
  /// libtorch operator `scaled_dot_product_attention`.
  public func attention(keys key: Tensor, values value: Tensor, mask attnMask: Tensor? = nil, dropout dropoutP: Double = 0.0, causal isCausal: Bool = false, scale: Double? = nil, groupedQueries enableGqa: Bool = false) -> Tensor {
    withExtendedLifetime((self, key, value, attnMask)) {
      Seam.one("attention", [self, key, value] + Seam.list(attnMask)) { nap_op_scaled_dot_product_attention(self.pointer, key.pointer, value.pointer, attnMask?.pointer, dropoutP, isCausal, Seam.optional(scale), enableGqa, $0) }
    }
  }
}
