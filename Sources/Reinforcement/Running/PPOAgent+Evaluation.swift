public import Environments
import Torch

extension PPOAgent {
  /// Plays whole episodes without learning, actions drawn from the policy as in training. Nothing of the agent changes.
  ///
  /// - Parameters:
  ///   - environment: one of its own.
  ///   - episodes: how many.
  ///   - seed: of actions.
  /// - Throws: the environment's errors.
  public func evaluate<World: Environment>(
    in environment: inout World, episodes: Int, seed: UInt64
  ) throws -> [EpisodeSummary] {
    var generator = SeededGenerator(seed: seed).split("actions")
    var stack = FrameStack(specification.observations)
    return try (0..<episodes).map { _ in
      var episode = EpisodeSummary()
      stack.begin(try environment.beginEpisode())
      while episode.end == nil {
        let (logits_BA, _) = evaluated(stack.states(on: device))
        let action = Self.drawn(logits_BA.softmax(axis: 1).doubles, &generator)
        let step = try environment.take(action, in: &episode)
        stack.append(step.observation)
        try episode.joinLives(after: step, in: &environment) { stack.begin($0) }
      }
      return episode
    }
  }
}
