import Torch

/// Appends layers while keeping track of the shape that the next one sees.
struct NetworkBuilder {
  let source: ParameterSource
  let activation: ActivationKind
  private var elements: [Sequential.Element] = []
  private(set) var channels: Int
  private var height = 1
  private var width = 1
  private var convolutionCount = 0
  private var activationCount = 0

  /// Begins with vectors.
  init(activation: ActivationKind, source: ParameterSource, features: Int) {
    self.activation = activation
    self.source = source
    channels = features
  }

  /// Begins with images of channels, height and width.
  init(activation: ActivationKind, source: ParameterSource, image: [Int]) {
    self.init(activation: activation, source: source, features: image[0])
    height = image[1]
    width = image[2]
  }

  mutating func append(_ name: String, _ layer: any Layer) {
    elements.append(Sequential.Element(name, layer))
  }

  mutating func appendConvolution(_ count: Int, kernel: Int, stride: Int) {
    let name = "convolution\(convolutionCount)"
    append(name, source.convolution(name, channels, count, kernel: kernel, stride: stride))
    convolutionCount += 1
    channels = count
    height = Self.convolved(height, kernel: kernel, stride: stride)
    width = Self.convolved(width, kernel: kernel, stride: stride)
    appendActivation()
  }

  /// A convolution without a bias and the batch normalization after it.
  mutating func appendNormalizedConvolution(_ count: Int, kernel: Int, stride: Int, suffix: String)
  {
    let name = "convolution\(suffix)"
    append(
      name,
      source.convolution(name, channels, count, kernel: kernel, stride: stride, hasBias: false))
    append(
      "normalization\(suffix)",
      BatchNorm2D(channels: count, dtype: source.dtype, device: source.device))
    channels = count
    height = Self.convolved(height, kernel: kernel, stride: stride)
    width = Self.convolved(width, kernel: kernel, stride: stride)
  }

  mutating func appendPool(_ name: String) {
    append(name, MaximumPool2D(kernel: 2))
    height /= 2
    width /= 2
  }

  mutating func appendGlobalPool(_ name: String) {
    append(name, GlobalAveragePool())
    height = 1
    width = 1
  }

  /// What was appended so far.
  var sequence: Sequential { Sequential(elements) }

  /// Notes what a layer of several branches does to the shape; sides are halved up, as a padded
  /// convolution of stride 2 does.
  mutating func passed(channels count: Int, stride: Int) {
    channels = count
    height = (height + stride - 1) / stride
    width = (width + stride - 1) / stride
  }

  mutating func appendFlatten() {
    append("flatten", Flatten())
    channels *= height * width
    height = 1
    width = 1
  }

  mutating func appendDense(_ widths: [Int]) {
    for (index, count) in widths.enumerated() {
      let name = "hidden\(index)"
      append(name, source.linear(name, channels, count))
      channels = count
      appendActivation()
    }
  }

  mutating func finished(classes: Int) -> Sequential {
    append("output", source.linear("output", channels, classes, isOutput: true))
    return Sequential(elements)
  }

  mutating func appendActivation() {
    let layer = activation.make()
    append("activation\(activationCount)", layer)
    activationCount += 1
    channels *= layer.featureFactor
  }

  /// The side after a convolution padded by half its kernel.
  static func convolved(_ side: Int, kernel: Int, stride: Int) -> Int {
    (side + 2 * (kernel / 2) - kernel) / stride + 1
  }
}
