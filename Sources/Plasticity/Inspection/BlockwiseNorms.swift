import Torch

/// Sums over large tensors of any real type, in float64, some rows of elements at a time.
enum BlockwiseNorms {
  /// Elements of one block: 32 MiB in float64.
  static let blockSize = 1 << 22

  /// ‖W‖.
  static func norm(_ tensor: Tensor) -> DiagnosticOutcome {
    sumOfSquares(tensor) { block, _, _ in block }
  }

  /// ‖a − b‖; there is none between tensors of different shapes.
  static func distance(_ tensor: Tensor, _ other: Tensor) -> DiagnosticOutcome {
    guard tensor.shape == other.shape else {
      return .undefined(
        .notGiven("a tensor of shape \(tensor.shape) in the file before, which has \(other.shape),")
      )
    }
    let flat = other.reshaped(to: [-1])
    return sumOfSquares(tensor) { [flat] block, start, count in
      block - flat.narrowed(axis: 0, from: start, length: count).converted(to: .float64)
    }
  }

  private static func sumOfSquares(
    _ tensor: Tensor, _ value: (Tensor, Int, Int) -> Tensor
  ) -> DiagnosticOutcome {
    guard tensor.dtype != .complex64, tensor.dtype != .complex128 else {
      return .undefined(.notGiven("real numbers (the tensor is complex) were"))
    }
    return withoutGradients {
      let flat = tensor.reshaped(to: [-1])
      let total = flat.elementCount
      var squares = 0.0
      for start in stride(from: 0, to: total, by: blockSize) {
        let count = min(blockSize, total - start)
        let block = flat.narrowed(axis: 0, from: start, length: count).converted(to: .float64)
        let norm = value(block, start, count).vectorNorm().item
        squares += norm * norm
      }
      return DiagnosticOutcome(finite: squares.squareRoot(), "the norm")
    }
  }
}
