/// An environment in episodes, with discrete or continuous actions.
///
/// The types keep three things apart that are often confused: the observation that begins an episode
/// (``EpisodeStart``), which no reward came with; an episode that the environment ended
/// (``EpisodeEnd/terminated``), after which nothing is worth anything; and one that was cut short
/// (``EpisodeEnd/truncated``), after which the value of the last observation still counts. There is no
/// automatic reset: after an end, ``reset()`` must be called.
///
/// Laws (`TestSupport/EnvironmentLaws`): equal seeds and actions give equal steps; what
/// ``savedState()`` returned brings back the very same future, random numbers included, on an
/// environment of the same configuration; observations have the declared form and are finite.
/// Who plays calls `beginEpisode()` and `take(_:in:)`, which refuse what is not finite.
public protocol Environment {
  /// The form of observations, the actions, and what frames are.
  var specification: EnvironmentSpecification { get }

  /// Facts that results depend on and that no configuration has, such as the checksum of a game image, in groups: one
  /// with the environment's own name, and one that environments of its kind share.
  var protocolFacts: [String: [String: String]] { get }

  /// What the environment looks like to people at this moment; `nil` where it has no image of its own but what an
  /// agent sees (``RenderedImage/init(_:of:)``).
  ///
  /// - Throws: what the environment throws that cannot be looked at.
  var image: RenderedImage? { get throws }

  /// Whether ``restore(_:)`` runs code of a saved state, so that untrusted states must not be restored; false by
  /// default.
  var stateRunsCode: Bool { get }

  /// Begins an episode.
  mutating func reset() throws -> EpisodeStart

  /// Takes an action of `specification.actions`.
  ///
  /// - Throws: ``EnvironmentError`` for an action of another kind or out of range, or before the first reset or after
  ///   an end; and whatever makes the environment fail.
  mutating func step(_ action: Action) throws -> Step

  /// Everything that decides the future, the environment's random numbers included.
  ///
  /// - Throws: ``EnvironmentError`` from an environment that cannot be saved, such as one in another
  ///   process.
  func savedState() throws -> EnvironmentState

  /// Continues from a saved state. All or nothing: an error leaves the environment as it was.
  mutating func restore(_ state: EnvironmentState) throws
}

extension Environment {
  /// Takes the discrete action of this number.
  ///
  /// - Throws: as the step of an ``Action``.
  public mutating func step(_ action: Int) throws -> Step { try step(.discrete(action)) }

  /// The form of observations and the number of actions, under the environment's name.
  public var protocolFacts: [String: [String: String]] { specification.facts }

  /// None.
  public var image: RenderedImage? { nil }

  /// No.
  public var stateRunsCode: Bool { false }
}

/// What an agent must know of an environment.
public struct EnvironmentSpecification: Sendable, Hashable, Codable {
  /// The full name for records, such as `ALE/Pong` or `CartPole`.
  public var name: String
  /// The form of observations.
  public var observations: ObservationSpace
  /// What actions it takes.
  public var actions: ActionSpace
  /// Frames of one step when nothing ends it early; 1 where the two are the same.
  public var actionRepeat: Int

  /// A specification; see the properties.
  public init(
    name: String, observations: ObservationSpace, actions: ActionSpace, actionRepeat: Int = 1
  ) {
    self.name = name
    self.observations = observations
    self.actions = actions
    self.actionRepeat = actionRepeat
  }

  /// A specification with so many discrete actions; see the properties.
  public init(
    name: String, observations: ObservationSpace, actionCount: Int, actionRepeat: Int = 1
  ) {
    self.init(
      name: name, observations: observations, actions: .discrete(count: actionCount),
      actionRepeat: actionRepeat)
  }

  /// The number of discrete actions, or of a continuous action's components.
  public var actionCount: Int { actions.count }

  // Discrete actions are written as before there were others.
  private enum CodingKeys: String, CodingKey {
    case name, observations, actionRepeat
    case actions = "actionCount"
  }

  /// The number of discrete actions.
  ///
  /// - Throws: ``EnvironmentError`` for continuous ones.
  public func discreteActionCount() throws(EnvironmentError) -> Int {
    guard case .discrete(let count) = actions else {
      throw EnvironmentError(
        name,
        "expected discrete actions, found \(actions): this agent compares the values of finitely many; "
          + "PPO takes them (agent=ppo)"
      )
    }
    return count
  }

  /// What can be told of an environment by its specification alone, under its name.
  var facts: [String: [String: String]] {
    [
      name: [
        "observations": "\(observations.stackedShape) of \(observations.element.rawValue)",
        "actions": "\(actions)",
      ]
    ]
  }
}

/// How an episode ended.
public enum EpisodeEnd: String, Sendable, Hashable, Codable {
  /// The environment ended the episode: nothing comes after.
  case terminated
  /// A time limit cut the episode short: the environment would have continued.
  case truncated
}

/// The observation that begins an episode.
public struct EpisodeStart: Sendable, Hashable {
  /// What is seen first.
  public var observation: Observation

  /// A start.
  public init(_ observation: Observation) { self.observation = observation }
}

/// What an action brought.
public struct Step: Sendable, Hashable {
  /// What is seen after the action; the episode's last view when it ended.
  public var observation: Observation
  /// The reward that an agent learns from, clipped where the protocol says so.
  public var reward: Double
  /// The reward as the environment gave it, of which returns are made.
  public var rawReward: Double
  /// Whether what follows is worth nothing for learning: the episode terminated, or a life was lost under a protocol
  /// that sets the discount to zero then. False at a truncation.
  public var isDiscountZero: Bool
  /// How the episode ended, `nil` while it continues.
  public var end: EpisodeEnd?
  /// Frames that the step took.
  public var frames: Frames
  /// Whether its episode is a whole game.
  public var scope: EpisodeScope

  /// A step; see the properties. The raw reward is the reward and the discount is zero at a termination alone unless
  /// said otherwise.
  public init(
    observation: Observation, reward: Double, rawReward: Double? = nil, end: EpisodeEnd? = nil,
    isDiscountZero: Bool? = nil, frames: Frames = 1, scope: EpisodeScope = .whole
  ) {
    self.observation = observation
    self.reward = reward
    self.rawReward = rawReward ?? reward
    self.end = end
    self.isDiscountZero = isDiscountZero ?? (end == .terminated)
    self.frames = frames
    self.scope = scope
  }

  /// The return of the game that ended with this step, which is what scores are made of; `nil` while it continues.
  ///
  /// - Parameter episode: of which this is the last step.
  public func gameReturn(of episode: EpisodeSummary) -> Double? {
    guard end != nil else { return nil }
    switch scope {
    case .whole: return episode.rawReturn
    case .part(let gameReturn): return gameReturn
    }
  }
}

/// Whether an episode is a whole game or a part of one.
public enum EpisodeScope: Sendable, Hashable {
  /// The episode's return is the game's.
  case whole
  /// A life of a game: the raw return of all of the game's lives once it is over, `nil` before.
  case part(gameReturn: Double?)
}

/// The saved state of an environment.
public struct EnvironmentState: Sendable, Hashable, Codable {
  /// What wrote it, with its version, such as `cart-pole/1`.
  public var format: String
  /// The state as that writer lays it out.
  public var bytes: [UInt8]

  /// A state.
  public init(format: String, bytes: [UInt8]) {
    self.format = format
    self.bytes = bytes
  }
}

/// What an environment refuses, as one sentence.
public struct EnvironmentError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The environment's name.
  public let environment: String
  /// What was expected, what was found, and what to do.
  public let reason: String

  /// An error.
  public init(_ environment: String, _ reason: String) {
    self.environment = environment
    self.reason = reason
  }

  /// The name, then the reason.
  public var description: String { "\(environment): \(reason)" }
}
