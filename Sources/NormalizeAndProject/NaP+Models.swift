extension NaP {
  /// Our choice for residual networks (METHOD, table of defaults): LayerNorm over each example, every kernel projected,
  /// scale and offset of each normalization jointly.
  public static let residualNetwork = NaP(scaleAndOffset: .jointProjection)

  /// The arm of a network with batch normalizations that keeps them: every kernel projected, running statistics, scales
  /// and offsets with it.
  public static let batchNormalizedNetwork = NaP(
    normalization: .none, scaleAndOffset: .jointProjection)

  /// Our choice for ``/Networks/GPT`` and ``/Networks/ViT`` (METHOD, table of defaults): RMSNorm of features with ε =
  /// 1e-6, on queries and keys, too, without offsets; the matrices of attention and dense parts projected, each alone;
  /// scales decay towards 1.
  public static let transformer = NaP(
    normalization: Normalization(.rms, axes: .channels, epsilon: 1e-6, learnsOffset: false),
    projection: Projection(roles: [.weight, .attentionLogit, .residualOutput]),
    scaleAndOffset: .decay(rate: 1))
}
