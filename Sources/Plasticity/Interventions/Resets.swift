public import Networks

/// Resetting the head: the output layer is drawn anew, at task boundaries or every so many updates.
///
/// Weights come from the initializer; the optimizer's tensors of these parameters become zero, while
/// its number of steps goes on. Source: Nikishin et al. 2022 (arXiv 2205.07802), section 4, who reset
/// the last layers of an agent periodically.
public struct HeadReset: Intervention {
  /// `reset-head`.
  public static let name = "reset-head"
  /// One line.
  public static let summary =
    "draws the output layer anew, at task boundaries or every so many updates"
  /// Where it comes from.
  public static let source = "Nikishin et al. 2022, section 4"

  /// Updates between two resets; 0 for task boundaries.
  public var everyUpdates = 0

  /// At every boundary.
  public init() {}

  /// At boundaries.
  public var knowsBoundaries: Bool { everyUpdates == 0 }

  /// The period is 0 or more.
  public func validate() throws(ConfigurationError) {
    try require(everyUpdates >= 0, "everyUpdates", "0 (boundaries) or more", everyUpdates)
  }

  /// The reset.
  public func hook() -> any Hook {
    ParameterReset(name: Self.name, scope: .outputs, everyUpdates: everyUpdates)
  }
}

/// Resetting the last layers: like ``HeadReset`` for the last so many weighted layers, with what
/// stands between and after them.
///
/// Source: Nikishin et al. 2022 (arXiv 2205.07802), section 4; the number of layers is our choice.
public struct LayerReset: Intervention {
  /// `reset-layers`.
  public static let name = "reset-layers"
  /// One line.
  public static let summary =
    "draws the last layers anew, at task boundaries or every so many updates"
  /// Where it comes from.
  public static let source = "Nikishin et al. 2022, section 4"

  /// Weighted layers, counted from the end.
  public var layers = 2
  /// Updates between two resets; 0 for task boundaries.
  public var everyUpdates = 0

  /// Two layers at every boundary.
  public init() {}

  /// At boundaries.
  public var knowsBoundaries: Bool { everyUpdates == 0 }

  /// At least one layer; the period is 0 or more.
  public func validate() throws(ConfigurationError) {
    try require(layers > 0, "layers", "at least 1", layers)
    try require(everyUpdates >= 0, "everyUpdates", "0 (boundaries) or more", everyUpdates)
  }

  /// The reset.
  public func hook() -> any Hook {
    ParameterReset(name: Self.name, scope: .last(layers), everyUpdates: everyUpdates)
  }
}

/// Resetting everything: all parameters are drawn anew and the optimizer starts anew.
///
/// What other methods and the projection keep, such as initial norms, stays. Without them and at every
/// boundary it is the arm `fresh` with other draws. Source: the limit of Nikishin et al. 2022 (arXiv
/// 2205.07802); the reference of continual learning.
public struct FullReset: Intervention {
  /// `reset-all`.
  public static let name = "reset-all"
  /// One line.
  public static let summary = "draws every parameter anew and starts the optimizer anew"
  /// Where it comes from.
  public static let source = "Nikishin et al. 2022, section 4 (all layers)"

  /// Updates between two resets; 0 for task boundaries.
  public var everyUpdates = 0

  /// At every boundary.
  public init() {}

  /// At boundaries.
  public var knowsBoundaries: Bool { everyUpdates == 0 }

  /// The period is 0 or more.
  public func validate() throws(ConfigurationError) {
    try require(everyUpdates >= 0, "everyUpdates", "0 (boundaries) or more", everyUpdates)
  }

  /// The reset.
  public func hook() -> any Hook {
    ParameterReset(name: Self.name, scope: .everything, everyUpdates: everyUpdates)
  }
}
