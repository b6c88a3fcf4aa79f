/// Two returns of an environment that make its returns comparable with other environments': 0 and 1 of the scale.
public struct ScoreScale: Codable, Hashable, Sendable {
  /// The return of a player that acts at random.
  public var random: Double
  /// The return of the player that counts as 1: in Atari a human.
  public var reference: Double

  /// A scale.
  public init(random: Double, reference: Double) {
    self.random = random
    self.reference = reference
  }

  /// (x − random) / (reference − random).
  public func score(_ value: Double) -> Double { (value - random) / (reference - random) }
}
