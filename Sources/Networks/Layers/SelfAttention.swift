public import Torch

/// Multi-head self-attention (Vaswani et al. 2017, section 3.2), without biases.
///
///     Q = x W_Qᵀ, K = x W_Kᵀ, V = x W_Vᵀ, each split into H heads of D features
///     P = softmax(Q Kᵀ / √D),   y = (P V, heads side by side) W_Oᵀ
///
/// Input (B, T, F) to the same shape. With ``queryNormalization`` and ``keyNormalization`` each head's query and
/// key is normalized over its D features first, with learned gains (Dehghani et al. 2023, section 2, with RMSNorm for
/// LayerNorm).
///
/// Roles say what scaling a matrix does. The logits grow with W_Q and with W_K, which are `.attentionLogit`;
/// normalized, neither matters, and they are hidden weights, exactly invariant at ε = 0. V and W_O reach
/// the output through each other's scale and nothing in between that removes it, so scaling either alone scales
/// what the layer adds to a residual sum: both are `.residualOutput`.
///
/// Cost: O(B T² H D + B T F H D).
public struct SelfAttention: RedrawableLayer {
  /// W_Q (H·D, F).
  public let query: Parameter
  /// W_K (H·D, F).
  public let key: Parameter
  /// W_V (H·D, F).
  public let value: Parameter
  /// W_O (F, H·D).
  public let output: Parameter
  /// H.
  public let heads: Int
  /// Whether a position sees itself and those before it alone.
  public let isCausal: Bool
  /// Over the D features of each head's queries; `nil` for none.
  public let queryNormalization: RMSNorm?
  /// Over the D features of each head's keys; `nil` for none.
  public let keyNormalization: RMSNorm?

  /// Query, key, value and output, then the gains of the normalizations.
  public var parts: [Part] {
    [
      .parameter("query", query), .parameter("key", key), .parameter("value", value),
      .parameter("output", output),
    ]
      + (queryNormalization.map { [.module("query_normalization", $0)] } ?? [])
      + (keyNormalization.map { [.module("key_normalization", $0)] } ?? [])
  }

  /// A layer with new parameters.
  ///
  /// - Parameters:
  ///   - features: F.
  ///   - heads: H.
  ///   - headDimension: D, of queries, keys and values alike.
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
    let width = heads * headDimension
    func drawn(_ name: String, _ outputs: Int, _ inputs: Int, _ role: ParameterRole) -> Parameter {
      Parameter(
        initializer.tensor(
          [outputs, inputs], generator: generator.split(name), dtype: dtype, device: device),
        role: role)
    }
    let logitRole: ParameterRole =
      normalizesQueriesAndKeys ? .weight(fanIn: features) : .attentionLogit
    func normalization() -> RMSNorm? {
      normalizesQueriesAndKeys
        ? RMSNorm(shape: [headDimension], epsilon: epsilon, dtype: dtype, device: device) : nil
    }
    query = drawn("query", width, features, logitRole)
    key = drawn("key", width, features, logitRole)
    value = drawn("value", width, features, .residualOutput)
    output = drawn("output", features, width, .residualOutput)
    self.heads = heads
    self.isCausal = isCausal
    queryNormalization = normalization()
    keyNormalization = normalization()
  }

  /// The same layer with new parameters.
  public func redrawn(_ name: String, from source: ParameterSource) -> SelfAttention {
    SelfAttention(
      features: query.value.shape[1], heads: heads, headDimension: headDimension,
      isCausal: isCausal, normalizesQueriesAndKeys: queryNormalization != nil,
      epsilon: queryNormalization?.epsilon ?? 1e-6, initializer: source.initializer,
      generator: source.generator.split(name), dtype: query.value.dtype, device: source.device)
  }

  /// D.
  public var headDimension: Int { query.value.shape[0] / heads }

  /// (B, T, F) to (B, T, F), by libtorch's fused attention where ``FusedKernels`` allow it.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    let values_BHTD = split(input.linear(weight: value.value))
    let mixed_BHTD =
      if FusedKernels.areEnabled {
        queries(input).attention(keys: keys(input), values: values_BHTD, causal: isCausal)
      } else {
        weights(input).matrixProduct(values_BHTD)
      }
    let (batch, length) = (input.shape[0], input.shape[1])
    return mixed_BHTD.permuted(to: [0, 2, 1, 3]).reshaped(to: [batch, length, -1])
      .linear(weight: output.value)
  }

  /// P (B, H, T, T): how much each position, the last axis but one, takes from each other one.
  public func weights(_ input: Tensor) -> Tensor {
    let scale = 1 / Double(headDimension).squareRoot()
    var logits_BHTT = queries(input).matrixProduct(keys(input).transposed(-2, -1)) * scale
    if isCausal {
      let length = input.shape[1]
      let later_TT = Tensor.ones([length, length], dtype: .bool, device: input.device)
        .upperTriangle(diagonal: 1)
      logits_BHTT = logits_BHTT.filled(where: later_TT, with: .real(-.infinity))
    }
    return logits_BHTT.softmax(axis: -1)
  }

  private func queries(_ input: Tensor) -> Tensor {
    let split_BHTD = split(input.linear(weight: query.value))
    return queryNormalization.map { $0(split_BHTD) } ?? split_BHTD
  }

  private func keys(_ input: Tensor) -> Tensor {
    let split_BHTD = split(input.linear(weight: key.value))
    return keyNormalization.map { $0(split_BHTD) } ?? split_BHTD
  }

  /// (B, T, H·D) to (B, H, T, D).
  private func split(_ joined_BTE: Tensor) -> Tensor {
    let shape = joined_BTE.shape
    return joined_BTE.reshaped(to: [shape[0], shape[1], heads, -1]).permuted(to: [0, 2, 1, 3])
  }
}
