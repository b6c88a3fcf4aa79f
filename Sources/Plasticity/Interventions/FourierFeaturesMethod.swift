public import Networks

/// Deep Fourier features in the place of every nonlinearity: each unit gives a sine and a cosine.
///
/// Source: Lewandowski et al. 2024 (arXiv 2410.20634, ICLR 2025), section 4. With `keepsWidth` each
/// layer has half the units, so that a nonlinearity gives as many features as before; the default.
public struct FourierFeaturesMethod: Intervention {
  /// `fourier-features`.
  public static let name = "fourier-features"
  /// One line.
  public static let summary = "deep Fourier features: a sine and a cosine as nonlinearity"
  /// Where it comes from.
  public static let source = "Lewandowski et al. 2024, section 4"

  /// Whether layers have half the units, so that a nonlinearity gives as many features as before.
  public var keepsWidth = true

  /// As many features as before.
  public init() {}

  /// Replaces the nonlinearity.
  public var effects: Set<InterventionEffect> { [.nonlinearity] }

  /// The rewriting.
  public func hook() -> any Hook {
    NonlinearityReplacement.hook(Self.name, keepsWidth: keepsWidth) { FourierFeatures() }
  }
}
