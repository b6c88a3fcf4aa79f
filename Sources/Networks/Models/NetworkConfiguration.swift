public import Torch

/// A network as a configuration: one of the shapes with its sizes.
///
/// Written flat, so that each setting has its name: the shape's word under `kind` beside the sizes that this shape
/// has. A field that decoding does not find has the default of its ``kind``, and a kind's name alone is that kind with
/// its defaults (`network=resnet18`).
@dynamicMemberLookup
public struct NetworkConfiguration: Sendable, Hashable, Codable {
  /// The shape and its sizes.
  public var shape: Shape
  /// The nonlinearity after each layer but the last.
  public var activation = ActivationKind.relu
  /// How weights are drawn.
  public var initializer: InitializerKind
  /// The parameters' element type; inputs are converted to it.
  public var dtype = DType.float32

  /// The defaults of a kind.
  public init(_ kind: Kind = .mlp) {
    shape = Shape(kind)
    initializer = kind == .resnet18 ? .heNormal : .uniformFanIn
  }

  /// A fully connected network with the given hidden widths.
  public static func mlp(_ hidden: [Int]) -> NetworkConfiguration {
    var configuration = NetworkConfiguration(.mlp)
    configuration.hidden = hidden
    return configuration
  }

  private enum CodingKeys: String, CodingKey { case activation, initializer, dtype }

  /// Reads the fields that are there, or a kind's name; the others keep the kind's defaults.
  public init(from decoder: any Decoder) throws {
    if let kind = try? decoder.singleValueContainer().decode(Kind.self) {
      self.init(kind)
      return
    }
    let shape = try Shape(from: decoder, otherwise: .mlp)
    self.init(shape.kind)
    self.shape = shape
    let values = try decoder.container(keyedBy: CodingKeys.self)
    try values.read(&activation, .activation)
    try values.read(&initializer, .initializer)
    try values.read(&dtype, .dtype)
  }

  /// Writes what the kind uses.
  public func encode(to encoder: any Encoder) throws {
    try shape.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(activation, forKey: .activation)
    try values.encode(initializer, forKey: .initializer)
    try values.encode(dtype, forKey: .dtype)
  }

  /// Builds the network as written: no normalization, with biases; `resnet18` with its batch
  /// normalizations and without biases, `transformer` with places for normalizations and without biases.
  ///
  /// - Parameters:
  ///   - inputShape: of one example: channels, height and width of an image; for `mlp` any shape; for
  ///     `transformer` the number of tokens.
  ///   - classes: the number of logits.
  ///   - generator: the root of one generator per layer.
  ///   - device: where the parameters live.
  /// - Throws: ``ConfigurationError`` naming the field that cannot be used.
  public func build(
    inputShape: [Int], classes: Int, generator: Generator, device: Device = .cpu
  ) throws(ConfigurationError) -> Sequential {
    try validate(inputShape: inputShape, classes: classes)
    let source = parameterSource(generator: generator, device: device)
    switch shape {
    case .mlp(let sizes):
      return .mlp(
        inputFeatures: inputShape.reduce(1, *), hidden: sizes.hidden, classes: classes,
        activation: activation, source: source)
    case .cnn(let sizes):
      return .convolutional(
        inputShape: inputShape, channels: sizes.channels, kernels: sizes.kernels,
        strides: sizes.strides, hidden: sizes.hidden, classes: classes, activation: activation,
        source: source)
    case .vgg(let sizes):
      return .vgg(
        inputShape: inputShape, channels: sizes.channels, convolutions: sizes.convolutions,
        hidden: sizes.hidden, classes: classes, activation: activation, source: source)
    case .resnet18(let sizes):
      return .resNet18(
        inputShape: inputShape, channels: sizes.channels, blocks: sizes.convolutions,
        stemKernel: sizes.kernels[0], stemStride: sizes.strides[0], hidden: sizes.hidden,
        classes: classes, activation: activation, source: source)
    case .transformer(let sizes):
      return .transformer(
        positions: inputShape[0], vocabulary: sizes.vocabulary, layers: sizes.layers,
        heads: sizes.heads, headDimension: sizes.headDimension,
        modelDimension: sizes.modelDimension, feedForward: sizes.feedForward,
        embeddingDeviation: sizes.embeddingDeviation, isCausal: sizes.isCausal,
        normalizesQueriesAndKeys: sizes.normalizesQueriesAndKeys, classes: classes,
        activation: activation, source: source)
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
