extension Tensor {
  /// Elementwise sum, with broadcasting.
  public static func + (left: Tensor, right: Tensor) -> Tensor { left.adding(right) }
  /// Each element plus a number.
  public static func + (left: Tensor, right: Double) -> Tensor { left.adding(.real(right)) }
  /// Each element plus a number.
  public static func + (left: Double, right: Tensor) -> Tensor { right.adding(.real(left)) }
  /// Elementwise difference, with broadcasting.
  public static func - (left: Tensor, right: Tensor) -> Tensor { left.subtracting(right) }
  /// Each element minus a number.
  public static func - (left: Tensor, right: Double) -> Tensor { left.subtracting(.real(right)) }
  /// A number minus each element.
  public static func - (left: Double, right: Tensor) -> Tensor {
    right.negated().adding(.real(left))
  }
  /// Elementwise product, with broadcasting.
  public static func * (left: Tensor, right: Tensor) -> Tensor { left.multiplied(by: right) }
  /// Each element times a number.
  public static func * (left: Tensor, right: Double) -> Tensor { left.multiplied(by: .real(right)) }
  /// Each element times a number.
  public static func * (left: Double, right: Tensor) -> Tensor { right.multiplied(by: .real(left)) }
  /// Elementwise quotient, with broadcasting.
  public static func / (left: Tensor, right: Tensor) -> Tensor { left.divided(by: right) }
  /// Each element divided by a number.
  public static func / (left: Tensor, right: Double) -> Tensor { left.divided(by: .real(right)) }
  /// A number divided by each element.
  public static func / (left: Double, right: Tensor) -> Tensor { right.reciprocal() * left }
  /// Each element negated.
  public static prefix func - (tensor: Tensor) -> Tensor { tensor.negated() }

  /// One index of the first axis, which goes away. Negative indices count from the end.
  public subscript(index: Int) -> Tensor { selected(axis: 0, at: index) }

  /// A range of the first axis, sharing storage.
  public subscript(range: Range<Int>) -> Tensor {
    sliced(axis: 0, from: range.lowerBound, to: range.upperBound)
  }

  /// Rows of the first axis by an integer tensor of indices, copied.
  public subscript(rows: Tensor) -> Tensor { selected(axis: 0, indices: rows) }

  /// The Frobenius norm: `√Σ x²` over all elements, a scalar tensor.
  public var norm: Tensor { vectorNorm() }

  /// Whether shapes, element types and every bit of the values are the same.
  public func isIdentical(to other: Tensor) -> Bool {
    guard dtype == other.dtype, shape == other.shape else { return false }
    return withBytes { mine in other.withBytes { mine.elementsEqual($0) } }
  }
}
