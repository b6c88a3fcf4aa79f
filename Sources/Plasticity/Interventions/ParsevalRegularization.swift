public import Networks
import Torch

/// Parseval regularization: the rows of hidden weights are pulled towards orthogonality.
///
///     L + λ Σ_W ‖W Wᵀ − s I‖²_F,  so  g ← g + 4 λ (W Wᵀ − s I) W
///
/// over the hidden weights; a kernel counts as (O, everything else). Output weights are left alone.
/// Where a matrix has more rows than columns the penalty cannot vanish.
///
/// Source: Chung et al. 2024 (arXiv 2412.07224); s is the square of the initializer's gain, 2 for
/// rectifiers, as in the authors' code (commit 2fd0529), which also scales λ by (64 / width)², left to
/// λ here. λ = 1e-3 is our choice. Their diagonal layers and groups of rows are not built.
public struct ParsevalRegularization: Intervention, Hook {
  /// `parseval`.
  public static let name = "parseval"
  /// One line.
  public static let summary = "pulls the rows of hidden weights towards orthogonality"
  /// Where it comes from.
  public static let source = "Chung et al. 2024"

  /// λ.
  public var coefficient = 1e-3
  /// s.
  public var scale = 2.0

  /// λ = 1e-3, s = 2.
  public init() {}

  /// Hidden norms are pulled to √(s O).
  public var effects: Set<InterventionEffect> { [.hiddenNorms] }

  /// λ is at least 0, s above 0.
  public func validate() throws(ConfigurationError) {
    try requireNotNegative(coefficient, "coefficient")
    try requirePositive(scale, "scale")
  }

  /// Itself: it has no state.
  public func hook() -> any Hook { self }

  /// Adds 4 λ (W Wᵀ − s I) W to the gradient of every hidden weight.
  public mutating func afterGradients(_ moment: inout TrainingMoment) {
    moment.addToGradients(where: { ParameterSelection.hidden.includes($0) }) { weight, _ in
      let matrix_OI = weight.reshaped(to: [weight.shape[0], -1])
      let gram_OO = matrix_OI.matrixProduct(matrix_OI.transposed())
      let identity = Tensor.identity(
        weight.shape[0], dtype: weight.dtype, device: weight.device)
      let excess_OO = gram_OO - identity * scale
      return (excess_OO.matrixProduct(matrix_OI) * (4 * coefficient)).reshaped(to: weight.shape)
    }
  }
}
