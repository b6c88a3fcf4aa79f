public import Torch

/// A weighted layer whose weight is divided by its largest singular value.
///
///     W̄ = W / σ,   σ = uᵀ W v        (Miyato et al. 2018, equations 8 and 9)
///
/// W counts as (O, everything else). u and v approximate the first singular vectors; they are saved,
/// held constant in the gradient (equation 12) and moved by ``iterate(_:)`` alone, so that evaluating
/// the layer changes nothing. The parameter is W itself.
///
/// Whoever trains calls ``iterate(_:)`` once an update. A zero weight has no direction and gives NaN.
public struct SpectralNormalized<Base: WeightedLayer>: WeightedLayer, SpectralNormalization {
  /// The layer that computes with W̄.
  public let base: Base
  /// u (O), of norm 1.
  public let left: Buffer
  /// v (I), of norm 1.
  public let right: Buffer
  /// W.
  public var weight: Parameter { base.weight }
  /// The layer's own bias, which is not divided.
  public var bias: Parameter? { base.bias }
  public var outputFeatureAxis: Int { base.outputFeatureAxis }
  /// The layer's parameters, then u and v.
  public var parts: [Part] {
    base.parts + [.buffer("left_vector", left), .buffer("right_vector", right)]
  }

  /// Wraps a layer.
  ///
  /// - Parameters:
  ///   - base: keeps its parameters.
  ///   - generator: draws the first u.
  ///   - iterations: power iterations at the start.
  public init(_ base: Base, generator: Generator, iterations: Int = 15) {
    let weight = base.weight.value
    let rows = weight.shape[0]
    let dtype: DType = weight.dtype == .float64 ? .float64 : .float32
    let drawn = Tensor.normal([rows], generator: generator, dtype: dtype, device: generator.device)
    self.init(
      base: base, left: Buffer(PowerIteration.normalized(drawn).moved(to: weight.device)),
      right: Buffer(
        Tensor.zeros([weight.elementCount / rows], dtype: dtype, device: weight.device)))
    iterate(max(1, iterations))
  }

  private init(base: Base, left: Buffer, right: Buffer) {
    self.base = base
    self.left = left
    self.right = right
  }

  /// Moves u and v: `v ← Wᵀu / ‖Wᵀu‖, u ← Wv / ‖Wv‖`, as often as asked.
  public func iterate(_ count: Int) {
    withoutGradients {
      let matrix_OI = matrix(weight.value.detached())
      for _ in 0..<count {
        let step = PowerIteration(matrix_OI, left: left.value)
        right.assign(step.right)
        left.assign(step.left)
      }
    }
  }

  /// σ as the layer divides by it.
  public var singularValue: Double {
    withoutGradients { estimate(weight.value.detached()).item }
  }

  /// The same layer, sharing weight, u and v, without a bias.
  public func droppingBias() -> SpectralNormalized {
    SpectralNormalized(base: base.droppingBias(), left: left, right: right)
  }

  /// The same layer with other parameters; u and v are computed again.
  public func replacing(weight: Parameter, bias: Parameter?) -> SpectralNormalized {
    SpectralNormalized(
      base.replacing(weight: weight, bias: bias),
      generator: Generator(seed: 0).split("spectral-normalization"))
  }

  /// The layer's output with W̄.
  public func callAsFunction(_ input: Tensor) -> Tensor { self(input, weight: weight.value) }

  /// The layer's output with another W, divided by uᵀ W v.
  public func callAsFunction(_ input: Tensor, weight: Tensor) -> Tensor {
    base(input, weight: weight / estimate(weight))
  }

  private func estimate(_ weight: Tensor) -> Tensor {
    left.value.dot(matrix(weight).matrixProduct(right.value))
  }

  private func matrix(_ weight: Tensor) -> Tensor {
    weight.reshaped(to: [weight.shape[0], -1])
  }
}

/// A layer whose singular vectors are moved once an update.
public protocol SpectralNormalization: WeightedLayer {
  /// Power iterations.
  func iterate(_ count: Int)
  /// The largest singular value as estimated now.
  var singularValue: Double { get }
}

extension WeightedLayer {
  /// This layer with a spectrally normalized weight.
  public func spectrallyNormalized(generator: Generator) -> any SpectralNormalization {
    SpectralNormalized(self, generator: generator)
  }
}
