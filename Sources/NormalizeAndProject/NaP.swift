/// Normalize-and-Project: three parts, each usable alone.
///
///     let nap = NaP.both
///     let network = try nap.normalized(plain, inputShape: [3072])
///     var projection = try ProjectionState(nap, parameters: network.trainableParameters)
///
/// The four arms are one configuration with parts left out.
/// Source: Lyle et al. 2024, arXiv 2407.01800; METHOD section 1 says what is known of each choice.
public struct NaP: Sendable, Hashable, Codable {
  /// What is inserted before every nonlinearity.
  public var normalization: Normalization
  /// What is rescaled after the update.
  public var projection: Projection
  /// What happens to the normalizations' learned parameters.
  public var scaleAndOffset: ScaleAndOffset

  /// The method with its three parts; both without learned scale and offset by default.
  public init(
    normalization: Normalization = .layer, projection: Projection = .hiddenWeights,
    scaleAndOffset: ScaleAndOffset = .none
  ) {
    self.normalization = normalization
    self.projection = projection
    self.scaleAndOffset = scaleAndOffset
  }

  /// The arm `plain`: the network as it is.
  public static let plain = NaP.both.plain
  /// The arm `norm`: normalization alone.
  public static let normOnly = NaP.both.normOnly
  /// The arm `project`: projection alone, of a network that is not scale-invariant.
  public static let projectOnly = NaP.both.projectOnly
  /// The arm `nap`: normalization and projection.
  public static let both = NaP()

  /// This configuration without any part.
  public var plain: NaP { NaP(normalization: .none, projection: .none, scaleAndOffset: .none) }

  /// This configuration without the projection; learned scales and offsets are left free.
  public var normOnly: NaP {
    NaP(
      normalization: normalization, projection: .none,
      scaleAndOffset: scaleAndOffset.isLearned ? .free : .none)
  }

  /// This configuration without the normalization.
  public var projectOnly: NaP {
    NaP(normalization: .none, projection: projection, scaleAndOffset: .none)
  }
}
