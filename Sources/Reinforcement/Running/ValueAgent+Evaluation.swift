public import Environments
import Torch

extension ValueAgent {
  /// Plays whole games without learning: greedy but for the configured share of random actions, noise drawn for
  /// each act as in training.
  ///
  /// Nothing of the agent changes; its random numbers are those of `seed` alone.
  ///
  /// - Parameters:
  ///   - environment: one of its own, not that of training.
  ///   - episodes: the most to play, all lives of a game as one; the last one is cut where frames run out, and left out
  ///     unless it is the first.
  ///   - limit: the most frames to play; `nil` for no limit.
  ///   - seed: of actions and noise.
  ///   - observe: is shown the environment and what is seen of it, at an episode's beginning without a step and then
  ///     after each, for films.
  /// - Returns: the episodes.
  /// - Throws: the environment's errors, and what `observe` throws.
  public func evaluate<World: Environment>(
    in environment: inout World, episodes: Int, frames limit: Frames? = nil, seed: UInt64,
    observe: (
      _ environment: any Environment, _ observation: Observation, _ step: Step?
    ) throws -> Void = { _, _, _ in }
  ) throws -> [EpisodeSummary] {
    precondition(overlap?.pending == nil, "evaluate: settle() comes first")
    var choices = SeededGenerator(seed: seed).split("actions")
    let noise = Generator(seed: seed).split("noise")
    var stack = FrameStack(specification.observations)
    var played: [EpisodeSummary] = []
    var total: Frames = 0
    while played.count < episodes {
      var episode = EpisodeSummary()
      let start = try environment.beginEpisode()
      stack.begin(start)
      try observe(environment, start.observation, nil)
      while episode.end == nil, limit.map({ total < $0 }) ?? true {
        let action = policy.action(
          trainer.network, stack, exploration: configuration.evaluationExploration,
          choices: &choices, random: noise)
        let step = try environment.take(action, in: &episode)
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
