public import Torch

/// The iteration that finds a matrix's largest singular value.
///
///     v ← Wᵀu / ‖Wᵀu‖,   s = ‖Wv‖,   u ← Wv / s
///
/// s never passes the largest singular value, and comes to it with u and v to its vectors, the faster the further it is
/// above the second one. Cost: two products of W and a vector.
public struct PowerIteration {
  /// u (O), of norm 1.
  public let left: Tensor
  /// v (I), of norm 1.
  public let right: Tensor
  /// s, a scalar.
  public let size: Tensor

  /// One step from `left` over a matrix (O, I). Of a zero matrix u, v and s are zero.
  public init(_ matrix_OI: Tensor, left: Tensor) {
    right = Self.normalized(matrix_OI.transposed().matrixProduct(left))
    let image = matrix_OI.matrixProduct(right)
    size = image.vectorNorm()
    self.left = image / size.clamped(from: .real(1e-12))
  }

  /// A vector brought to norm 1; zero stays.
  public static func normalized(_ vector: Tensor) -> Tensor {
    vector / vector.vectorNorm().clamped(from: .real(1e-12))
  }
}
