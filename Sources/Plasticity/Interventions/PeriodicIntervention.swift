public import Networks

/// A method that acts when the task changes, or instead every so many updates.
public protocol PeriodicIntervention: Intervention {
  /// Updates between two applications; 0 for task boundaries.
  var everyUpdates: Int { get }
}

extension PeriodicIntervention {
  /// Only where it acts at boundaries.
  public var knowsBoundaries: Bool { everyUpdates == 0 }

  /// The period is 0 or more.
  public func validate() throws(ConfigurationError) { try requirePeriod() }

  /// Throws unless the period is 0 or more.
  func requirePeriod() throws(ConfigurationError) {
    try require(everyUpdates >= 0, "everyUpdates", "0 (boundaries) or more", everyUpdates)
    try requireCount(everyUpdates, "everyUpdates", from: 0)
  }
}
