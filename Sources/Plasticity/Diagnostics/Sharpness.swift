import Networks
import Torch

/// The largest eigenvalue of the loss's Hessian over some probes, by power iteration in Lanczos' form.
///
///     v, H v, H² v, …
///
/// Power iteration keeps the last of these alone. Lanczos' iteration keeps the Hessian's action on all
/// of them, a tridiagonal matrix, and takes its largest eigenvalue λ: far fewer products are needed, a
/// large negative eigenvalue does not get in the way, and the residual ‖H u − λ u‖ is known without
/// another product. There is an eigenvalue of H within it of λ (and, in practice, far closer). The iteration ends
/// when the residual is at most the tolerance times |λ|; one that does not settle is an outcome, not a
/// number. It starts from the gradient, which lies mostly among the leading eigenvectors, with a tenth
/// of random direction added. A linear layer's weight enters by the directions alone that it can curve
/// along, which changes no eigenvalue but zeros (`NarrowedLinear`).
///
/// Source: Ghorbani et al. 2019 (arXiv 1901.10159), section 2, for the iteration on networks; Yao et al.
/// 2020 (PyHessian, arXiv 1912.07145), section 3, for power iteration; Cohen et al. 2021 (arXiv 2103.00065)
/// for the measure. Start, number of examples and limits are our choice.
public struct Sharpness: Diagnostic {
  public static let name = "sharpness"
  public static let summary = "largest eigenvalue of the loss's Hessian, by power iteration"
  public static let source = "Yao et al. 2020, section 3; Ghorbani et al. 2019, section 2"
  public static let metrics = ["sharpness"]

  /// Up to 200 products.
  public var thorough: Sharpness { Sharpness(iterationLimit: 200) }

  /// As a recording takes it.
  public init() { self.init(iterationLimit: 15) }

  /// The first so many probes make up the loss; all of them if there are fewer.
  public var exampleLimit: Int
  /// The residual, by |λ|, at which the iteration ends.
  public var tolerance: Double
  /// Products with the Hessian.
  public var iterationLimit: Int

  /// The measure as it is defined wherever it bears its name: the loss of 32 examples, to 5 %.
  ///
  /// - Parameter iterationLimit: products with the Hessian; 15 suit a recording. More give a number where fewer give
  ///   none, and never
  ///   another number.
  public init(iterationLimit: Int) {
    self.init(exampleLimit: 32, tolerance: 0.05, iterationLimit: iterationLimit)
  }

  /// The measure with limits of the caller's, for comparison with other implementations: another number of examples is
  /// another quantity.
  public init(exampleLimit: Int, tolerance: Double, iterationLimit: Int) {
    self.exampleLimit = exampleLimit
    self.tolerance = tolerance
    self.iterationLimit = iterationLimit
  }

  /// Cost: a forward and a backward pass, and one pass back through both a product, in which a linear
  /// layer (O, I) wider than the N examples costs as two of (O, N) and (I, N), its own weight held fixed.
  public func measure(
    _ subject: DiagnosticSubject
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    try subject.require(examples: 1)
    guard !subject.parameters.isEmpty else { throw .noLayer("trainable parameter") }
    guard let labels = subject.labels else { throw .notGiven("labels of the probes were") }
    let count = min(exampleLimit, subject.probes.shape[0])
    let loss = try ProbeLoss(subject, labels: labels, count: count)
    let hessian = HessianProduct(loss)
    let start = hessian.start(subject.generator.split("sharpness"))
    let found = try largestEigenvalue(hessian, start)
    // Where every curvature that an example sees is downwards, a flat direction is the largest.
    let value = loss.leavesOutFlatDirections ? max(found, 0) : found
    return [DiagnosticReading("sharpness", .value(value))]
  }

  private func largestEigenvalue(
    _ hessian: HessianProduct, _ start: [Tensor]
  ) throws(UndefinedReason) -> Double {
    var (vector, before, coupling) = (start, [Tensor](), 0.0)
    var (diagonal, couplings) = ([Double](), [Double]())
    var estimate = Double.nan
    while diagonal.count < iterationLimit {
      var next = hessian(vector)
      let share = HessianProduct.dot(vector, next)
      withoutGradients {
        next = next.indices.map { index in
          let rest = next[index].subtracting(vector[index], scaledBy: .real(share))
          guard !before.isEmpty else { return rest }
          return rest.subtractInPlace(before[index], scaledBy: .real(coupling))
        }
      }
      let size = HessianProduct.norm(next)
      guard share.isFinite, size.isFinite else { throw .notFinite("a product with the Hessian") }
      diagonal.append(share)
      let ritz = Self.largestRitz(diagonal, couplings)
      estimate = ritz.value
      if size * abs(ritz.last) <= tolerance * abs(estimate) || size == 0 { return estimate }
      couplings.append(size)
      (before, coupling) = (vector, size)
      vector = withoutGradients { next.map { $0 / size } }
    }
    throw .notConverged(iterations: iterationLimit, estimate: estimate)
  }

  /// The largest eigenvalue of the tridiagonal matrix, and the last element of its eigenvector.
  private static func largestRitz(
    _ diagonal: [Double], _ couplings: [Double]
  ) -> (value: Double, last: Double) {
    let count = diagonal.count
    var matrix = [Double](repeating: 0, count: count * count)
    for index in 0..<count {
      matrix[index * count + index] = diagonal[index]
      if index > 0 { matrix[index * count + index - 1] = couplings[index - 1] }
    }
    let found = Tensor(matrix, shape: [count, count]).symmetricEigendecomposition()
    return (
      found.eigenvalues[count - 1].item, found.eigenvectors[count - 1][count - 1].item
    )
  }
}
