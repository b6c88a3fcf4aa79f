public import Environments
import Torch

// One environment, step by step. An agent that was made for one environment learns after every horizon's last step, and
// from what there is where it settles earlier.

extension PPOAgent: Agent {
  /// None: it learns from its newest steps alone.
  public var memory: Replay? {
    get { nil }
    set {}
  }

  public mutating func begin(_ start: EpisodeStart) {
    stacks[0].begin(start)
    endsEpisode = true
  }

  /// Draws an action from the policy; a vector is moved within the bounds of the environment, the policy learns from
  /// what was drawn.
  public mutating func action(measuring: Bool) -> Action {
    let states = stacks[0].states(on: device)
    let (policy_BP, values) = evaluated(states)
    let (action, logProbability) = drawn(policy_BP, &choices)[0]
    if !endsEpisode, !rollout.nextValues.isEmpty {
      rollout.nextValues[rollout.nextValues.count - 1] = values[0]
    }
    endsEpisode = false
    rollout.append(
      action, at: 0, logProbability: logProbability, value: values[0])
    rollout.states.append(states)
    return executable(action)
  }

  /// Takes in what the newest action brought, and learns once a horizon is full.
  ///
  /// - Throws: outcomes of training.
  public mutating func observe(
    _ action: Action, _ step: Step, measuring: Bool
  ) throws -> [AgentUpdate] {
    stacks[0].append(step.observation)
    counters.steps += 1
    counters.frames += step.frames
    rollout.append(step)
    endsEpisode = step.end != nil
    if step.end == .truncated { valueNewest() }
    guard rollout.actions.count >= configuration.horizon else { return [] }
    return try learnNow(measuring: measuring)
  }

  /// Learns from steps that no horizon ended, as at the end of a visit.
  ///
  /// - Throws: outcomes of training.
  public mutating func settle() throws -> [AgentUpdate] {
    rollout.actions.isEmpty ? [] : try learnNow(measuring: false)
  }

  /// Tells the agent that a later task begins; there is no replay to clear.
  public mutating func beginTask(clearingReplay: Bool) throws { try beginTask() }

  /// The newest step's next value is that of what is seen now.
  private mutating func valueNewest() {
    let value = evaluated(stacks[0].states(on: device)).values[0]
    rollout.nextValues[rollout.nextValues.count - 1] = value
  }

  private mutating func learnNow(measuring: Bool) throws -> [AgentUpdate] {
    if !endsEpisode { valueNewest() }
    var iteration = PPOIteration(steps: counters.steps, frames: counters.frames, episodes: [])
    let brought = rollout
    rollout = Rollout()
    try learn(from: brought, measuring: measuring, &iteration)
    return iteration.updates
  }
}
