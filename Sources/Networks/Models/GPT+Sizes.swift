import Torch

extension GPT {
  /// Named shapes. 10M and 30M tell the parameters of the blocks, the others those of the whole model with GPT-2's
  /// tokens.
  public enum Size: String, Sendable, Codable, CaseIterable {
    /// 6 layers of 384 features and 6 heads: nanoGPT's model of characters.
    case tenMillion = "10M"
    /// 10 layers of 512 features and 8 heads (our choice).
    case thirtyMillion = "30M"
    /// GPT-2's smallest: 12 layers of 768 features and 12 heads; with its vocabulary 124,439,808 parameters.
    case gpt2Small = "124M"
    /// GPT-2 medium's 24 layers of 1,024 features and 16 heads with an output of its own: 406,286,336 parameters with
    /// its vocabulary. The paper's shape is not known (METHOD 3.5).
    case fourHundredMillion = "400M"

    var shape: (layers: Int, heads: Int, features: Int) {
      switch self {
      case .tenMillion: (6, 6, 384)
      case .thirtyMillion: (10, 8, 512)
      case .gpt2Small: (12, 12, 768)
      case .fourHundredMillion: (24, 16, 1_024)
      }
    }
  }

  /// GPT-2's choices in a named size: LayerNorm, learned positions, GELU by tanh, biases; a tied output but for `400M`.
  public static func gpt2(
    _ size: Size = .gpt2Small, vocabulary: Int = 50_257, context: Int = 1_024
  ) -> GPT {
    let shape = size.shape
    return GPT(
      vocabulary: vocabulary, context: context,
      blocks: TransformerBlocks(
        layers: shape.layers, heads: shape.heads, features: shape.features, dense: .geluTanh),
      isOutputTied: size != .fourHundredMillion)
  }

  /// Llama's choices in a named size: RMSNorm with ε = 1e-6, rotary positions, SwiGLU of 8/3 of the features rounded up
  /// to a multiple of 64, no biases, an output of its own.
  public static func llama(
    _ size: Size, vocabulary: Int = 50_257, context: Int = 1_024, keyHeads: Int? = nil
  ) -> GPT {
    let shape = size.shape
    return GPT(
      vocabulary: vocabulary, context: context,
      blocks: TransformerBlocks(
        layers: shape.layers, heads: shape.heads, keyHeads: keyHeads, features: shape.features,
        feedForward: (shape.features * 8 / 3 + 63) / 64 * 64, normalization: .rms, epsilon: 1e-6,
        dense: .swiGLU, hasBiases: false),
      positions: .rotary, isOutputTied: false)
  }

  /// Checks every field, that rows of tokens fit the context, and that the number of outputs is the vocabulary.
  ///
  /// - Throws: ``ConfigurationError`` naming the first field that cannot be used.
  public func validate(inputShape: [Int], outputs: Int) throws(ConfigurationError) {
    let require = ConfigurationError.require
    try ConfigurationError.requireCount(vocabulary, "network.vocabulary", from: 1)
    try ConfigurationError.requireCount(context, "network.context", from: 1)
    try blocks.validate("network.blocks", isRotary: positions == .rotary)
    try require(
      inputShape.count == 1 && inputShape[0] > 0, "the input's shape", "a row of tokens",
      "\(inputShape)")
    try requireFits(length: inputShape[0])
    try require(
      outputs == vocabulary, "network.vocabulary",
      "\(outputs), the number of different tokens in the data", "\(vocabulary)")
    try ConfigurationError.requireNumber(rotaryBase, "network.rotaryBase", isOpen: true)
    try ConfigurationError.requireNumber(
      initialDeviation, "network.initialDeviation", isOpen: true)
    try require(
      dtype.isFloatingPoint, "network.dtype", "float32, float64, bfloat16 or float16",
      dtype.rawValue)
  }

  /// Throws unless a sequence fits the context.
  ///
  /// - Throws: ``ConfigurationError``.
  public func requireFits(length: Int) throws(ConfigurationError) {
    try ConfigurationError.require(
      length <= context, "network.context", "at least \(length), the length of the sequences",
      "\(context)")
  }

  /// Tables, blocks, the last normalization and the output; a tied table counts once.
  public func parameterCount(inputShape: [Int], outputs: Int) -> Int {
    let tables = vocabulary + (positions == .learned ? context : 0)
    return (tables + (isOutputTied ? 0 : vocabulary)) * blocks.features + blocks.parameterCount
      + blocks.normCount(blocks.features)
  }

  /// Blocks and the output, over a whole row of tokens; divided by its length, the operations a token.
  public func forwardOperations(inputShape: [Int], outputs: Int) -> Double {
    let length = inputShape.first ?? context
    return blocks.forwardOperations(length: length)
      + 2 * Double(length) * Double(vocabulary) * Double(blocks.features)
  }
}
