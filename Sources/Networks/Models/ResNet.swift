public import Torch

/// A residual network with batch normalization (He et al. 2016), exact to torchvision's.
///
/// `convolution0`, `normalization0`, `activation0`, a pool where the stem's stride is above 1, then `stage0-block0` …,
/// `pool`, `output`. Each block is `body(x) + shortcut(x)` with a nonlinearity after the sum; convolutions have no
/// bias, and each stands right before a batch normalization, so that every kernel is a hidden weight. A bottleneck's
/// stride is that of its 3×3 convolution ("v1.5").
///
/// Arms: as built, it is the base; projected, the running statistics follow each kernel; `normalized` with LayerNorm
/// puts one in the place of each batch normalization and before the nonlinearity after each sum.
///
/// Input (B, C, H, W) to logits (B, outputs). Weights are drawn as torchvision draws them.
/// Source: torchvision 0.28, `torchvision.models.resnet`.
public struct ResNet: ReferenceModel {
  /// What a block's body is made of.
  public enum Block: String, Sendable, Codable, CaseIterable {
    /// Two 3×3 convolutions.
    case basic
    /// 1×1, 3×3 and 1×1 convolutions, the last with four times the channels.
    case bottleneck

    /// What the last convolution multiplies the stage's channels by.
    public var expansion: Int { self == .basic ? 1 : 4 }
  }

  /// What a block's body is made of.
  public var block: Block
  /// Blocks of each stage.
  public var blocks: [Int]
  /// Channels of each stage's 3×3 convolutions, and of the first convolution.
  public var channels: [Int]
  /// The side of the first kernel, padded by half of it.
  public var stemKernel: Int
  /// The stride of the first convolution; above 1 a 3×3 maximum pool of stride 2 follows.
  public var stemStride: Int
  /// The nonlinearity, one that keeps the number of features.
  public var activation: ActivationKind
  /// The parameters' element type.
  public var dtype: DType

  /// A network; ResNet-18 for images of some 32 pixels by default.
  public init(
    block: Block = .basic, blocks: [Int] = [2, 2, 2, 2], channels: [Int] = [64, 128, 256, 512],
    stemKernel: Int = 3, stemStride: Int = 1, activation: ActivationKind = .relu,
    dtype: DType = .float32
  ) {
    self.block = block
    self.blocks = blocks
    self.channels = channels
    self.stemKernel = stemKernel
    self.stemStride = stemStride
    self.activation = activation
    self.dtype = dtype
  }

  /// ResNet-18 for CIFAR: a first convolution of 3×3 without stride or pool. 11,173,962 parameters for 10 classes.
  public static let cifar18 = ResNet(block: .basic)
  /// ResNet-50 v1.5. 25,557,032 parameters for 1,000 classes, 8.2e9 operations for 224×224 pixels.
  public static let resNet50 = ResNet(
    block: .bottleneck, blocks: [3, 4, 6, 3], stemKernel: 7, stemStride: 2)

  /// Draws kernels by ``Initializer/heFanOut(_:)``.
  public func parameterSource(generator: Generator, device: Device) -> ParameterSource {
    ParameterSource(
      generator: generator, initializer: .heFanOut(.normal), dtype: dtype, device: device)
  }

  /// The network.
  ///
  /// - Throws: ``ConfigurationError`` naming the field that cannot be used.
  public func build(
    inputShape: [Int], outputs: Int, generator: Generator, device: Device = .cpu
  ) throws(ConfigurationError) -> Sequential {
    try validate(inputShape: inputShape, outputs: outputs)
    var source = parameterSource(generator: generator, device: device)
    var network = NetworkBuilder(activation: activation, source: source, image: inputShape)
    network.appendNormalizedConvolution(
      channels[0], kernel: stemKernel, stride: stemStride, suffix: "0")
    network.appendActivation()
    if stemStride > 1 {
      network.append("stem-pool", MaximumPool2D(kernel: 3, stride: 2, padding: 1))
    }
    for (stage, count) in channels.enumerated() {
      for index in 0..<blocks[stage] {
        network.appendResidualBlock(
          "stage\(stage)-block\(index)", convolutions: convolutions(stage, block: index),
          channels: count * block.expansion)
      }
    }
    network.appendGlobalPool("pool")
    source.initializer = .uniformFanIn
    network.append(
      "output", source.linear("output", network.channels, outputs, isOutput: true))
    return network.sequence
  }

  /// The convolutions of a block's body: output channels, kernel and stride.
  func convolutions(_ stage: Int, block index: Int) -> [NetworkBuilder.Convolution] {
    let (count, stride) = (channels[stage], stage > 0 && index == 0 ? 2 : 1)
    return switch block {
    case .basic: [(count, 3, stride), (count, 3, 1)]
    case .bottleneck: [(count, 1, 1), (count, 3, stride), (count * block.expansion, 1, 1)]
    }
  }
}
