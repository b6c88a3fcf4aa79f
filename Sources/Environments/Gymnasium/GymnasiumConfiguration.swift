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
  /// - Throws: ``EnvironmentError`` of the environment `Gymnasium`, whose reason begins with the first field that
  ///   cannot be used.
  public func validate() throws(EnvironmentError) {
    func require(_ holds: Bool, _ reason: String) throws(EnvironmentError) {
      if !holds { throw EnvironmentError("Gymnasium", reason) }
    }
    for (name, count, most) in [
      ("channels", channels ?? 1, 100_000), ("stack", stack, 1_000),
      ("framesPerStep", framesPerStep, 1_000_000),
    ] {
      let bound = count < 1 ? "at least 1" : "at most \(most)"
      try require((1...most).contains(count), "\(name) must be \(bound), but is \(count)")
    }
    for (name, seconds) in [("startTimeout", startTimeout), ("stepTimeout", stepTimeout)] {
      try require(
        seconds > 0 && seconds <= 1e6,
        "\(name) must be a finite number above 0 and at most 1000000, but is \(seconds)")
    }
    try require(
      spinMicroseconds >= 0 && spinMicroseconds <= 1e6,
      "spinMicroseconds must be a finite number from 0 to 1000000, but is \(spinMicroseconds)")
  }

  /// The five games of MinAtar with all six actions and ten channels, so that one network serves a sequence of them.
  ///
  /// Sticky actions (0.1) and difficulty that rises are on, as in MinAtar itself. Source: Young and Tian 2019,
  /// "MinAtar: An Atari-inspired testbed for thorough and reproducible reinforcement learning experiments".
  public static let minAtarGames = ["Asterix", "Breakout", "Freeway", "Seaquest", "SpaceInvaders"]
    .map { GymnasiumConfiguration(id: "MinAtar/\($0)-v0", channels: 10) }
}
