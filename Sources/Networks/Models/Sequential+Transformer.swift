import Torch

extension Sequential {
  /// A small transformer that reads its answer at the last position (Vaswani et al. 2017): `embedding`, then
  /// `attention0`, `dense0`, `attention1`, …, `last`, `output`, without biases.
  ///
  ///     x ← x + attention(N x),   x ← x + N W₂ φ(W₁ N x)
  ///
  /// with learned absolute positions. Each N is a ``NormalizationSite``, the identity until an insertion puts a
  /// normalization there: before attention, before the dense part and after it, where METHOD 3.7 (Lyle et al. 2025,
  /// grokking) has them. Whether the last one stands before the addition, as here, or after it is not known; before it
  /// both dense matrices are exactly invariant with a positively homogeneous φ, such as ReLU, and are therefore hidden
  /// weights. The roles of attention's matrices are ``SelfAttention``'s.
  ///
  /// Known of the source's network: 2 layers (its text says one attention block), 4 heads, queries, keys and
  /// values of 32, dense width 512, no dropout, no biases. The model's width of 128 = 4 · 32 and the tables'
  /// deviation are our choice.
  ///
  /// Input int64 (B, T) to logits (B, classes).
  ///
  /// - Parameters:
  ///   - positions: the largest T.
  ///   - vocabulary: the number of different tokens.
  ///   - layers: pairs of attention and dense part.
  ///   - heads: heads of each attention.
  ///   - headDimension: features of a head's queries, keys and values.
  ///   - modelDimension: features of a position.
  ///   - feedForward: the width of a dense part.
  ///   - embeddingDeviation: the standard deviation of both tables.
  ///   - isCausal: whether later positions are hidden.
  ///   - normalizesQueriesAndKeys: whether each head normalizes them.
  ///   - classes: the number of logits.
  ///   - activation: φ, one that keeps the number of features.
  ///   - source: how the parameters are made.
  public static func transformer(
    positions: Int, vocabulary: Int, layers: Int = 2, heads: Int = 4, headDimension: Int = 32,
    modelDimension: Int = 128, feedForward: Int = 512, embeddingDeviation: Double = 0.1,
    isCausal: Bool = false, normalizesQueriesAndKeys: Bool = false, classes: Int,
    activation: ActivationKind = .relu, source: ParameterSource
  ) -> Sequential {
    var elements = [
      Element(
        "embedding",
        TokenEmbedding(
          vocabulary: vocabulary, positions: positions, features: modelDimension,
          standardDeviation: embeddingDeviation, generator: source.generator.split("embedding"),
          dtype: source.dtype, device: source.device))
    ]
    for index in 0..<layers {
      let (attention, dense) = ("attention\(index)", "dense\(index)")
      elements.append(
        Element(
          attention,
          Residual(
            Sequential([
              Element("normalization", NormalizationSite()),
              Element(
                "attention",
                SelfAttention(
                  features: modelDimension, heads: heads, headDimension: headDimension,
                  isCausal: isCausal, normalizesQueriesAndKeys: normalizesQueriesAndKeys,
                  initializer: source.initializer, generator: source.generator.split(attention),
                  dtype: source.dtype, device: source.device)),
            ]))))
      elements.append(
        Element(
          dense,
          Residual(
            Sequential([
              Element("normalization", NormalizationSite()),
              Element(
                "hidden",
                source.linear(dense + "-hidden", modelDimension, feedForward, hasBias: false)),
              Element("activation", activation.make()),
              Element(
                "output",
                source.linear(dense + "-output", feedForward, modelDimension, hasBias: false)),
              Element("normalization-after", NormalizationSite()),
            ]))))
    }
    elements.append(Element("last", LastPosition()))
    elements.append(
      Element(
        "output", source.linear("output", modelDimension, classes, isOutput: true, hasBias: false)))
    return Sequential(elements)
  }
}
