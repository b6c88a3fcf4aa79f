public import Torch

/// `y = (x − mean) / √(var + ε) · σ + μ` over the normalized axes of each example, with the biased
/// variance (Ba, Kiros & Hinton 2016).
///
/// Shapes stay. Scaling the input by `c > 0` leaves the output, exactly if ε = 0.
public struct LayerNorm: FeatureNormalization {
  public var kind: Tensor.NormKind { .layer }
  public let axes: NormalizationAxes
  /// Added to the variance.
  public let epsilon: Double
  public let affine: LearnedAffine
  /// σ, first 1.
  public let scale: Parameter?
  /// μ, first 0.
  public let offset: Parameter?

  /// A normalization of the given axes.
  ///
  /// - Parameters:
  ///   - axes: what shares a mean and a variance; the features unless told otherwise.
  ///   - affine: whether gain and shift are learned, and for what. Both share a ``ScaleGroup``.
  ///   - epsilon: 1e-5 as in PyTorch and Haiku; the paper's is unknown.
  ///   - dtype: the parameters' element type.
  ///   - device: where the parameters live.
  public init(
    axes: NormalizationAxes = .last(1), affine: LearnedAffine = .none, epsilon: Double = 1e-5,
    dtype: DType = .float32, device: Device = .cpu
  ) {
    self.axes = axes
    self.epsilon = epsilon
    self.affine = affine
    let group = ScaleGroup()
    scale = affine.shape.map {
      Parameter(Tensor.ones($0, dtype: dtype, device: device), role: .scale, group: group)
    }
    offset = affine.shape.map {
      Parameter(Tensor.zeros($0, dtype: dtype, device: device), role: .offset, group: group)
    }
  }

  /// Over the last axes, which have `shape`, with a gain and a shift for each element when
  /// `isLearned`: PyTorch's `LayerNorm(shape)`.
  public init(
    shape: [Int], isLearned: Bool = true, epsilon: Double = 1e-5, dtype: DType = .float32,
    device: Device = .cpu
  ) {
    self.init(
      axes: .last(shape.count), affine: isLearned ? .perElement(shape) : .none, epsilon: epsilon,
      dtype: dtype, device: device)
  }

  /// libtorch's `layer_norm`.
  public func normalized(
    _ input: Tensor, shape: [Int], scale: Tensor?, offset: Tensor?, epsilon: Double
  ) -> Tensor {
    input.layerNorm(shape: shape, scale: scale, offset: offset, epsilon: epsilon)
  }
}
