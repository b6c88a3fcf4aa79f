public import Environments
public import Networks
public import Torch

/// An agent that moves one environment and learns from what that brings: what a loop needs to know of it.
///
///     if episode == nil { agent.begin(try environment.beginEpisode()) }
///     let action = try agent.action(measuring: false)
///     let updates = try agent.observe(action, try environment.take(action, in: &episode), measuring: false)
///
/// Whoever loops calls ``settle()`` before the agent is saved: afterwards nothing is under way. Its state is that of
/// its trainer and a part `agent`; ``memory`` and the environment are saved apart.
public protocol Agent<Trainer>: Stateful {
  /// What changes its network.
  associatedtype Trainer: NetworkTrainer

  /// The network that learns, and its optimizer.
  var trainer: Trainer { get set }
  /// Updates completed, and the task.
  var position: TrainingPosition { get }
  /// What it remembers of the past; `nil` for an agent that learns from its newest steps alone.
  var memory: Replay? { get set }

  /// Begins an episode.
  mutating func begin(_ start: EpisodeStart)

  /// Decides by what has been seen of the episode.
  ///
  /// - Parameter measuring: whether norms and values are wanted of updates that begin here.
  mutating func action(measuring: Bool) throws -> Action

  /// Takes in what an action brought, and learns where that is due.
  ///
  /// - Returns: the updates that were made, most often none.
  /// - Throws: outcomes of training.
  mutating func observe(_ action: Action, _ step: Step, measuring: Bool) throws -> [AgentUpdate]

  /// Takes in a step that an actor in another process played, and learns where that is due.
  ///
  /// - Parameters:
  ///   - truncated: whether its episode is cut after it, if it goes on.
  ///   - actor: whose step it is; each has episodes of its own.
  /// - Throws: as the other, and `ConfigurationError` from an agent that learns from its own steps alone.
  mutating func observe(
    _ played: PlayedStep, truncated: Bool, of actor: Int, measuring: Bool
  ) throws -> [AgentUpdate]

  /// Ends what is under way.
  ///
  /// - Returns: the updates that it made.
  /// - Throws: outcomes of training.
  mutating func settle() throws -> [AgentUpdate]

  /// Tells the agent that a later task begins.
  ///
  /// - Parameter clearingReplay: whether what it remembers is forgotten.
  mutating func beginTask(clearingReplay: Bool) throws

  /// Plays whole games without learning. Nothing of the agent changes; its random numbers are those of `seed` alone.
  ///
  /// - Parameters:
  ///   - environment: one of its own, not that of training.
  ///   - episodes: the most to play, all lives of a game as one; the last one is cut where frames run out, and left out
  ///     unless it is the first.
  ///   - limit: the most frames to play; `nil` for no limit.
  ///   - seed: of actions and noise.
  ///   - observe: is shown the environment and what is seen of it, at an episode's beginning without a step and then
  ///     after each, for videos.
  /// - Returns: the episodes.
  /// - Throws: the environment's errors, and what `observe` throws.
  func evaluate<SomeEnvironment: Environment>(
    in environment: inout SomeEnvironment, episodes: Int, frames limit: Frames?, seed: UInt64,
    observe: (any Environment, Observation, Step?) throws -> Void
  ) throws -> [EpisodeSummary]
}

extension Agent {
  /// Refuses: it learns from its own steps alone.
  public mutating func observe(
    _ played: PlayedStep, truncated: Bool, of actor: Int, measuring: Bool
  ) throws -> [AgentUpdate] {
    throw ConfigurationError(
      option: "actors.count", expected: "0 for an agent that learns from its own steps alone",
      found: "actors")
  }

  /// Plays whole games without a limit of frames, and without an onlooker.
  ///
  /// - Throws: the environment's errors.
  public func evaluate<SomeEnvironment: Environment>(
    in environment: inout SomeEnvironment, episodes: Int, frames limit: Frames? = nil, seed: UInt64
  ) throws -> [EpisodeSummary] {
    try evaluate(in: &environment, episodes: episodes, frames: limit, seed: seed) { _, _, _ in }
  }

  /// Plays whole games by actions that are chosen from what was seen; see `evaluate`.
  func played<SomeEnvironment: Environment>(
    in environment: inout SomeEnvironment, episodes: Int, frames limit: Frames?, stack: FrameStack,
    observe: (any Environment, Observation, Step?) throws -> Void,
    choose: (FrameStack) -> Action
  ) throws -> [EpisodeSummary] {
    var stack = stack
    var played: [EpisodeSummary] = []
    var total: Frames = 0
    while played.count < episodes {
      var episode = EpisodeSummary()
      let start = try environment.beginEpisode()
      stack.begin(start)
      try observe(environment, start.observation, nil)
      while episode.end == nil, limit.map({ total < $0 }) ?? true {
        let step = try environment.take(choose(stack), in: &episode)
        stack.append(step.observation)
        total += step.frames
        try observe(environment, step.observation, step)
        try episode.joinLives(after: step, in: &environment) { stack.begin($0) }
      }
      if episode.end != nil || played.isEmpty { played.append(episode) }
      if episode.end == nil { break }
    }
    return played
  }
}
