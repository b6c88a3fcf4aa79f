public import Torch

/// `y = x / √(mean(x²) + ε) · σ (+ μ)` over the normalized axes of each example (Zhang & Sennrich 2019).
///
/// Shapes stay. Scaling the input by `c > 0` leaves the output, exactly if ε = 0.
public struct RMSNorm: FeatureNormalization {
  public var kind: Tensor.NormKind { .rms }
  /// What shares a mean square.
  public let axes: NormalizationAxes
  /// Added to the mean square.
  public let epsilon: Double
  public let affine: LearnedAffine
  /// σ, first 1.
  public let scale: Parameter?
  /// μ, first 0.
  public let offset: Parameter?

  /// A normalization of the given axes.
  ///
  /// - Parameters:
  ///   - axes: what shares a mean square; the features unless told otherwise.
  ///   - affine: whether a gain is learned, and for what.
  ///   - hasOffset: whether a shift is learned beside the gain, which RMSNorm usually has not but
  ///     which replaces a dropped bias.
  ///   - epsilon: 1e-5 as for ``LayerNorm``; PyTorch's own default is the type's smallest step above 1.
  ///   - dtype: the parameters' element type.
  ///   - device: where the parameters live.
  public init(
    axes: NormalizationAxes = .last(1), affine: LearnedAffine = .none, hasOffset: Bool = false,
    epsilon: Double = 1e-5, dtype: DType = .float32, device: Device = .cpu
  ) {
    self.axes = axes
    self.epsilon = epsilon
    self.affine = affine
    let group = ScaleGroup()
    scale = affine.shape.map {
      Parameter(Tensor.ones($0, dtype: dtype, device: device), role: .scale, group: group)
    }
    offset =
      hasOffset
      ? affine.shape.map {
        Parameter(Tensor.zeros($0, dtype: dtype, device: device), role: .offset, group: group)
      } : nil
  }

  /// Over the last axes, which have `shape`, with a gain for each element when `isLearned`:
  /// PyTorch's `RMSNorm(shape)`.
  public init(
    shape: [Int], isLearned: Bool = true, epsilon: Double = 1e-5, dtype: DType = .float32,
    device: Device = .cpu
  ) {
    self.init(
      axes: .last(shape.count), affine: isLearned ? .perElement(shape) : .none, epsilon: epsilon,
      dtype: dtype, device: device)
  }

  /// Our kernel where ``FusedKernels`` allow it and it serves the input; else libtorch's `rms_norm`, which on the CPU
  /// is a chain of passes, then the shift.
  public func normalized(
    _ input: Tensor, shape: [Int], scale: Tensor?, offset: Tensor?, epsilon: Double
  ) -> Tensor {
    if FusedKernels.areEnabled, input.device == .cpu,
      [.float32, .float64].contains(input.dtype), (scale ?? input).dtype == input.dtype
    {
      return input.normalizedRectified(
        kind, size: shape.reduce(1, *), scale: scale, offset: offset, epsilon: epsilon, slope: 1)
    }
    let normal = input.rmsNorm(shape: shape, scale: scale, epsilon: epsilon)
    return offset.map { normal + $0 } ?? normal
  }
}
