public import Networks
import Torch

/// Spectral regularization: the largest singular value of every weight is pulled towards 1, biases towards 0.
///
///     L + λ ( Σ_W (σ(W)^k − 1)² + Σ_b ‖b‖^(2k) )
///
///     g_W ← g_W + 2 λ k (σ^k − 1) σ^(k−1) u vᵀ        g_b ← g_b + 2 λ k ‖b‖^(2k−2) b
///
/// with k = 2, over every weight, the output's included; a kernel counts as (O, everything else). u and v are the first
/// singular vectors, held constant in the gradient and followed by one power iteration an update, which is saved. A
/// learned scale of a normalization is a diagonal matrix, whose σ is its largest magnitude; an offset counts as a bias.
///
/// Source: Lewandowski et al. 2024 (arXiv 2406.06811, ICLR 2025), section 4: the penalty, k = 2 and the one iteration.
/// The paper itself could not be read; the formula stands alike in two independent re-implementations. How it treats
/// scales and offsets is not known: the reading above is our choice, and ``normalizations`` leaves them out. λ = 1e-3
/// is our choice. Cost: two products of a vector with each weight, and the outer product of two vectors, an update.
public struct SpectralRegularization: Intervention {
  public static let name = "spectral-regularization"
  public static let summary =
    "pulls the largest singular value of every weight towards 1, biases towards 0"
  public static let source = "Lewandowski et al. 2024, section 4"

  /// λ.
  public var coefficient = 1e-3
  /// k.
  public var exponent = 2
  /// Power iterations an update; 1 in the source.
  public var iterations = 1
  /// Whether learned scales and offsets of normalizations are pulled, too.
  public var normalizations = true

  public init() {}

  /// Hidden norms move with their largest singular value.
  public var effects: Set<InterventionEffect> { [.hiddenNorms] }

  /// λ is at least 0, k lies within 1 and 8, at least one iteration.
  public func validate() throws(ConfigurationError) {
    try requireNotNegative(coefficient, "coefficient")
    try require((1...8).contains(exponent), "exponent", "1 to 8", exponent)
    try require((1...1_000).contains(iterations), "iterations", "1 to 1,000", iterations)
  }

  public func idleReason(on subject: InterventionSubject) -> String? {
    guard !subject.parameters.contains(where: ParameterSelection.weights.includes) else {
      return nil
    }
    return "this network has no weight; leave \(Self.name) out"
  }

  public func hook() -> any Hook { SpectralPenalty(configuration: self) }
}

/// ``SpectralRegularization`` at work.
struct SpectralPenalty: Hook {
  /// Iterations before the first update, so that it meets singular vectors.
  static let firstIterations = 15

  let configuration: SpectralRegularization
  /// u (O) of each weight, by the parameter's place.
  private(set) var vectors: [(index: Int, name: String, left: Tensor)] = []

  var name: String { SpectralRegularization.name }

  var savedTensors: [(name: String, tensor: Tensor)] {
    vectors.map { ("left.\($0.name)", $0.left) }
  }

  mutating func begin(_ site: HookSite) {
    vectors = site.parameters.enumerated().compactMap { index, named in
      let weight = named.parameter.value
      guard ParameterSelection.weights.includes(named.parameter), weight.dimensionCount > 1
      else { return nil }
      let dtype: DType = weight.dtype == .float64 ? .float64 : .float32
      let left = Tensor.normal(
        [weight.shape[0]], generator: site.generator.split(named.name), dtype: dtype,
        device: site.generator.device
      ).moved(to: weight.device)
      _ = iterated(weight, left, Self.firstIterations)
      return (index, named.name, left)
    }
  }

  mutating func afterGradients(_ moment: inout TrainingMoment) {
    withoutGradients {
      for (index, _, left) in vectors {
        let parameter = moment.parameters[index].parameter
        guard parameter.isTrainable else { continue }
        let weight = parameter.value.detached()
        let (size, right) = iterated(weight, left, configuration.iterations)
        let slope = slope(at: size)
        let term = (left.outer(right) * slope).reshaped(to: weight.shape)
        moment.gradients[index] = moment.gradients[index] + term.converted(to: weight.dtype)
      }
      for index in moment.parameters.indices { addVectorTerm(index, &moment) }
    }
  }

  /// The term of a bias, a scale or an offset.
  private func addVectorTerm(_ index: Int, _ moment: inout TrainingMoment) {
    let parameter = moment.parameters[index].parameter
    guard parameter.isTrainable else { return }
    let value = parameter.value.detached()
    switch parameter.role {
    case .bias: break
    case .offset where configuration.normalizations: break
    case .scale where configuration.normalizations:
      let magnitudes = value.absolute()
      let largest = magnitudes.maximum()
      let mask = magnitudes.equal(to: largest).converted(to: value.dtype)
      // Of several largest elements each is pulled by its share.
      let direction = mask * value.sign() / mask.sum()
      moment.gradients[index] = moment.gradients[index] + direction * slope(at: largest)
      return
    default: return
    }
    let exponent = configuration.exponent
    let square = value.squared().sum(dtype: .float64)
    let factor =
      square.power(.integer(exponent - 1)) * (2 * configuration.coefficient * Double(exponent))
    moment.gradients[index] = moment.gradients[index] + value * factor
  }

  /// The derivative of λ (σ^k − 1)² by σ.
  private func slope(at size: Tensor) -> Tensor {
    let exponent = configuration.exponent
    let wide = size.converted(to: .float64)
    return (wide.power(.integer(exponent)) - 1) * (2 * configuration.coefficient * Double(exponent))
      * wide.power(.integer(exponent - 1))
  }

  /// Moves u by power iterations; that of a zero weight stays.
  ///
  /// - Returns: σ and v.
  private func iterated(
    _ weight: Tensor, _ left: Tensor, _ count: Int
  ) -> (size: Tensor, right: Tensor) {
    withoutGradients {
      let matrix_OI = weight.detached().reshaped(to: [weight.shape[0], -1])
        .converted(to: left.dtype)
      var step = PowerIteration(matrix_OI, left: left)
      for _ in 1..<count { step = PowerIteration(matrix_OI, left: step.left) }
      _ = left.copyInPlace(
        from: step.left.choosing(where: step.size.greater(than: 0), otherwise: left))
      return (step.size, step.right)
    }
  }
}
