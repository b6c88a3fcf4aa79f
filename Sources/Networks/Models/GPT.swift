public import Torch

/// A causal language model: GPT-2 (Radford et al. 2019), Llama (Touvron et al. 2023) and what lies between.
///
/// `embedding`, the blocks of ``TransformerBlocks``, `normalization`, `output`. With its defaults it is exact to GPT-2
/// of transformers 5.24; with RMSNorm, rotary positions, SwiGLU and no biases to its Llama, with normalized queries and
/// keys besides to its Qwen3.
///
/// Arms: as built, it is the base; `normalized` by features (`axes: .channels`) adds the normalizations in front of
/// each nonlinearity, softmax among them.
///
/// Input int64 (B, T), T at most ``context``, to logits (B, T, vocabulary). Matrices are drawn with deviation
/// ``initialDeviation``, those that end a branch with that over √(2 layers), as GPT-2's.
public struct GPT: ReferenceModel {
  /// What tells positions apart.
  public enum Positions: String, Sendable, Codable, CaseIterable {
    /// A learned vector each, added to the token's.
    case learned
    /// ``RotaryPositions`` in each attention.
    case rotary
  }

  /// The number of different tokens.
  public var vocabulary: Int
  /// The largest T.
  public var context: Int
  /// The blocks.
  public var blocks: TransformerBlocks
  /// What tells positions apart.
  public var positions: Positions
  /// θ of rotary positions.
  public var rotaryBase: Double
  /// Whether logits are computed by the tokens' table instead of a matrix of their own.
  public var isOutputTied: Bool
  /// The deviation that matrices and tables are drawn with.
  public var initialDeviation: Double
  /// The parameters' element type.
  public var dtype: DType

  /// A model of given blocks; GPT-2's other choices unless told otherwise.
  public init(
    vocabulary: Int = 50_257, context: Int = 1_024, blocks: TransformerBlocks,
    positions: Positions = .learned, rotaryBase: Double = 10_000, isOutputTied: Bool = true,
    initialDeviation: Double = 0.02, dtype: DType = .float32
  ) {
    self.vocabulary = vocabulary
    self.context = context
    self.blocks = blocks
    self.positions = positions
    self.rotaryBase = rotaryBase
    self.isOutputTied = isOutputTied
    self.initialDeviation = initialDeviation
    self.dtype = dtype
  }

  /// Draws matrices with ``initialDeviation``.
  public func parameterSource(generator: Generator, device: Device) -> ParameterSource {
    ParameterSource(
      generator: generator, initializer: .normal(standardDeviation: initialDeviation),
      dtype: dtype, device: device)
  }

  /// The model.
  ///
  /// - Throws: ``ConfigurationError`` naming the field that cannot be used.
  public func build(
    generator: Generator, device: Device = .cpu
  ) throws(ConfigurationError) -> Sequential {
    try build(
      inputShape: [context], outputs: vocabulary, generator: generator, device: device)
  }

  /// The model, for rows of `inputShape` tokens and `outputs` different ones.
  ///
  /// - Throws: ``ConfigurationError`` naming the field that cannot be used.
  public func build(
    inputShape: [Int], outputs: Int, generator: Generator, device: Device = .cpu
  ) throws(ConfigurationError) -> Sequential {
    try validate(inputShape: inputShape, outputs: outputs)
    let source = parameterSource(generator: generator, device: device)
    let draws = generator.split("embedding")
    let tokens: Parameter
    let embedding: any Layer
    switch positions {
    case .learned:
      let tables = TokenEmbedding(
        vocabulary: vocabulary, positions: context, features: blocks.features,
        standardDeviation: initialDeviation, generator: draws, dtype: dtype, device: device)
      (tokens, embedding) = (tables.tokens, tables)
    case .rotary:
      let table = Embedding(
        count: vocabulary, features: blocks.features, initializer: source.initializer,
        generator: draws, dtype: dtype, device: device)
      (tokens, embedding) = (table.weight, table)
    }
    let last = Initializer.normal(
      standardDeviation: initialDeviation / (2 * Double(blocks.layers)).squareRoot())
    let rotary = RotaryPositions(base: rotaryBase, count: context)
    return Sequential(
      [.init("embedding", embedding)]
        + blocks.elements(
          isCausal: true, rotary: positions == .rotary ? rotary : nil, source: source, last: last)
        + [
          .init("normalization", blocks.norm(blocks.features, source)),
          .init(
            "output",
            isOutputTied
              ? TiedOutput(weight: tokens)
              : source.linear(
                "output", blocks.features, vocabulary, isOutput: true, hasBias: false)),
        ])
  }
}
