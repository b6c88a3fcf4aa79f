/// The returns of an environment that count as 0 and 1, so that scores of environments can be compared.
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

  /// MinAtar's games by their id. Our choice, measured, so that games have similar weight: 0 is the mean return of
  /// random play (400 episodes; 160 for Freeway). 1 is above it by the gain of Rainbow over the last 2,000 of 20,000
  /// steps from fresh weights (seed 1000, rate 2.5e-4, untuned), or by one point if the gain was less.
  public static let minAtar: [String: ScoreScale] = [
    "MinAtar/Asterix-v0": ScoreScale(random: 0.4225, reference: 1.4225),
    "MinAtar/Breakout-v0": ScoreScale(random: 0.5075, reference: 3.88),
    "MinAtar/Freeway-v0": ScoreScale(random: 0.1625, reference: 2.0),
    "MinAtar/Seaquest-v0": ScoreScale(random: 0.0825, reference: 1.0825),
    "MinAtar/SpaceInvaders-v0": ScoreScale(random: 2.9375, reference: 10.4),
  ]

  /// (x − random) / (reference − random).
  public func score(_ value: Double) -> Double { (value - random) / (reference - random) }
}
