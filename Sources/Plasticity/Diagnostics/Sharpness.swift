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
/// of random direction added.
///
/// Source: Ghorbani et al. 2019 (arXiv 1901.10159), section 2, for the iteration on networks; Yao et al.
/// 2020 (PyHessian, arXiv 1912.07145), section 3, for power iteration; Cohen et al. 2021 (arXiv 2103.00065)
/// for the measure. Start, number of examples and limits are our choice.
public struct Sharpness: Diagnostic {
  /// `sharpness`.
  public static let name = "sharpness"
  /// One line.
  public static let summary = "largest eigenvalue of the loss's Hessian, by power iteration"
  /// Where it comes from.
  public static let source = "Yao et al. 2020, section 3; Ghorbani et al. 2019, section 2"
  /// `sharpness`.
  public static let metrics = ["sharpness"]

  /// The first so many probes make up the loss; all of them if there are fewer.
  public var exampleLimit: Int
  /// The residual, by |λ|, at which the iteration ends.
  public var tolerance: Double
  /// Products with the Hessian.
  public var iterationLimit: Int

  /// The measure with limits that suit a recording: 32 examples, 5 %, 15 products.
  public init() { self.init(exampleLimit: 32, tolerance: 0.05, iterationLimit: 15) }

  /// The measure with limits of the caller's.
  public init(exampleLimit: Int, tolerance: Double, iterationLimit: Int) {
    self.exampleLimit = exampleLimit
    self.tolerance = tolerance
    self.iterationLimit = iterationLimit
  }

  /// Cost: a forward and a backward pass, and one pass back through both a product.
  public func measure(_ subject: DiagnosticSubject) -> [DiagnosticReading] {
    readings { () throws(UndefinedReason) in
      try subject.require(examples: 1)
      guard !subject.parameters.isEmpty else { throw .noLayer("trainable parameter") }
      guard let labels = subject.labels else { throw .notGiven("labels of the probes were") }
      let count = min(exampleLimit, subject.probes.shape[0])
      let hessian = HessianProduct(subject, labels: labels, count: count)
      let start = hessian.start(subject.generator.split("sharpness"))
      return [DiagnosticReading("sharpness", .value(try largestEigenvalue(hessian, start)))]
    }
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
          let rest = next[index] - vector[index] * share
          return before.isEmpty ? rest : rest - before[index] * coupling
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

/// Products of the loss's Hessian with vectors, a tensor a parameter.
struct HessianProduct {
  private let values: [Tensor]
  private let recorded: [Tensor]

  /// Records the gradient of the mean loss over the first `count` probes.
  init(_ subject: DiagnosticSubject, labels: Tensor, count: Int) {
    let values = subject.parameters.map(\.parameter.value)
    let loss = withGradients {
      FusedKernels.disabled {
        subject.loss(subject.network(subject.probes[0..<count]), labels[0..<count])
      }
    }
    let seed = withoutGradients { Tensor.onesLike(loss.detached()) }
    let found = withGradients {
      gradients(of: [loss], seeds: [seed], withRespectTo: values, createGraph: true)
    }
    // A parameter that the loss does not reach has a zero gradient, and so a zero in every product.
    self.values = values
    recorded = zip(found, values).map { gradient, value in
      gradient ?? withoutGradients { Tensor.zerosLike(value.detached()) }
    }
  }

  /// A vector of norm 1: the gradient with a tenth of random direction.
  func start(_ generator: Generator) -> [Tensor] {
    withoutGradients {
      let random = values.map { value in
        Tensor.normal(value.shape, generator: generator, dtype: .float32)
          .moved(to: value.device, dtype: value.dtype)
      }
      let (size, scale) = (Self.norm(recorded), Self.norm(random))
      let mixed = zip(recorded, random).map { gradient, noise in
        let part = noise * (0.1 / scale)
        return size > 0 && size.isFinite ? gradient.detached() / size + part : part
      }
      let norm = Self.norm(mixed)
      return mixed.map { $0 / norm }
    }
  }

  /// H v.
  func callAsFunction(_ vector: [Tensor]) -> [Tensor] {
    let reached = recorded.indices.filter { recorded[$0].requiresGradient }
    guard !reached.isEmpty else { return withoutGradients { vector.map { Tensor.zerosLike($0) } } }
    let products = gradients(
      of: reached.map { recorded[$0] }, seeds: reached.map { vector[$0] },
      withRespectTo: values, retainGraph: true)
    return withoutGradients {
      zip(products, vector).map { product, vector in product ?? Tensor.zerosLike(vector) }
    }
  }

  /// ⟨a, b⟩, accumulated in float64.
  static func dot(_ left: [Tensor], _ right: [Tensor]) -> Double {
    withoutGradients {
      zip(left, right).reduce(0.0) { $0 + ($1.0 * $1.1).sum(dtype: .float64).item }
    }
  }

  /// ‖a‖, accumulated in float64.
  static func norm(_ vector: [Tensor]) -> Double { Norms(vector).total }
}
