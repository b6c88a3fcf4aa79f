public import Networks

/// Concatenated ReLU in the place of every nonlinearity: each unit gives `max(x, 0)` and `max(−x, 0)`.
///
/// Source: Shang et al. 2016 (arXiv 1603.05201), definition 2.1; against loss of plasticity Abbas et al.
/// 2023 (arXiv 2303.07507). Layers that read a nonlinearity have twice the inputs; with `keepsWidth`
/// each layer has half the units instead, so that the inputs stay. The default, wider, is our choice.
public struct CReLUMethod: Intervention {
  /// `crelu`.
  public static let name = "crelu"
  /// One line.
  public static let summary = "concatenated ReLU as nonlinearity"
  /// Where it comes from.
  public static let source = "Shang et al. 2016, definition 2.1; Abbas et al. 2023"

  /// Whether layers have half the units, so that a nonlinearity gives as many features as before.
  public var keepsWidth = false

  /// Twice the features.
  public init() {}

  /// Replaces the nonlinearity.
  public var effects: Set<InterventionEffect> { [.nonlinearity] }

  /// The rewriting.
  public func hook() -> any Hook {
    NonlinearityReplacement.hook(Self.name, keepsWidth: keepsWidth) { CReLU() }
  }
}
