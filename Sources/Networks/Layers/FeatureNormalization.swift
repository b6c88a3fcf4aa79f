public import Torch

/// The elements of one example that share one mean and one variance.
public enum NormalizationAxes: Sendable, Hashable {
  /// The last axes, as many as given: 1 for features (B, F), 3 for all of an image (B, C, H, W).
  case last(Int)
  /// Axis 1 at every position of (B, C, H, W): the channels of a pixel.
  case channels
}

/// The learned gain `σ` and shift `μ` that follow a normalization, `y σ + μ`.
///
/// On images a parameter can belong to an element, as in PyTorch's `LayerNorm`, or to a channel, as
/// in its `GroupNorm`. A channel's is the default there: it does not tie the layer to an image size,
/// and treats every position alike, as the convolution before it does.
public enum LearnedAffine: Sendable, Hashable {
  /// Neither; σ = 1 and μ = 0.
  case none
  /// One for each normalized element; its shape is that of the normalized axes.
  case perElement([Int])
  /// One for each channel of (B, C, H, W), or feature of (B, F).
  case perChannel(Int)

  /// The shape of the scale and the offset.
  var shape: [Int]? {
    switch self {
    case .none: nil
    case .perElement(let shape): shape
    case .perChannel(let count): [count]
    }
  }
}

/// A normalization of each example by its own statistics, the same in training and evaluation.
///
/// In `y = (x − m) / √(v + ε)` the statistics are taken over ``axes`` of each example.
public protocol FeatureNormalization: FusableNormalization {
  /// The statistics that are removed.
  var kind: Tensor.NormKind { get }
  /// What shares a mean and a variance.
  var axes: NormalizationAxes { get }
  /// Added to the variance; breaks scale invariance unless zero.
  var epsilon: Double { get }
  /// What the parameters belong to.
  var affine: LearnedAffine { get }
  /// The gain, or `nil` for 1.
  var scale: Parameter? { get }
  /// The shift, or `nil` for 0.
  var offset: Parameter? { get }

  /// The normalization over the last axes, which have the shape given, with gain and shift of that
  /// shape.
  func normalized(
    _ input: Tensor, shape: [Int], scale: Tensor?, offset: Tensor?, epsilon: Double
  ) -> Tensor
}

extension FeatureNormalization {
  /// The scale, then the offset, where there are any.
  public var parts: [Part] { Part.optional("scale", scale) + Part.optional("offset", offset) }

  /// ``epsilon``, unless ``NormalizationEpsilon`` overrides it.
  var effectiveEpsilon: Double { NormalizationEpsilon.replacement ?? epsilon }

  /// The same shape as the input.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    switch axes {
    case .last(let count):
      let shape = Array(input.shape.suffix(count))
      guard case .perChannel = affine, count > 1 else {
        return normalized(
          input, shape: shape, scale: scale?.value, offset: offset?.value,
          epsilon: effectiveEpsilon)
      }
      return affinePerChannel(
        normalized(input, shape: shape, scale: nil, offset: nil, epsilon: effectiveEpsilon))
    case .channels:
      let last_BHWC = input.permuted(to: Self.moved(1, last: true, of: input.dimensionCount))
      let normal_BHWC = normalized(
        last_BHWC, shape: [input.shape[1]], scale: scale?.value, offset: offset?.value,
        epsilon: effectiveEpsilon)
      return normal_BHWC.permuted(to: Self.moved(1, last: false, of: input.dimensionCount))
    }
  }

  /// One kernel for float32 and float64 on CPU, over the last axes; `nil` elsewhere.
  ///
  /// A channel's gain and shift are spread over its elements first.
  public func fused(with negativeSlope: Double, _ input: Tensor) -> Tensor? {
    guard case .last(let count) = axes, input.device == .cpu else { return nil }
    let dtype = input.dtype
    guard dtype == .float32 || dtype == .float64, (scale?.value.dtype ?? dtype) == dtype else {
      return nil
    }
    let shape = Array(input.shape.suffix(count))
    return input.normalizedRectified(
      kind, size: shape.reduce(1, *), scale: spread(scale, over: shape),
      offset: spread(offset, over: shape), epsilon: effectiveEpsilon, slope: negativeSlope)
  }

  /// A parameter with one element for each normalized element.
  private func spread(_ parameter: Parameter?, over shape: [Int]) -> Tensor? {
    guard let parameter, case .perChannel(let channels) = affine, shape.count > 1 else {
      return parameter?.value
    }
    let rest = [Int](repeating: 1, count: shape.count - 1)
    return parameter.value.viewed(as: [channels] + rest).expanded(to: shape).contiguous()
  }

  /// Gain and shift of each channel of (B, C, …).
  private func affinePerChannel(_ normal: Tensor) -> Tensor {
    let shape = [-1] + [Int](repeating: 1, count: normal.dimensionCount - 2)
    var result = normal
    if let scale { result = result * scale.value.viewed(as: shape) }
    if let offset { result = result + offset.value.viewed(as: shape) }
    return result
  }

  /// The permutation that moves one axis to the end, or the last axis there.
  private static func moved(_ axis: Int, last: Bool, of count: Int) -> [Int] {
    var order = Array(0..<count)
    if last {
      order.append(order.remove(at: axis))
    } else {
      order.insert(order.removeLast(), at: axis)
    }
    return order
  }
}

/// The ε of every normalization, replaced for a scope.
///
/// With ε = 0 a normalized layer is scale invariant exactly; the audit measures it so.
public enum NormalizationEpsilon {
  @TaskLocal static var replacement: Double?

  /// Runs `body` with every ``FeatureNormalization`` using `epsilon`.
  public static func replaced<Result>(
    by epsilon: Double, _ body: () throws -> Result
  ) rethrows -> Result {
    try $replacement.withValue(epsilon, operation: body)
  }
}
