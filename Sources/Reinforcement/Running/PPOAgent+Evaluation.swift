public import Environments
import Networks
import Torch

extension PPOAgent {
  /// Plays whole games without learning, actions drawn from the policy as in training.
  public func evaluate<SomeEnvironment: Environment>(
    in environment: inout SomeEnvironment, episodes: Int, frames limit: Frames? = nil, seed: UInt64,
    observe: (any Environment, Observation, Step?) throws -> Void
  ) throws -> [EpisodeSummary] {
    var generator = SeededGenerator(seed: seed).split("actions")
    return try played(
      in: &environment, episodes: episodes, frames: limit,
      stack: FrameStack(specification.observations), observe: observe
    ) { stack in
      let (policy_BP, _) = evaluated(stack.states(on: device))
      guard case .discrete = specification.actions else {
        return executable(drawn(policy_BP, &generator)[0].action)
      }
      return .discrete(Self.drawn(policy_BP.softmax(axis: 1).doubles, &generator))
    }
  }
}
