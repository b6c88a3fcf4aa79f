// Written by Tools/operators/generate.py from operators.txt. Do not edit.
// swift-format-ignore-file
internal import CTorch

extension Tensor {
  /// Elementwise `==`, a bool tensor.
  ///
  /// libtorch operator `eq.Tensor`.
  public func equal(to other: Tensor) -> Tensor {
    Seam.one("equal", self, other) { nap_op_eq_Tensor($0, $1, $2) }
  }

  /// Elementwise `==`, a bool tensor.
  ///
  /// libtorch operator `eq.Scalar`.
  public func equal(to other: Scalar) -> Tensor {
    Seam.one("equal", self) { nap_op_eq_Scalar($0, other.c, $1) }
  }

  /// Elementwise `!=`, a bool tensor.
  ///
  /// libtorch operator `ne.Tensor`.
  public func notEqual(to other: Tensor) -> Tensor {
    Seam.one("notEqual", self, other) { nap_op_ne_Tensor($0, $1, $2) }
  }

  /// Elementwise `!=`, a bool tensor.
  ///
  /// libtorch operator `ne.Scalar`.
  public func notEqual(to other: Scalar) -> Tensor {
    Seam.one("notEqual", self) { nap_op_ne_Scalar($0, other.c, $1) }
  }

  /// Elementwise `<`, a bool tensor.
  ///
  /// libtorch operator `lt.Tensor`.
  public func less(than other: Tensor) -> Tensor {
    Seam.one("less", self, other) { nap_op_lt_Tensor($0, $1, $2) }
  }

  /// Elementwise `<`, a bool tensor.
  ///
  /// libtorch operator `lt.Scalar`.
  public func less(than other: Scalar) -> Tensor {
    Seam.one("less", self) { nap_op_lt_Scalar($0, other.c, $1) }
  }

  /// Elementwise `<=`, a bool tensor.
  ///
  /// libtorch operator `le.Tensor`.
  public func lessOrEqual(to other: Tensor) -> Tensor {
    Seam.one("lessOrEqual", self, other) { nap_op_le_Tensor($0, $1, $2) }
  }

  /// Elementwise `<=`, a bool tensor.
  ///
  /// libtorch operator `le.Scalar`.
  public func lessOrEqual(to other: Scalar) -> Tensor {
    Seam.one("lessOrEqual", self) { nap_op_le_Scalar($0, other.c, $1) }
  }

  /// Elementwise `>`, a bool tensor.
  ///
  /// libtorch operator `gt.Tensor`.
  public func greater(than other: Tensor) -> Tensor {
    Seam.one("greater", self, other) { nap_op_gt_Tensor($0, $1, $2) }
  }

  /// Elementwise `>`, a bool tensor.
  ///
  /// libtorch operator `gt.Scalar`.
  public func greater(than other: Scalar) -> Tensor {
    Seam.one("greater", self) { nap_op_gt_Scalar($0, other.c, $1) }
  }

  /// Elementwise `>=`, a bool tensor.
  ///
  /// libtorch operator `ge.Tensor`.
  public func greaterOrEqual(to other: Tensor) -> Tensor {
    Seam.one("greaterOrEqual", self, other) { nap_op_ge_Tensor($0, $1, $2) }
  }

  /// Elementwise `>=`, a bool tensor.
  ///
  /// libtorch operator `ge.Scalar`.
  public func greaterOrEqual(to other: Scalar) -> Tensor {
    Seam.one("greaterOrEqual", self) { nap_op_ge_Scalar($0, other.c, $1) }
  }

  /// Elementwise and.
  public func logicalAnd(_ other: Tensor) -> Tensor {
    Seam.one("logicalAnd", self, other) { nap_op_logical_and($0, $1, $2) }
  }

  /// Elementwise or.
  public func logicalOr(_ other: Tensor) -> Tensor {
    Seam.one("logicalOr", self, other) { nap_op_logical_or($0, $1, $2) }
  }

  /// Elementwise not.
  public func logicalNot() -> Tensor {
    Seam.one("logicalNot", self) { nap_op_logical_not($0, $1) }
  }

  /// Elementwise test for not-a-number.
  ///
  /// libtorch operator `isnan`.
  public func isNaN() -> Tensor {
    Seam.one("isNaN", self) { nap_op_isnan($0, $1) }
  }

  /// Elementwise test for neither infinite nor not-a-number.
  ///
  /// libtorch operator `isfinite`.
  public func isFinite() -> Tensor {
    Seam.one("isFinite", self) { nap_op_isfinite($0, $1) }
  }

  /// `self` where the condition holds, else `otherwise`.
  ///
  /// libtorch operator `where.self`.
  public func choosing(where condition: Tensor, otherwise other: Tensor) -> Tensor {
    Seam.one("choosing", condition, self, other) { nap_op_where_self($0, $1, $2, $3) }
  }

  /// `self` where the condition holds, else a number.
  ///
  /// libtorch operator `where.ScalarOther`.
  public func choosing(where condition: Tensor, otherwise other: Scalar) -> Tensor {
    Seam.one("choosing", condition, self) { nap_op_where_ScalarOther($0, $1, other.c, $2) }
  }
}
