public import Networks

/// Concatenated ReLU in the place of every nonlinearity: each unit gives `max(x, 0)` and `max(−x, 0)`.
///
/// Source: Shang et al. 2016 (arXiv 1603.05201), definition 2.1; against loss of plasticity Abbas et al.
/// 2023 (arXiv 2303.07507). Each unit has two features, so that a layer that reads them has twice the inputs.
/// With ``equalParameters``, the default and our choice, layers are narrower by one share for all, such that
/// the network has as many parameters as it was written with; normalizations, which are inserted
/// afterwards, are not counted. Without it, ``keepsWidth`` halves the units, so that the inputs stay and
/// parameters are fewer, and without both every layer keeps its units and parameters are more.
public struct CReLUMethod: FeatureDoubling {
  public static let name = "crelu"
  public static let summary = "concatenated ReLU as nonlinearity"
  public static let source = "Shang et al. 2016, definition 2.1; Abbas et al. 2023"

  /// Whether layers are so much narrower that the network has as many parameters as before.
  public var equalParameters = true
  /// Whether, without ``equalParameters``, layers have half the units.
  public var keepsWidth = false

  public init() {}

  /// Reads the settings; those stored before there was ``equalParameters`` go without it.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    equalParameters = try values.decodeIfPresent(Bool.self, forKey: .equalParameters) ?? false
    keepsWidth = try values.decode(Bool.self, forKey: .keepsWidth)
  }

  public func hook() -> any Hook { NonlinearityReplacement.hook(Self.name, rule) { CReLU() } }
}
