public import Torch

/// A network as a configuration: one of the shapes with its sizes.
///
/// Flat, so that each field can be set by its name. A field that decoding does not find has the
/// default of its ``kind``, and a kind's name alone is that kind with its defaults (`network=resnet18`).
/// Fields that a kind does not use are kept and ignored.
public struct NetworkConfiguration: Sendable, Hashable, Codable {
  /// The shape of a network.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    case mlp, cnn, vgg, resnet18, transformer
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
  /// `transformer`: the number of layers, each attention and a dense part.
  public var layers: Int
  /// `transformer`: heads of each attention.
  public var heads: Int
  /// `transformer`: features of each head's queries, keys and values.
  public var headDimension: Int
  /// `transformer`: features of each position.
  public var modelDimension: Int
  /// `transformer`: the width of each dense part.
  public var feedForward: Int
  /// `transformer`: the number of different tokens; where a recipe's data say it themselves, 0 takes theirs.
  public var vocabulary: Int
  /// `transformer`: the standard deviation of the tables of tokens and positions.
  public var embeddingDeviation: Double
  /// `transformer`: whether a position sees itself and those before it alone.
  public var isCausal: Bool
  /// `transformer`: whether each head normalizes queries and keys, in every arm.
  public var normalizesQueriesAndKeys: Bool
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
    layers = 2
    heads = 4
    headDimension = 32
    modelDimension = 128
    feedForward = 512
    vocabulary = 0
    embeddingDeviation = 0.1
    isCausal = false
    normalizesQueriesAndKeys = false
    initializer = .uniformFanIn
    dtype = .float32
    switch kind {
    case .mlp: hidden = [512, 512, 512]
    case .cnn, .transformer: break
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
    case kind, hidden, channels, kernels, strides, convolutions
    case layers, heads, headDimension, modelDimension, feedForward, vocabulary
    case embeddingDeviation, isCausal, normalizesQueriesAndKeys
    case activation, initializer, dtype
  }

  /// Reads the fields that are there, or a kind's name; the others keep the kind's defaults.
  public init(from decoder: any Decoder) throws {
    if let kind = try? decoder.singleValueContainer().decode(Kind.self) {
      self.init(kind)
      return
    }
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(try values.decodeIfPresent(Kind.self, forKey: .kind) ?? .mlp)
    func read<Value: Decodable>(_ value: inout Value, _ key: CodingKeys) throws {
      value = try values.decodeIfPresent(Value.self, forKey: key) ?? value
    }
    try read(&hidden, .hidden)
    try read(&channels, .channels)
    try read(&kernels, .kernels)
    try read(&strides, .strides)
    try read(&convolutions, .convolutions)
    try read(&layers, .layers)
    try read(&heads, .heads)
    try read(&headDimension, .headDimension)
    try read(&modelDimension, .modelDimension)
    try read(&feedForward, .feedForward)
    try read(&vocabulary, .vocabulary)
    try read(&embeddingDeviation, .embeddingDeviation)
    try read(&isCausal, .isCausal)
    try read(&normalizesQueriesAndKeys, .normalizesQueriesAndKeys)
    try read(&activation, .activation)
    try read(&initializer, .initializer)
    try read(&dtype, .dtype)
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
    case .transformer:
      return .transformer(
        positions: inputShape[0], vocabulary: vocabulary, layers: layers, heads: heads,
        headDimension: headDimension, modelDimension: modelDimension, feedForward: feedForward,
        embeddingDeviation: embeddingDeviation, isCausal: isCausal,
        normalizesQueriesAndKeys: normalizesQueriesAndKeys, classes: classes,
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
