// Written by Tools/operators/generate.py from operators.txt. Do not edit.
// swift-format-ignore-file
internal import CTorch

extension Tensor {
  /// Matrix product, with broadcasting over leading axes.
  ///
  /// libtorch operator `matmul`.
  public func matrixProduct(_ other: Tensor) -> Tensor {
    Seam.one("matrixProduct", self, other) { nap_op_matmul($0, $1, $2) }
  }

  /// Product of two matrices.
  ///
  /// libtorch operator `mm`.
  public func matrixProduct2D(_ mat2: Tensor) -> Tensor {
    Seam.one("matrixProduct2D", self, mat2) { nap_op_mm($0, $1, $2) }
  }

  /// Product of batches of matrices.
  ///
  /// libtorch operator `bmm`.
  public func batchedMatrixProduct(_ mat2: Tensor) -> Tensor {
    Seam.one("batchedMatrixProduct", self, mat2) { nap_op_bmm($0, $1, $2) }
  }

  /// Inner product of two vectors.
  public func dot(_ tensor: Tensor) -> Tensor {
    Seam.one("dot", self, tensor) { nap_op_dot($0, $1, $2) }
  }

  /// Outer product of two vectors.
  public func outer(_ vec2: Tensor) -> Tensor {
    Seam.one("outer", self, vec2) { nap_op_outer($0, $1, $2) }
  }

  /// Sum of products in index notation.
  public static func einsum(_ equation: String, _ tensors: [Tensor], path: [Int]? = nil) -> Tensor {
    withExtendedLifetime((tensors)) {
      Seam.one("einsum", tensors) { nap_op_einsum(equation, tensors.map(\.pointer), tensors.count, path, path?.count ?? -1, $0) }
    }
  }

  /// `U·diag(S)·Vᴴ`.
  ///
  /// libtorch operator `linalg_svd`.
  public func singularValueDecomposition(fullMatrices: Bool = true, driver: String? = nil) -> (u: Tensor, s: Tensor, vh: Tensor) {
    let results = withExtendedLifetime((self)) {
      Seam.several("singularValueDecomposition", [self], 3) {
        nap_op_linalg_svd(self.pointer, fullMatrices, driver, $0 + 0, $0 + 1, $0 + 2)
      }
    }
    return (results[0], results[1], results[2])
  }

  /// Singular values, largest first.
  ///
  /// libtorch operator `linalg_svdvals`.
  public func singularValues(driver: String? = nil) -> Tensor {
    Seam.one("singularValues", self) { nap_op_linalg_svdvals($0, driver, $1) }
  }

  /// Eigenvalues of a symmetric matrix, smallest first.
  ///
  /// libtorch operator `linalg_eigvalsh`.
  public func symmetricEigenvalues(triangle UPLO: String = "L") -> Tensor {
    Seam.one("symmetricEigenvalues", self) { nap_op_linalg_eigvalsh($0, UPLO, $1) }
  }

  /// Eigenvalues and eigenvectors of a symmetric matrix.
  ///
  /// libtorch operator `linalg_eigh`.
  public func symmetricEigendecomposition(triangle UPLO: String = "L") -> (eigenvalues: Tensor, eigenvectors: Tensor) {
    let results = withExtendedLifetime((self)) {
      Seam.several("symmetricEigendecomposition", [self], 2) {
        nap_op_linalg_eigh(self.pointer, UPLO, $0 + 0, $0 + 1)
      }
    }
    return (results[0], results[1])
  }

  /// Eigenvalues of a square matrix, as a complex tensor.
  ///
  /// libtorch operator `linalg_eigvals`.
  public func complexEigenvalues() -> Tensor {
    Seam.one("complexEigenvalues", self) { nap_op_linalg_eigvals($0, $1) }
  }

  /// Q and R with orthonormal Q.
  ///
  /// libtorch operator `linalg_qr`.
  public func orthogonalTriangular(mode: String = "reduced") -> (q: Tensor, r: Tensor) {
    let results = withExtendedLifetime((self)) {
      Seam.several("orthogonalTriangular", [self], 2) {
        nap_op_linalg_qr(self.pointer, mode, $0 + 0, $0 + 1)
      }
    }
    return (results[0], results[1])
  }

  /// p-norm over axes, 2 by default; over everything when axes are absent.
  ///
  /// libtorch operator `linalg_vector_norm`.
  public func vectorNorm(order ord: Scalar = 2, axes: [Int]? = nil, keepAxes keepdim: Bool = false, dtype: DType? = nil) -> Tensor {
    Seam.one("vectorNorm", self) { nap_op_linalg_vector_norm($0, ord.c, axes, axes?.count ?? -1, keepdim, dtype?.code ?? -1, $1) }
  }

  /// Operator or entrywise matrix norm of a numeric order.
  ///
  /// libtorch operator `linalg_matrix_norm`.
  public func matrixNorm(order ord: Scalar, axes: [Int] = [-2, -1], keepAxes keepdim: Bool = false, dtype: DType? = nil) -> Tensor {
    Seam.one("matrixNorm", self) { nap_op_linalg_matrix_norm($0, ord.c, axes, axes.count, keepdim, dtype?.code ?? -1, $1) }
  }

  /// Matrix norm by name: "fro" or "nuc".
  ///
  /// libtorch operator `linalg_matrix_norm.str_ord`.
  public func matrixNorm(named ord: String = "fro", axes: [Int] = [-2, -1], keepAxes keepdim: Bool = false, dtype: DType? = nil) -> Tensor {
    Seam.one("matrixNorm", self) { nap_op_linalg_matrix_norm_str_ord($0, ord, axes, axes.count, keepdim, dtype?.code ?? -1, $1) }
  }

  /// X with `self·X = B`.
  ///
  /// libtorch operator `linalg_solve`.
  public func solving(_ B: Tensor, left: Bool = true) -> Tensor {
    Seam.one("solving", self, B) { nap_op_linalg_solve($0, $1, left, $2) }
  }

  /// Inverse of a square matrix.
  ///
  /// libtorch operator `linalg_inv`.
  public func inverse() -> Tensor {
    Seam.one("inverse", self) { nap_op_linalg_inv($0, $1) }
  }

  /// Determinant of a square matrix.
  ///
  /// libtorch operator `linalg_det`.
  public func determinant() -> Tensor {
    Seam.one("determinant", self) { nap_op_linalg_det($0, $1) }
  }

  /// Sum of a matrix's diagonal.
  public func trace() -> Tensor {
    Seam.one("trace", self) { nap_op_trace($0, $1) }
  }

  /// A complex tensor as real and imaginary parts in a last axis of size 2.
  ///
  /// libtorch operator `view_as_real`.
  public func viewedAsReal() -> Tensor {
    Seam.one("viewedAsReal", self) { nap_op_view_as_real($0, $1) }
  }
}
