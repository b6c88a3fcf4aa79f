public import Torch

/// A network as a configuration: one of the shapes with its sizes.
///
/// Flat, so that each field can be set by its name. A field that decoding does not find has the
/// default of its ``kind``, and a kind's name alone is that kind with its defaults (`network=resnet18`).
/// Fields that a kind does not use are kept and ignored.
public struct NetworkConfiguration: Sendable, Hashable, Codable {
  /// The shape of a network.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    case mlp, cnn, vgg, resnet18
  }

  /// Which shape.
  public var kind: Kind
  /// Widths of the dense hidden layers.
  public var hidden: [Int]
  /// `cnn`: output channels of each convolution; `vgg`, `resnet18`: of each stage.
  public var channels: [Int]
  /// `cnn`: the side of each kernel; `resnet18`: the first convolution's alone.
  public var kernels: [Int]
  /// `cnn`: the stride of each convolution; `resnet18`: the first convolution's alone, which a
  /// maximum pool follows when it is above 1.
  public var strides: [Int]
  /// `vgg`: convolutions in each stage; `resnet18`: residual blocks.
  public var convolutions: [Int]
  /// The nonlinearity after each layer but the last.
  public var activation: ActivationKind
  /// How weights are drawn.
  public var initializer: InitializerKind
  /// The parameters' element type; inputs are converted to it.
  public var dtype: DType

  /// The defaults of a kind: `mlp` 3 × 512 (our choice); the others as in ``Sequential``.
  public init(_ kind: Kind = .mlp) {
    self.kind = kind
    hidden = [256]
    channels = [32, 32, 32]
    kernels = [5, 3, 3]
    strides = [1, 2, 2]
    convolutions = [2, 2, 2]
    activation = .relu
    initializer = .uniformFanIn
    dtype = .float32
    switch kind {
    case .mlp: hidden = [512, 512, 512]
    case .cnn: break
    case .vgg: channels = [32, 64, 128]
    case .resnet18:
      hidden = []
      channels = [64, 128, 256, 512]
      (kernels, strides, convolutions) = ([3], [1], [2, 2, 2, 2])
      initializer = .heNormal
    }
  }

  /// A fully connected network with the given hidden widths.
  public static func mlp(_ hidden: [Int]) -> NetworkConfiguration {
    var configuration = NetworkConfiguration(.mlp)
    configuration.hidden = hidden
    return configuration
  }

  private enum CodingKeys: String, CodingKey {
    case kind, hidden, channels, kernels, strides, convolutions, activation, initializer, dtype
  }

  /// Reads the fields that are there, or a kind's name; the others keep the kind's defaults.
  public init(from decoder: any Decoder) throws {
    if let kind = try? decoder.singleValueContainer().decode(Kind.self) {
      self.init(kind)
      return
    }
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(try values.decodeIfPresent(Kind.self, forKey: .kind) ?? .mlp)
    hidden = try values.decodeIfPresent([Int].self, forKey: .hidden) ?? hidden
    channels = try values.decodeIfPresent([Int].self, forKey: .channels) ?? channels
    kernels = try values.decodeIfPresent([Int].self, forKey: .kernels) ?? kernels
    strides = try values.decodeIfPresent([Int].self, forKey: .strides) ?? strides
    convolutions =
      try values.decodeIfPresent([Int].self, forKey: .convolutions) ?? convolutions
    activation =
      try values.decodeIfPresent(ActivationKind.self, forKey: .activation) ?? activation
    initializer =
      try values.decodeIfPresent(InitializerKind.self, forKey: .initializer) ?? initializer
    dtype = try values.decodeIfPresent(DType.self, forKey: .dtype) ?? dtype
  }

  /// Builds the network as written: no normalization, with biases; `resnet18` with its batch
  /// normalizations and without biases.
  ///
  /// - Parameters:
  ///   - inputShape: of one example: channels, height and width of an image; for `mlp` any shape.
  ///   - classes: the number of logits.
  ///   - generator: the root of one generator a layer.
  ///   - device: where the parameters live.
  /// - Throws: ``ConfigurationError`` naming the field that cannot be used.
  public func build(
    inputShape: [Int], classes: Int, generator: Generator, device: Device = .cpu
  ) throws(ConfigurationError) -> Sequential {
    try validate(inputShape: inputShape, classes: classes)
    let source = parameterSource(generator: generator, device: device)
    switch kind {
    case .mlp:
      return .mlp(
        inputFeatures: inputShape.reduce(1, *), hidden: hidden, classes: classes,
        activation: activation, source: source)
    case .cnn:
      return .convolutional(
        inputShape: inputShape, channels: channels, kernels: kernels, strides: strides,
        hidden: hidden, classes: classes, activation: activation, source: source)
    case .vgg:
      return .vgg(
        inputShape: inputShape, channels: channels, convolutions: convolutions, hidden: hidden,
        classes: classes, activation: activation, source: source)
    case .resnet18:
      return .resNet18(
        inputShape: inputShape, channels: channels, blocks: convolutions, stemKernel: kernels[0],
        stemStride: strides[0], hidden: hidden, classes: classes, activation: activation,
        source: source)
    }
  }

  /// How ``build(inputShape:classes:generator:device:)`` draws parameters: what a method that
  /// adds or widens layers draws its own from.
  public func parameterSource(
    generator: Generator, device: Device = .cpu
  ) -> ParameterSource {
    ParameterSource(
      generator: generator, initializer: initializer.initializer(for: activation), dtype: dtype,
      device: device)
  }
}
