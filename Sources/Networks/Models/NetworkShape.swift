extension NetworkConfiguration {
  /// The shape of a network with the sizes that it has.
  public enum Shape: KindChoice, Hashable, Sendable {
    /// Dense layers alone.
    case mlp(MLP)
    /// Convolutions, then dense layers.
    case cnn(CNN)
    /// Stages of convolutions that halve the image.
    case vgg(VGG)
    /// Stages of residual blocks.
    case resnet18(ResNet18)
    /// Attention over rows of tokens.
    case transformer(Transformer)

    package init(_ kind: Kind, _ source: SettingsSource) throws {
      self =
        switch kind {
        case .mlp: .mlp(try source.settings())
        case .cnn: .cnn(try source.settings())
        case .vgg: .vgg(try source.settings())
        case .resnet18: .resnet18(try source.settings())
        case .transformer: .transformer(try source.settings())
        }
    }

    package var content: (kind: Kind, settings: any KindSettings) {
      switch self {
      case .mlp(let sizes): (.mlp, sizes)
      case .cnn(let sizes): (.cnn, sizes)
      case .vgg(let sizes): (.vgg, sizes)
      case .resnet18(let sizes): (.resnet18, sizes)
      case .transformer(let sizes): (.transformer, sizes)
      }
    }
  }

  /// The name of a shape.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    case mlp, cnn, vgg, resnet18, transformer
  }

  /// Dense layers alone; 3 × 512 by default, our choice.
  public struct MLP: KindSettings {
    /// Widths of the hidden layers.
    public var hidden = [512, 512, 512]

    public init() {}
  }

  /// Convolutions, then dense layers.
  public struct CNN: KindSettings {
    /// Widths of the dense hidden layers.
    public var hidden = [256]
    /// Output channels of each convolution.
    public var channels = [32, 32, 32]
    /// The side of each convolution's kernel.
    public var kernels = [5, 3, 3]
    /// The stride of each convolution.
    public var strides = [1, 2, 2]

    public init() {}
  }

  /// Stages of convolutions that halve the image, then dense layers.
  public struct VGG: KindSettings {
    /// Widths of the dense hidden layers.
    public var hidden = [256]
    /// Output channels of each stage.
    public var channels = [32, 64, 128]
    /// Convolutions of each stage.
    public var convolutions = [2, 2, 2]

    public init() {}
  }

  /// Stages of residual blocks.
  public struct ResNet18: KindSettings {
    /// Widths of dense hidden layers; none by default.
    public var hidden: [Int] = []
    /// Output channels of each stage.
    public var channels = [64, 128, 256, 512]
    /// The side of the first convolution's kernel.
    public var kernels = [3]
    /// The stride of the first convolution, which a maximum pool follows when it is above 1.
    public var strides = [1]
    /// Residual blocks of each stage.
    public var convolutions = [2, 2, 2, 2]

    public init() {}
  }

  /// Layers of attention and dense parts over rows of tokens.
  public struct Transformer: KindSettings {
    /// The number of layers, each attention and a dense part.
    public var layers = 2
    /// Heads of each attention.
    public var heads = 4
    /// Features of each head's queries, keys and values.
    public var headDimension = 32
    /// Features of each position.
    public var modelDimension = 128
    /// The width of each dense part.
    public var feedForward = 512
    /// The number of different tokens; where a recipe's data say it themselves, 0 takes theirs.
    public var vocabulary = 0
    /// The standard deviation of the tables of tokens and positions.
    public var embeddingDeviation = 0.1
    /// Whether a position sees itself and those before it alone.
    public var isCausal = false
    /// Whether each head normalizes queries and keys, in every arm.
    public var normalizesQueriesAndKeys = false

    public init() {}
  }
}
