/// What a layer does to the scale of its features: what an insertion of normalizations has to know of it.
public enum ScaleEffect: Sendable, Hashable {
  /// Features `c x` with c > 0 come out scaled by c, but for a bias; a weight that is scaled scales them, too. A
  /// normalization in front of a layer without weights holds after it, one behind a layer with weights makes these
  /// scale-invariant.
  case preserves
  /// A nonlinearity, or anything else that answers to the scale: its input has to be normalized.
  case breaks
  /// The output is the same for every scale of the input.
  case normalizes
  /// Its weights compute the network's outputs, which are not normalized.
  case isOutput
  /// The output's scale comes from elsewhere: a table of vectors, or attention, whose own weights are normalized
  /// inside.
  case startsAnew
}

extension Layer {
  /// Not known: an insertion then refuses the network.
  public var scaleEffect: ScaleEffect? { nil }
}

extension WeightedLayer {
  /// An output, or a product with the weight.
  public var scaleEffect: ScaleEffect? { isOutput ? .isOutput : .preserves }
}

extension Activation {
  /// A nonlinearity.
  public var scaleEffect: ScaleEffect? { .breaks }
}

extension FeatureNormalization {
  /// A normalization.
  public var scaleEffect: ScaleEffect? { .normalizes }
}

extension ReshapingLayer {
  /// The same scale.
  public var scaleEffect: ScaleEffect? { .preserves }
}

extension TokenReadingLayer {
  /// Vectors of a table.
  public var scaleEffect: ScaleEffect? { .startsAnew }
}

extension GroupNorm {
  /// A normalization.
  public var scaleEffect: ScaleEffect? { .normalizes }
}

extension BatchNorm2D {
  /// A normalization.
  public var scaleEffect: ScaleEffect? { .normalizes }
}

extension SelfAttention {
  /// Its weights have scales of their own.
  public var scaleEffect: ScaleEffect? { .startsAnew }
}

extension CosineFeatures {
  /// Cosines of fractions.
  public var scaleEffect: ScaleEffect? { .startsAnew }
}

extension AppendedOne {
  /// The 1 keeps its size whatever the numbers' is.
  public var scaleEffect: ScaleEffect? { .startsAnew }
}
