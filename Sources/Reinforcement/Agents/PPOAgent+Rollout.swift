import Environments
import Torch

/// What one horizon brought, one entry a transition, in the order in which they were made.
struct Rollout {
  var states: [Tensor] = []
  var places: [Int] = []
  var actions: [Int] = []
  var logProbabilities: [Double] = []
  var values: [Double] = []
  var rewards: [Double] = []
  var isDiscountZero: [Bool] = []
  var isEnd: [Bool] = []
  var nextValues: [Double] = []
  var episodes: [EpisodeSummary] = []

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
        let (logits_BA, values) = evaluated(states)
        let log_BA = logits_BA.logSoftmax(axis: 1).doubles
        rollout.states.append(states)
        let count = specification.actionCount
        for (row, place) in acting.enumerated() {
          let log = log_BA[(row * count)..<((row + 1) * count)]
          let action = Self.drawn(log.map { Self.exponential($0) }, &choices)
          commands[place] = .act(.discrete(action))
          if let before = waiting[place] { rollout.nextValues[before] = values[row] }
          waiting[place] = rollout.actions.count
          rollout.places.append(place)
          rollout.actions.append(action)
          rollout.logProbabilities.append(log[log.startIndex + action])
          rollout.values.append(values[row])
          rollout.nextValues.append(0)
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
          rollout.rewards.append(step.reward)
          rollout.isDiscountZero.append(step.isDiscountZero)
          rollout.isEnd.append(step.end != nil)
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
