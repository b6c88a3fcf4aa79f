internal import Networks

/// β of the importance weights as transitions come: linear between two counts, constant outside.
///
/// Its unit is the transitions ever stored (``Replay/storedCount``), not updates. The defaults are Rainbow's in
/// DQN Zoo: from 0.4 at 20,000 transitions to 1 at 50 million, the end of 200 million frames.
public struct WeightExponentSchedule: Codable, Hashable, Sendable {
  /// β up to ``start``.
  public var initial = 0.4
  /// β from ``end`` on.
  public var final = 1.0
  /// Transitions stored when it begins to move.
  public var start = 20_000
  /// Transitions stored when it stops.
  public var end = 50_000_000

  /// The defaults.
  public init() {}

  /// A schedule; see the properties.
  public init(initial: Double, final: Double, start: Int, end: Int) {
    self.initial = initial
    self.final = final
    self.start = start
    self.end = end
  }

  /// Checks every field.
  ///
  /// - Throws: `ConfigurationError` naming the first that cannot be used.
  func validate() throws(ConfigurationError) {
    for (name, value) in [("initial", initial), ("final", final)] {
      try ConfigurationError.requireNumber(value, "agent.weightExponent.\(name)", to: 100)
    }
    for (name, count) in [("start", start), ("end", end)] {
      try ConfigurationError.requireCount(count, "agent.weightExponent.\(name)", from: 0)
    }
  }

  /// β after so many transitions.
  public func value(stored: Int) -> Double {
    if stored >= end { return final }
    if stored <= start { return initial }
    let share = Double(stored - start) / Double(end - start)
    return initial + share * (final - initial)
  }
}
