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

  /// There is work where the run comes to a boundary, or to the end of a period.
  public func idleReason(on subject: InterventionSubject) -> String? { reasonNeverDue(on: subject) }

  /// Why the method would never be due.
  func reasonNeverDue(on subject: InterventionSubject) -> String? {
    guard everyUpdates == 0 else {
      return subject.reasonTooShort(for: Self.name, first: everyUpdates, key: "everyUpdates")
    }
    guard subject.taskCount == 1 else { return nil }
    return
      "it acts at task boundaries and the run has one task; set methods.\(Self.name).everyUpdates, "
      + "or leave \(Self.name) out"
  }

  /// Throws unless the period is 0 or more.
  func requirePeriod() throws(ConfigurationError) {
    try require(everyUpdates >= 0, "everyUpdates", "0 (boundaries) or more", everyUpdates)
    try requireCount(everyUpdates, "everyUpdates", from: 0)
  }
}
