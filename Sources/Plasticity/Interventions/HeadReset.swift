public import Networks

/// Resetting the head: the output layer is drawn again, at task boundaries or every so many updates.
///
/// Weights come from the initializer; the optimizer's tensors of these parameters become zero, while
/// its number of steps continues. Source: Nikishin et al. 2022 (arXiv 2205.07802), section 4, who reset
/// the last layers of an agent periodically.
public struct HeadReset: PeriodicIntervention {
  public static let name = "reset-head"
  public static let summary =
    "draws the output layer anew, at task boundaries or every so many updates"
  public static let source = "Nikishin et al. 2022, section 4"

  /// Updates between two resets; 0 for task boundaries.
  public var everyUpdates = 0

  public init() {}

  public func hook() -> any Hook {
    ParameterReset(name: Self.name, scope: .outputs, everyUpdates: everyUpdates)
  }
}
