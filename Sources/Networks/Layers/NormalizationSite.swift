public import Torch

/// A place for a normalization: the identity, until an insertion puts a normalization there.
///
/// Where a network says itself where its normalizations stand, as transformers do, the branch that holds
/// sites gets none in front of its nonlinearities.
public struct NormalizationSite: Layer {
  public var parts: [Part] { [] }
  /// A place.
  public init() {}
  /// The input.
  public func callAsFunction(_ input: Tensor) -> Tensor { input }
}
