import Torch

/// The blocks of a transformer that normalizes in front of each branch, ``GPT``'s and ``ViT``'s.
///
///     x ← x + attention(N x),   x ← x + W₂ φ(W₁ N x)
///
/// `block0-attention`, `block0-dense`, … with `normalization` and `attention`, or `hidden` (`gated`), `activation` and
/// `output`, in each. Where an insertion puts further normalizations: in front of φ, and on queries and keys. The last
/// matrices of a branch, attention's values and outputs and the dense part's output, scale what the branch adds:
/// `.residualOutput`; so does the half of a gated unit that has no nonlinearity.
public struct TransformerBlocks: Sendable, Hashable, Codable {
  /// What stands in front of each branch and at the end.
  public enum Normalization: String, Sendable, Codable, CaseIterable {
    /// LayerNorm with a scale and an offset.
    case layer
    /// RMSNorm with a scale.
    case rms
  }

  /// φ, and whether it is gated.
  public enum Dense: String, Sendable, Codable, CaseIterable {
    case gelu
    /// GELU by tanh, GPT-2's.
    case geluTanh
    /// `max(x, 0)²`.
    case reluSquared
    /// A ``GatedLinearUnit`` with SiLU.
    case swiGLU

    var activation: any Activation {
      switch self {
      case .gelu: GELU()
      case .geluTanh: GELU(isApproximate: true)
      case .reluSquared: SquaredReLU()
      case .swiGLU: SiLU()
      }
    }
  }

  /// Blocks, each attention and a dense part.
  public var layers: Int
  /// Heads of each attention.
  public var heads: Int
  /// Keys and values of each attention, which divides `heads`.
  public var keyHeads: Int
  /// Features of a head's queries, keys and values.
  public var headDimension: Int
  /// Features of a position.
  public var features: Int
  /// The width of a dense part.
  public var feedForward: Int
  /// What stands in front of each branch and at the end.
  public var normalization: Normalization
  /// ε of every normalization.
  public var epsilon: Double
  /// The nonlinearity of the dense parts.
  public var dense: Dense
  /// Whether attention and dense parts have biases.
  public var hasBiases: Bool
  /// Whether each head normalizes its queries and keys, by the same kind of normalization, in every arm.
  public var normalizesQueriesAndKeys: Bool

  /// Blocks; heads divide the features, and a dense part has four times as many, unless told otherwise.
  public init(
    layers: Int, heads: Int, keyHeads: Int? = nil, headDimension: Int? = nil, features: Int,
    feedForward: Int? = nil, normalization: Normalization = .layer, epsilon: Double = 1e-5,
    dense: Dense = .gelu, hasBiases: Bool = true, normalizesQueriesAndKeys: Bool = false
  ) {
    self.layers = layers
    self.heads = heads
    self.keyHeads = keyHeads ?? heads
    self.headDimension = headDimension ?? features / max(1, heads)
    self.features = features
    self.feedForward = feedForward ?? features.multipliedReportingOverflow(by: 4).partialValue
    self.normalization = normalization
    self.epsilon = epsilon
    self.dense = dense
    self.hasBiases = hasBiases
    self.normalizesQueriesAndKeys = normalizesQueriesAndKeys
  }

  /// A normalization over `count` features.
  func norm(_ count: Int, _ source: ParameterSource) -> any FeatureNormalization {
    switch normalization {
    case .layer:
      LayerNorm(shape: [count], epsilon: epsilon, dtype: source.dtype, device: source.device)
    case .rms:
      RMSNorm(shape: [count], epsilon: epsilon, dtype: source.dtype, device: source.device)
    }
  }

  /// The blocks, their matrices drawn by the source and those that end a branch by `last`.
  func elements(
    isCausal: Bool, rotary: RotaryPositions?, source: ParameterSource, last: Initializer
  ) -> [Sequential.Element] {
    (0..<layers).flatMap { index -> [Sequential.Element] in
      var form = SelfAttention.Form(
        features: features, heads: heads, headDimension: headDimension, isCausal: isCausal)
      form.keyHeads = keyHeads
      form.hasBiases = hasBiases
      form.rotary = rotary
      form.isNormalizedByInsertion = !normalizesQueriesAndKeys
      let attention = SelfAttention(
        form,
        normalization: normalizesQueriesAndKeys ? { norm(headDimension, source) } : nil,
        initializer: source.initializer, outputInitializer: last,
        generator: source.generator.split("block\(index)-attention"), dtype: source.dtype,
        device: source.device)
      var drawing = source
      drawing.generator = source.generator.split("block\(index)-dense")
      return [
        .init(
          "block\(index)-attention",
          Residual(
            Sequential([
              .init("normalization", norm(features, source)), .init("attention", attention),
            ]))),
        .init(
          "block\(index)-dense",
          Residual(
            Sequential(
              [.init("normalization", norm(features, source))] + dense(drawing, last: last)))),
      ]
    }
  }

  private func dense(_ source: ParameterSource, last: Initializer) -> [Sequential.Element] {
    func linear(
      _ name: String, _ inputs: Int, _ outputs: Int, feedsSum: Bool, _ initializer: Initializer
    ) -> Linear {
      var drawing = source
      drawing.initializer = initializer
      let drawn = drawing.linear(name, inputs, outputs, hasBias: hasBiases)
      guard feedsSum else { return drawn }
      return Linear(
        weight: Parameter(drawn.weight.value.detached(), role: .residualOutput), bias: drawn.bias)
    }
    let output = Sequential.Element(
      "output", linear("output", feedForward, features, feedsSum: true, last))
    let activation = Sequential.Element("activation", dense.activation)
    guard dense == .swiGLU else {
      let hidden = linear("hidden", features, feedForward, feedsSum: false, source.initializer)
      return [.init("hidden", hidden), activation, output]
    }
    let gate = linear("gate", features, feedForward, feedsSum: false, source.initializer)
    let up = linear("up", features, feedForward, feedsSum: true, source.initializer)
    let gated = GatedLinearUnit(
      gate: Sequential([.init("hidden", gate), activation]),
      up: Sequential([.init("hidden", up)]))
    return [.init("gated", gated), output]
  }
}
