public import Networks

/// Deep Fourier features in the place of every nonlinearity: each unit gives a sine and a cosine.
///
/// Source: Lewandowski et al. 2024 (arXiv 2410.20634, ICLR 2025), section 4. Each unit has two features. With
/// ``equalParameters``, the default and our choice, layers are narrower by one share for all, such that the
/// network has as many parameters as it was written with; normalizations, which are inserted
/// afterwards, are not counted. Without it, ``keepsWidth`` halves the units, so that a nonlinearity gives as many
/// features as before and parameters are fewer, and without both every layer keeps its units and
/// parameters are more.
public struct FourierFeaturesMethod: FeatureDoubling {
  public static let name = "fourier-features"
  public static let summary = "deep Fourier features: a sine and a cosine as nonlinearity"
  public static let source = "Lewandowski et al. 2024, section 4"

  /// Whether layers are so much narrower that the network has as many parameters as before.
  public var equalParameters = true
  /// Whether, without ``equalParameters``, layers have half the units.
  public var keepsWidth = true

  public init() {}

  /// Reads the settings; those stored before there was ``equalParameters`` go without it.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    equalParameters = try values.decodeIfPresent(Bool.self, forKey: .equalParameters) ?? false
    keepsWidth = try values.decode(Bool.self, forKey: .keepsWidth)
  }

  public func hook() -> any Hook {
    NonlinearityReplacement.hook(Self.name, rule) { FourierFeatures() }
  }
}
