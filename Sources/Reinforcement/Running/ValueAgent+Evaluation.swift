public import Environments
import Networks
import Torch

extension ValueAgent: Agent {
  /// The replay.
  public var memory: Replay? {
    get { replay }
    set { if let newValue { replay = newValue } }
  }

  /// As ``act(measuring:)``.
  public mutating func action(measuring: Bool) -> Action { .discrete(act(measuring: measuring)) }

  /// As `observe(action:_:measuring:)`.
  ///
  /// Requires a discrete action.
  public mutating func observe(
    _ action: Action, _ step: Step, measuring: Bool
  ) throws -> [AgentUpdate] {
    guard case .discrete(let index) = action else {
      preconditionFailure("observe: an agent that learns values took \(action)")
    }
    return try observe(action: index, step, measuring: measuring)
  }

  /// Plays whole games without learning: greedy but for the configured share of random actions, noise drawn for
  /// each act as in training.
  public func evaluate<SomeEnvironment: Environment>(
    in environment: inout SomeEnvironment, episodes: Int, frames limit: Frames? = nil, seed: UInt64,
    observe: (any Environment, Observation, Step?) throws -> Void
  ) throws -> [EpisodeSummary] {
    precondition(overlap?.pending == nil, "evaluate: settle() comes first")
    var choices = SeededGenerator(seed: seed).split("actions")
    let noise = Generator(seed: seed).split("noise")
    return try played(
      in: &environment, episodes: episodes, frames: limit,
      stack: FrameStack(specification.observations), observe: observe
    ) { stack in
      .discrete(
        policy.action(
          trainer.network, stack, exploration: configuration.evaluationExploration,
          choices: &choices, random: noise))
    }
  }
}
