import Torch

/// Stable and effective rank of one matrix of any size: axis 0 by all others.
///
/// Up to a limit of its smaller side the singular values are the roots of the eigenvalues of W Wᵀ (or
/// WᵀW), summed block by block in float64; those below 1e-8 of the largest are not resolved, which
/// moves neither rank. Beyond it, σ₁ comes from power iteration on WᵀW to a relative change of 1e-6, and
/// the effective rank, which needs every singular value, is named as too large.
struct MatrixRanks {
  /// ‖W‖_F²/σ₁².
  let stable: DiagnosticOutcome
  /// exp(−Σ p ln p), p = σ/Σσ.
  let effective: DiagnosticOutcome

  /// Products of power iteration.
  static let iterationLimit = 300

  init(_ tensor: Tensor, norm: DiagnosticOutcome, limit: Int) {
    guard let norm = norm.number else {
      (stable, effective) = (norm, norm)
      return
    }
    guard norm > 0 else {
      stable = .undefined(.zero("every element is zero"))
      effective = stable
      return
    }
    let matrix = withoutGradients { tensor.flattened(from: 1) }
    let smaller = min(matrix.shape[0], matrix.shape[1])
    if smaller <= limit {
      let values = Self.singularValues(matrix)
      stable = Self.outcome { () throws(UndefinedReason) in try Ranks.stable(values) }
      effective = Self.outcome { () throws(UndefinedReason) in try Ranks.effective(values) }
    } else {
      stable = Self.outcome { () throws(UndefinedReason) in
        let largest = try Self.largestSingularValue(matrix)
        return (norm / largest) * (norm / largest)
      }
      effective = .undefined(
        .tooLarge("a matrix of \(matrix.shape[0]) x \(matrix.shape[1]); the limit is \(limit)"))
    }
  }

  private static func outcome(
    _ body: () throws(UndefinedReason) -> Double
  ) -> DiagnosticOutcome {
    do { return DiagnosticOutcome(finite: try body(), "the rank") } catch {
      return .undefined(error)
    }
  }

  /// Largest first.
  private static func singularValues(_ matrix: Tensor) -> [Double] {
    withoutGradients {
      let (rows, columns) = (matrix.shape[0], matrix.shape[1])
      let isWide = rows <= columns
      let (smaller, larger) = (min(rows, columns), max(rows, columns))
      let step = max(1, BlockwiseNorms.blockSize / smaller)
      var gram = Tensor.zeros([smaller, smaller], dtype: .float64, device: matrix.device)
      for start in stride(from: 0, to: larger, by: step) {
        let block = matrix.narrowed(
          axis: isWide ? 1 : 0, from: start, length: min(step, larger - start)
        ).converted(to: .float64)
        gram =
          gram
          + (isWide
            ? block.matrixProduct(block.transposed()) : block.transposed().matrixProduct(block))
      }
      return gram.symmetricEigenvalues().doubles.map { max($0, 0).squareRoot() }.sorted(by: >)
    }
  }

  private static func largestSingularValue(_ matrix: Tensor) throws(UndefinedReason) -> Double {
    let result = withoutGradients { () -> Result<Double, UndefinedReason> in
      let (rows, columns) = (matrix.shape[0], matrix.shape[1])
      let step = max(1, BlockwiseNorms.blockSize / columns)
      let start = Tensor.normal([columns, 1], generator: Generator(seed: 0), dtype: .float32)
      var vector = start / start.vectorNorm().item
      var estimate = 0.0
      for _ in 0..<iterationLimit {
        var next = Tensor.zeros([columns, 1], dtype: .float32)
        var square = 0.0
        for row in stride(from: 0, to: rows, by: step) {
          let block = matrix.narrowed(axis: 0, from: row, length: min(step, rows - row))
            .converted(to: .float32)
          let image = block.matrixProduct(vector)
          square += image.vectorNorm(dtype: .float64).squared().item
          next = next + block.transposed().matrixProduct(image)
        }
        let size = next.vectorNorm(dtype: .float64).item
        guard size.isFinite, square.isFinite else {
          return .failure(.notFinite("a product with the matrix"))
        }
        let now = square.squareRoot()
        if abs(now - estimate) <= 1e-6 * now { return .success(now) }
        estimate = now
        vector = next / size
      }
      return .failure(.notConverged(iterations: iterationLimit, estimate: estimate))
    }
    return try result.get()
  }
}
