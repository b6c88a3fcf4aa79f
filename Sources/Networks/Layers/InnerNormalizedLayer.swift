/// A layer with a nonlinearity inside that can be normalized there, such as attention's softmax.
///
/// An insertion of normalizations asks for it.
public protocol InnerNormalizedLayer: Layer {
  /// The number of features, the last axis of what the normalization is given; `nil` where none is to be inserted.
  var innerFeatures: Int? { get }

  /// The same layer with the same weights and normalizations inside; biases that these make redundant are dropped.
  func normalizedInside(_ make: () -> any FeatureNormalization) -> Self
}
