public import Networks

/// Which environment of Gymnasium, and how it is shown and waited for.
public struct GymnasiumConfiguration: Codable, Hashable, Sendable {
  /// Where an image's channels are.
  public enum ImageLayout: String, Codable, Sendable {
    /// (H, W, C), Gymnasium's custom: shown as (C, H, W).
    case channelsLast
    /// (C, H, W) already.
    case channelsFirst
  }

  /// The registered id, such as `MinAtar/Breakout-v0`; `module:ID` imports a module first.
  public var id: String
  /// Keyword arguments of `gymnasium.make`, as a JSON object: `{"sticky_action_prob": 0}`.
  public var arguments: String
  /// How observations of three axes are laid out.
  public var imageLayout: ImageLayout
  /// Channels to show, the ones that the environment lacks as zeros after its own, so that one network serves several
  /// games; `nil` for its own. MinAtar's five games have 4 to 10.
  public var channels: Int?
  /// Newest frames that a decision is based on.
  public var stack: Int
  /// Frames that one step counts for, where the environment repeats actions itself.
  public var framesPerStep: Int
  /// Seconds within which the process must have imported Gymnasium and made its environments.
  public var startTimeout: Double
  /// Seconds within which it must answer a command.
  public var stepTimeout: Double
  /// Microseconds that each side watches for the other's answer before it sleeps. 0 is right where other work wants the
  /// processor, as a learner does: with both cores busy, watching for 50 µs made a step several times dearer. Many
  /// environments a message, not watching, make steps cheap.
  public var spinMicroseconds: Double

  /// A configuration; see the properties. The defaults are our choice.
  public init(
    id: String, arguments: String = "{}", imageLayout: ImageLayout = .channelsLast,
    channels: Int? = nil, stack: Int = 1, framesPerStep: Int = 1, startTimeout: Double = 60,
    stepTimeout: Double = 60, spinMicroseconds: Double = 0
  ) {
    self.id = id
    self.arguments = arguments
    self.imageLayout = imageLayout
    self.channels = channels
    self.stack = stack
    self.framesPerStep = framesPerStep
    self.startTimeout = startTimeout
    self.stepTimeout = stepTimeout
    self.spinMicroseconds = spinMicroseconds
  }

  /// Checks every field. The limits are our choice.
  ///
  /// - Throws: `ConfigurationError` naming the first that cannot be used, as `worlds.gymnasium.KEY`.
  public func validate() throws(ConfigurationError) {
    for (name, count, most) in [
      ("channels", channels ?? 1, 100_000), ("stack", stack, 1_000),
      ("framesPerStep", framesPerStep, 1_000_000),
    ] {
      try ConfigurationError.requireCount(count, "worlds.gymnasium.\(name)", from: 1, to: most)
    }
    for (name, seconds) in [("startTimeout", startTimeout), ("stepTimeout", stepTimeout)] {
      try ConfigurationError.requireNumber(
        seconds, "worlds.gymnasium.\(name)", to: 1e6, isOpen: true)
    }
    try ConfigurationError.requireNumber(
      spinMicroseconds, "worlds.gymnasium.spinMicroseconds", to: 1e6)
  }

  /// The five games of MinAtar with all six actions and ten channels, so that one network serves a sequence of them.
  ///
  /// Sticky actions (0.1) and difficulty that rises are on, as in MinAtar itself. Source: Young and Tian 2019,
  /// "MinAtar: An Atari-inspired testbed for thorough and reproducible reinforcement learning experiments".
  public static let minAtarGames = ["Asterix", "Breakout", "Freeway", "Seaquest", "SpaceInvaders"]
    .map { GymnasiumConfiguration(id: "MinAtar/\($0)-v0", channels: 10) }
}
