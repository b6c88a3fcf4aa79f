public import Networks

/// Resetting the last layers: like ``HeadReset`` for the last so many weighted layers, with what
/// stands between and after them.
///
/// Source: Nikishin et al. 2022 (arXiv 2205.07802), section 4; the number of layers is our choice.
public struct LayerReset: PeriodicIntervention {
  public static let name = "reset-layers"
  public static let summary =
    "draws the last layers anew, at task boundaries or every so many updates"
  public static let source = "Nikishin et al. 2022, section 4"

  /// Weighted layers, counted from the end.
  public var layers = 2
  /// Updates between two resets; 0 for task boundaries.
  public var everyUpdates = 0

  public init() {}

  /// At least one layer; the period is 0 or more.
  public func validate() throws(ConfigurationError) {
    try requireCount(layers, "layers", from: 1)
    try requirePeriod()
  }

  public func hook() -> any Hook {
    ParameterReset(name: Self.name, scope: .last(layers), everyUpdates: everyUpdates)
  }
}
