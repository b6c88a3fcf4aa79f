public import Networks

/// Resetting everything: all parameters are drawn again and the optimizer starts again.
///
/// What other methods and the projection keep, such as initial norms, stays. Without them and at every
/// boundary it is what the arms `fresh` (on `plain`) and `fresh-norm` (on `norm`) do, with other draws.
/// Source: the limit of Nikishin et al. 2022 (arXiv 2205.07802); the reference of continual learning.
public struct FullReset: PeriodicIntervention {
  public static let name = "reset-all"
  public static let summary = "draws every parameter anew and starts the optimizer anew"
  public static let source = "Nikishin et al. 2022, section 4 (all layers)"

  /// Updates between two resets; 0 for task boundaries.
  public var everyUpdates = 0

  public init() {}

  public func hook() -> any Hook {
    ParameterReset(name: Self.name, scope: .everything, everyUpdates: everyUpdates)
  }
}
