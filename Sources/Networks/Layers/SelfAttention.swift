public import Torch

/// Multi-head self-attention (Vaswani et al. 2017, section 3.2).
///
///     Q = x W_Qᵀ, K = x W_Kᵀ, V = x W_Vᵀ, split into H heads of D features, K and V into G
///     P = softmax(Q Kᵀ / √D),   y = (P V, heads side by side) W_Oᵀ
///
/// Input (B, T, F) to the same shape. Each of the G keys and values serves H / G neighbouring heads (Ainslie et al.
/// 2023). Biases, where ``Form/hasBiases`` says so, are added to all four. With ``queryNormalization`` and
/// ``keyNormalization`` each head's query and key is normalized over its D features first, with learned gains (Dehghani
/// et al. 2023, section 2); then ``RotaryPositions`` turn them.
///
/// Roles say what scaling a matrix does. The logits grow with W_Q and with W_K, which are `.attentionLogit`;
/// normalized, neither matters, and they are hidden weights, exactly invariant at ε = 0. V and W_O reach
/// the output through each other's scale and nothing in between that removes it, so scaling either alone scales
/// what the layer adds to a residual sum: both are `.residualOutput`.
///
/// Cost: O(B T² H D + B T F H D).
public struct SelfAttention: RedrawableLayer {
  /// The sizes and choices of an attention.
  public struct Form: Sendable, Hashable {
    /// F.
    public var features: Int
    /// H.
    public var heads: Int
    /// G, which divides H.
    public var keyHeads: Int
    /// D, of queries, keys and values alike; even with rotary positions.
    public var headDimension: Int
    /// Whether a position sees itself and those before it alone.
    public var isCausal = false
    /// Whether biases are added to queries, keys, values and outputs.
    public var hasBiases = false
    /// The positions that turn queries and keys; `nil` for none.
    public var rotary: RotaryPositions?
    /// Whether an insertion of normalizations puts one on each head's queries and keys, in front of the softmax.
    public var isNormalizedByInsertion = false

    /// A form; as many keys as heads.
    public init(features: Int, heads: Int, headDimension: Int, isCausal: Bool = false) {
      self.features = features
      self.heads = heads
      self.keyHeads = heads
      self.headDimension = headDimension
      self.isCausal = isCausal
    }
  }

  /// The sizes and choices.
  public let form: Form
  /// W_Q (H·D, F).
  public let query: Parameter
  /// W_K (G·D, F).
  public let key: Parameter
  /// W_V (G·D, F).
  public let value: Parameter
  /// W_O (F, H·D).
  public let output: Parameter
  /// The biases of queries, keys, values and outputs, where there are any.
  public let queryBias, keyBias, valueBias, outputBias: Parameter?
  /// Over the D features of each head's queries; `nil` for none.
  public let queryNormalization: (any FeatureNormalization)?
  /// Over the D features of each head's keys; `nil` for none.
  public let keyNormalization: (any FeatureNormalization)?
  let rotaryTable: RotaryPositions.Table?

  /// Query, key, value and output, their biases, then the gains of the normalizations.
  public var parts: [Part] {
    [
      .parameter("query", query), .parameter("key", key), .parameter("value", value),
      .parameter("output", output),
    ]
      + Part.optional("query_bias", queryBias) + Part.optional("key_bias", keyBias)
      + Part.optional("value_bias", valueBias) + Part.optional("output_bias", outputBias)
      + (queryNormalization.map { [.module("query_normalization", $0)] } ?? [])
      + (keyNormalization.map { [.module("key_normalization", $0)] } ?? [])
  }

  /// A layer with new parameters.
  ///
  /// - Parameters:
  ///   - form: sizes and choices.
  ///   - normalization: makes the normalization of queries and that of keys; neither when absent.
  ///   - initializer: draws the matrices of queries, keys and values, and the biases by its own rule.
  ///   - outputInitializer: draws W_O; `initializer` when absent.
  ///   - generator: the root of one generator per parameter, split by its name.
  ///   - dtype: the parameters' element type.
  ///   - device: where the parameters live.
  public init(
    _ form: Form, normalization: (() -> any FeatureNormalization)? = nil,
    initializer: Initializer = .uniformFanIn, outputInitializer: Initializer? = nil,
    generator: Generator, dtype: DType = .float32, device: Device = .cpu
  ) {
    func drawn(
      _ name: String, _ shape: [Int], _ role: ParameterRole, _ initializer: Initializer
    ) -> Parameter {
      Parameter(
        initializer.tensor(shape, generator: generator.split(name), dtype: dtype, device: device),
        role: role)
    }
    func bias(_ name: String, _ count: Int, fanIn: Int) -> Parameter? {
      guard form.hasBiases else { return nil }
      let drawn = initializer.bias(
        count: count, fanIn: fanIn, generator: generator.split(name + "_bias"), dtype: dtype,
        device: device)
      return Parameter(drawn, role: .bias)
    }
    let (width, keyWidth) = (form.heads * form.headDimension, form.keyHeads * form.headDimension)
    let features = form.features
    let logits: ParameterRole =
      normalization == nil ? .attentionLogit : .weight(fanIn: features)
    self.form = form
    query = drawn("query", [width, features], logits, initializer)
    key = drawn("key", [keyWidth, features], logits, initializer)
    value = drawn("value", [keyWidth, features], .residualOutput, initializer)
    output = drawn("output", [features, width], .residualOutput, outputInitializer ?? initializer)
    queryBias = bias("query", width, fanIn: features)
    keyBias = bias("key", keyWidth, fanIn: features)
    valueBias = bias("value", keyWidth, fanIn: features)
    outputBias = bias("output", features, fanIn: width)
    queryNormalization = normalization?()
    keyNormalization = normalization?()
    rotaryTable = form.rotary.map {
      RotaryPositions.Table($0, features: form.headDimension, device: device)
    }
  }

  /// A layer without biases or rotary positions, with RMSNorm where queries and keys are normalized.
  ///
  /// - Parameters:
  ///   - features: F.
  ///   - heads: H, and G.
  ///   - headDimension: D.
  ///   - isCausal: whether later positions are hidden.
  ///   - normalizesQueriesAndKeys: whether each head's queries and keys are normalized.
  ///   - epsilon: of those normalizations.
  ///   - initializer: draws the four matrices.
  ///   - generator: the root of one generator per matrix, split by its name.
  ///   - dtype: the parameters' element type.
  ///   - device: where the parameters live.
  public init(
    features: Int, heads: Int, headDimension: Int, isCausal: Bool = false,
    normalizesQueriesAndKeys: Bool = false, epsilon: Double = 1e-6,
    initializer: Initializer = .uniformFanIn, generator: Generator, dtype: DType = .float32,
    device: Device = .cpu
  ) {
    self.init(
      Form(features: features, heads: heads, headDimension: headDimension, isCausal: isCausal),
      normalization: normalizesQueriesAndKeys
        ? { RMSNorm(shape: [headDimension], epsilon: epsilon, dtype: dtype, device: device) } : nil,
      initializer: initializer, generator: generator, dtype: dtype, device: device)
  }

  /// The layer around parameters that share `other`'s numbers, its queries and keys normalized.
  init(_ other: SelfAttention, normalizedBy make: () -> any FeatureNormalization) {
    func renamed(_ parameter: Parameter) -> Parameter {
      Parameter(parameter.value.detached(), role: .weight(fanIn: other.form.features))
    }
    var form = other.form
    form.isNormalizedByInsertion = false
    self.form = form
    (query, key) = (renamed(other.query), renamed(other.key))
    (value, output) = (other.value, other.output)
    (queryBias, keyBias) = (nil, nil)
    (valueBias, outputBias) = (other.valueBias, other.outputBias)
    (queryNormalization, keyNormalization) = (make(), make())
    rotaryTable = other.rotaryTable
  }

  /// H.
  public var heads: Int { form.heads }
  /// Whether a position sees itself and those before it alone.
  public var isCausal: Bool { form.isCausal }
  /// D.
  public var headDimension: Int { form.headDimension }
}

extension SelfAttention: InnerNormalizedLayer {
  /// D, where an insertion is to normalize queries and keys.
  public var innerFeatures: Int? { form.isNormalizedByInsertion ? headDimension : nil }

  /// The same matrices with normalized queries and keys, which are hidden weights from then on; their biases are
  /// dropped.
  public func normalizedInside(_ make: () -> any FeatureNormalization) -> SelfAttention {
    SelfAttention(self, normalizedBy: make)
  }

  /// The same layer with new parameters.
  public func redrawn(_ name: String, from source: ParameterSource) -> SelfAttention {
    let norm = queryNormalization as? any RedrawableLayer
    return SelfAttention(
      form,
      normalization: norm.map { norm in
        {
          norm.redrawn(name, from: source) as? any FeatureNormalization
            ?? RMSNorm(shape: [form.headDimension])
        }
      }, initializer: source.initializer, generator: source.generator.split(name),
      dtype: query.value.dtype, device: source.device)
  }
}
