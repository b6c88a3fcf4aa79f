public import Torch

/// A two-dimensional convolution (cross-correlation, as everywhere in the field).
///
/// Input (B, I, H, W) to output (B, O, H′, W′) with `H′ = ⌊(H + 2 padding − kernel) / stride⌋ + 1`;
/// the weight is (O, I / groups, height, width), as in PyTorch.
public struct Convolution2D: WeightedLayer {
  /// (O, I / groups, height, width).
  public let weight: Parameter
  /// (O).
  public let bias: Parameter?
  /// Pixels from one output to the next.
  public let stride: Extent2D
  /// Zeros added on each side.
  public let padding: Extent2D
  /// Parts that channels are split into; each output part sees one input part.
  public let groups: Int
  public var outputFeatureAxis: Int { -3 }

  /// A layer with new parameters.
  ///
  /// - Parameters:
  ///   - inputChannels: I, divisible by `groups`.
  ///   - outputChannels: O, divisible by `groups`.
  ///   - kernel: the window.
  ///   - stride: pixels from one output to the next.
  ///   - padding: zeros added on each side; half an odd kernel keeps the size at stride 1.
  ///   - groups: parts that channels are split into.
  ///   - hasBias: whether a bias is added to each channel.
  ///   - isOutput: whether the result is the network's, not normalized afterwards.
  ///   - initializer: draws weight and bias; see ``Linear``.
  ///   - generator: where the draws come from, in the order weight, bias.
  ///   - dtype: the parameters' element type.
  ///   - device: where the parameters live.
  public init(
    inputChannels: Int, outputChannels: Int, kernel: Extent2D, stride: Extent2D = 1,
    padding: Extent2D = 0, groups: Int = 1, hasBias: Bool = true, isOutput: Bool = false,
    initializer: Initializer = .uniformFanIn, generator: Generator, dtype: DType = .float32,
    device: Device = .cpu
  ) {
    let fanIn = inputChannels / groups * kernel.height * kernel.width
    let drawn = initializer.tensor(
      [outputChannels, inputChannels / groups, kernel.height, kernel.width], generator: generator,
      dtype: dtype, device: device)
    let bias =
      hasBias
      ? Parameter(
        initializer.bias(
          count: outputChannels, fanIn: fanIn, generator: generator, dtype: dtype, device: device),
        role: .bias) : nil
    self.init(
      weight: Parameter(drawn, role: isOutput ? .output : .weight(fanIn: fanIn)), bias: bias,
      stride: stride, padding: padding, groups: groups)
  }

  /// A layer of given parameters: weight (O, I / groups, height, width), bias (O).
  public init(
    weight: Parameter, bias: Parameter?, stride: Extent2D = 1, padding: Extent2D = 0,
    groups: Int = 1
  ) {
    self.weight = weight
    self.bias = bias
    self.stride = stride
    self.padding = padding
    self.groups = groups
  }

  public func droppingBias() -> Convolution2D {
    Convolution2D(weight: weight, bias: nil, stride: stride, padding: padding, groups: groups)
  }

  public func replacing(weight: Parameter, bias: Parameter?) -> Convolution2D {
    Convolution2D(weight: weight, bias: bias, stride: stride, padding: padding, groups: groups)
  }

  /// Input (B, I, H, W) to output (B, O, H′, W′).
  public func callAsFunction(_ input: Tensor) -> Tensor { self(input, weight: weight.value) }

  /// Input (B, I, H, W) to output (B, O, H′, W′), by another kernel (O, I / groups, height, width).
  public func callAsFunction(_ input: Tensor, weight: Tensor) -> Tensor {
    FusedKernels.areEnabled
      ? input.imageConvolution2D(
        weight: weight, bias: bias?.value, stride: (stride.height, stride.width),
        padding: (padding.height, padding.width), groups: groups)
      : input.convolution2D(
        weight: weight, bias: bias?.value, stride: [stride.height, stride.width],
        padding: [padding.height, padding.width], groups: groups)
  }
}
