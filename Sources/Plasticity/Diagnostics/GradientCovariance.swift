import Networks
public import Torch

/// How the gradients of single examples lie to one another: the matrix of their cosines.
///
///     C_ij = ⟨g_i, g_j⟩ / (‖g_i‖ ‖g_j‖),   g_i = ∂ℓ(x_i)/∂θ
///
/// The series are the mean over pairs i ≠ j, near 1 where every example pulls the same way, and the
/// share of pairs below 0, whose examples undo one another. Pairs with a zero gradient have no cosine
/// and are left out; without any pair there is no value.
///
/// Source: Lyle et al. 2023 (arXiv 2303.01486), section 3 (gradient covariance).
public struct GradientCovariance: Diagnostic {
  public static let name = "gradient-covariance"
  public static let summary = "cosines between the gradients of single examples"
  public static let source = "Lyle et al. 2023 (arXiv 2303.01486), section 3"
  public static let metrics = ["gradient_cosine", "gradient_conflict"]

  public init() {}

  /// Mean cosine and share of negative ones. Cost: one backward pass without weight gradients, and the
  /// inner products of each layer's inputs and deltas.
  public func measure(
    _ subject: DiagnosticSubject
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    let matrix_NN = try cosines(subject)
    let count = matrix_NN.shape[0]
    let values = matrix_NN.doubles
    var (sum, negative, pairs) = (0.0, 0, 0)
    for row in 0..<count {
      for column in 0..<row where !values[row * count + column].isNaN {
        let cosine = values[row * count + column]
        sum += cosine
        pairs += 1
        if cosine < 0 { negative += 1 }
      }
    }
    guard pairs > 0 else { throw .zero("no two examples have a gradient") }
    return [
      DiagnosticReading("gradient_cosine", .value(sum / Double(pairs))),
      DiagnosticReading("gradient_conflict", .value(Double(negative) / Double(pairs))),
    ]
  }

  /// The matrix (N, N) in float64; NaN in the row and column of an example whose gradient is zero.
  ///
  /// - Throws: the reason why there is none.
  public func cosines(_ subject: DiagnosticSubject) throws(UndefinedReason) -> Tensor {
    let gram_NN = try Self.gram(subject)
    return withoutGradients {
      let norms_N = gram_NN.diagonal().squareRoot()
      let norms_NN = norms_N.unsqueezed(axis: 1) * norms_N.unsqueezed(axis: 0)
      return gram_NN / norms_NN
    }
  }

  private static func gram(_ subject: DiagnosticSubject) throws(UndefinedReason) -> Tensor {
    try subject.require(examples: 2)
    let deltas = try subject.lossDeltas.get()
    let gram_NN: Tensor
    if let layers = subject.perExampleLayers {
      guard let found = withoutGradients({ layers.gram(deltas) }) else {
        throw .noLayer("trainable parameter")
      }
      gram_NN = found
    } else {
      let rows = try PerExampleRows(subject, outputCount: 1)
      guard let labels = subject.labels else { throw .notGiven("labels of the probes were") }
      gram_NN =
        rows.gram(wantsInputs: false) { output, example in
          subject.loss(output, labels[example..<example + 1])
        }.gram
    }
    guard withoutGradients({ gram_NN.sum().item }).isFinite else {
      throw .notFinite("a gradient of the loss")
    }
    return gram_NN
  }
}
