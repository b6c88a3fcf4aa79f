import Environments
import Torch

/// What one horizon brought, one entry a transition, in the order in which they were made.
struct Rollout {
  var states: [Tensor] = []
  var places: [Int] = []
  /// As they were drawn.
  var actions: [Action] = []
  var logProbabilities: [Double] = []
  var values: [Double] = []
  var rewards: [Double] = []
  var isDiscountZero: [Bool] = []
  var isEnd: [Bool] = []
  var nextValues: [Double] = []
  var episodes: [EpisodeSummary] = []

  /// A decision, whose outcome follows.
  mutating func append(_ action: Action, at place: Int, logProbability: Double, value: Double) {
    places.append(place)
    actions.append(action)
    logProbabilities.append(logProbability)
    values.append(value)
    nextValues.append(0)
  }

  /// What a decision brought.
  mutating func append(_ step: Step) {
    rewards.append(step.reward)
    isDiscountZero.append(step.isDiscountZero)
    isEnd.append(step.end != nil)
  }

  /// Generalized advantages, each environment's transitions by themselves.
  func advantages(discount: Double, trace: Double) -> [Double] {
    var found = [Double](repeating: 0, count: actions.count)
    for own in Dictionary(grouping: actions.indices, by: { places[$0] }).values {
      let estimates = PolicyLearning.advantages(
        rewards: own.map { [rewards[$0]] }, values: own.map { [values[$0]] },
        nextValues: own.map { [nextValues[$0]] }, isDiscountZero: own.map { [isDiscountZero[$0]] },
        isEnd: own.map { [isEnd[$0]] }, discount: discount, trace: trace)
      for (index, estimate) in zip(own, estimates) { found[index] = estimate[0] }
    }
    return found
  }
}

extension PPOAgent {
  /// Moves every environment for one horizon; one whose episode is over is reset in its turn.
  mutating func collect(in environments: inout some EnvironmentBatch) throws -> Rollout {
    var rollout = Rollout()
    // By environment its newest transition, which waits for the value of what follows.
    var waiting = [Int?](repeating: nil, count: stacks.count)
    var truncated: [(transition: Int, states: Tensor)] = []
    for _ in 0..<configuration.horizon {
      let acting = stacks.indices.filter { counters.episodes[$0].map { $0.end == nil } ?? false }
      var commands = [EnvironmentCommand](repeating: .reset, count: stacks.count)
      if !acting.isEmpty {
        let states = Tensor.concatenated(acting.map { stacks[$0].states(on: device) })
        let (policy_BP, values) = evaluated(states)
        rollout.states.append(states)
        for ((row, place), (action, log)) in zip(
          acting.enumerated(), drawn(policy_BP, &choices))
        {
          commands[place] = .act(executable(action))
          if let before = waiting[place] { rollout.nextValues[before] = values[row] }
          waiting[place] = rollout.actions.count
          rollout.append(action, at: place, logProbability: log, value: values[row])
        }
      }
      for (place, event) in try environments.advance(commands).enumerated() {
        switch event {
        case .started(let start):
          try specification.check(start)
          stacks[place].begin(start)
          counters.episodes[place] = EpisodeSummary()
        case .stepped(let step):
          try specification.check(step, after: counters.episodes[place] ?? EpisodeSummary())
          stacks[place].append(step.observation)
          counters.steps += 1
          counters.frames += step.frames
          counters.episodes[place]?.add(step)
          rollout.append(step)
          guard step.end != nil, let episode = counters.episodes[place] else { continue }
          rollout.episodes.append(episode)
          if step.end == .truncated, let transition = waiting[place] {
            truncated.append((transition, stacks[place].states(on: device)))
          }
          waiting[place] = nil
        }
      }
    }
    // What the horizon cut is valued by its next observation, what was cut short by its last.
    let open = stacks.indices.compactMap { place in
      waiting[place].map { (transition: $0, states: stacks[place].states(on: device)) }
    }
    let unvalued = truncated + open
    if !unvalued.isEmpty {
      let values = evaluated(Tensor.concatenated(unvalued.map(\.states))).values
      for (entry, value) in zip(unvalued, values) {
        rollout.nextValues[entry.transition] = value
      }
    }
    return rollout
  }
}
