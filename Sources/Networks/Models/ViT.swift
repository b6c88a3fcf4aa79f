public import Torch

/// A vision transformer (Dosovitskiy et al. 2021), exact to timm's.
///
/// `patches`, `row`, `positions`, the blocks of ``TransformerBlocks``, then `normalization` and `readout`, or, for the
/// average, `readout` and `normalization`, then `output`. The patches' kernel makes the vectors of an image's pieces as
/// a table makes those of tokens, so its role is `.embedding`: it is not projected.
///
/// Arms: as built, it is the base; `normalized` by features (`axes: .channels`) adds the normalizations in front of
/// each nonlinearity, softmax among them.
///
/// Input (B, C, H, W), sides divisible by the patch's, to logits (B, outputs). Matrices are drawn as timm draws them,
/// from a truncated normal of deviation 0.02.
/// Source: timm 1.0.31, `timm.models.vision_transformer`.
public struct ViT: ReferenceModel {
  /// What the output reads.
  public enum Readout: String, Sendable, Codable, CaseIterable {
    /// A class token in front of the patches.
    case token
    /// The average of all patches.
    case average
  }

  /// The side of a patch.
  public var patchSide: Int
  /// The blocks.
  public var blocks: TransformerBlocks
  /// What the output reads.
  public var readout: Readout
  /// The parameters' element type.
  public var dtype: DType

  /// A model of given blocks, which reads its class token.
  public init(
    patchSide: Int = 16, blocks: TransformerBlocks, readout: Readout = .token,
    dtype: DType = .float32
  ) {
    self.patchSide = patchSide
    self.blocks = blocks
    self.readout = readout
    self.dtype = dtype
  }

  /// 12 layers of 384 features and 6 heads: `vit_small_patch16_224`, 22,050,664 parameters for 1,000 classes.
  public static let small16 = ViT(
    blocks: TransformerBlocks(layers: 12, heads: 6, features: 384, epsilon: 1e-6))
  /// 12 layers of 768 features and 12 heads: `vit_base_patch16_224`, 86,567,656 parameters for 1,000 classes.
  public static let base16 = ViT(
    blocks: TransformerBlocks(layers: 12, heads: 12, features: 768, epsilon: 1e-6))
  /// 6 layers of 192 features and 3 heads for images of some 32 pixels, patches of 4 (our choice).
  public static let cifar = ViT(
    patchSide: 4, blocks: TransformerBlocks(layers: 6, heads: 3, features: 192, epsilon: 1e-6))

  /// Draws matrices with deviation 0.02.
  public func parameterSource(generator: Generator, device: Device) -> ParameterSource {
    ParameterSource(
      generator: generator, initializer: .truncatedNormal(standardDeviation: 0.02), dtype: dtype,
      device: device)
  }

  /// The network.
  ///
  /// - Throws: ``ConfigurationError`` naming the field that cannot be used.
  public func build(
    inputShape: [Int], outputs: Int, generator: Generator, device: Device = .cpu
  ) throws(ConfigurationError) -> Sequential {
    try validate(inputShape: inputShape, outputs: outputs)
    let source = parameterSource(generator: generator, device: device)
    let drawn = Convolution2D(
      inputChannels: inputShape[0], outputChannels: blocks.features, kernel: Extent2D(patchSide),
      stride: Extent2D(patchSide), generator: generator.split("patches"), dtype: dtype,
      device: device)
    let patches = Convolution2D(
      weight: Parameter(drawn.weight.value.detached(), role: .embedding), bias: drawn.bias,
      stride: drawn.stride)
    let norm = Sequential.Element("normalization", blocks.norm(blocks.features, source))
    let ending: [Sequential.Element] =
      switch readout {
      case .token: [norm, .init("readout", FirstPosition())]
      case .average: [.init("readout", PositionMean()), norm]
      }
    return Sequential(
      [
        .init("patches", patches), .init("row", PositionsInARow()),
        .init(
          "positions",
          PositionEmbedding(
            count: patchCount(inputShape), features: blocks.features,
            hasClassToken: readout == .token, initializer: source.initializer,
            generator: generator.split("positions"), dtype: dtype, device: device)),
      ]
        + blocks.elements(
          isCausal: false, rotary: nil, source: source, last: source.initializer)
        + ending
        + [.init("output", source.linear("output", blocks.features, outputs, isOutput: true))])
  }
}
