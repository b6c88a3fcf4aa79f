import Environments
import Reinforcement
import TestSupport
import Torch

/// An environment of random frames, rewards and ends, for replays.
struct RandomEpisodes {
  var random: SplitMix
  let observations: ObservationSpace
  /// One in so many steps is an end, and one a lost life.
  var endsEvery = 9

  init(seed: UInt64, _ observations: ObservationSpace) {
    (random, self.observations) = (SplitMix(state: seed), observations)
  }

  mutating func observation() -> Observation {
    switch observations.element {
    case .uint8:
      .bytes((0..<observations.count).map { _ in .random(in: 1...255, using: &random) })
    case .float32:
      .floats((0..<observations.count).map { _ in .random(in: 1...2, using: &random) })
    }
  }

  mutating func start() -> EpisodeStart { EpisodeStart(observation()) }

  mutating func step() -> Step {
    let end: EpisodeEnd? =
      Int.random(in: 0..<endsEvery, using: &random) == 0
      ? (Bool.random(using: &random) ? .terminated : .truncated) : nil
    let isLifeLost = Int.random(in: 0..<endsEvery, using: &random) == 0
    return Step(
      observation: observation(), reward: .random(in: -1...1, using: &random), end: end,
      isDiscountZero: end == .terminated || isLifeLost)
  }

  mutating func action() -> Int { .random(in: 0..<18, using: &random) }
}

extension Replay {
  /// Stores so many steps, beginning episodes as needed.
  mutating func fill(_ steps: Int, from episodes: inout RandomEpisodes, isRunning: Bool = false)
    throws
  {
    var isRunning = isRunning
    for _ in 0..<steps {
      if !isRunning { begin(episodes.start()) }
      let step = episodes.step()
      try append(action: episodes.action(), step: step)
      isRunning = step.end == nil
    }
  }
}

/// A batch as plain numbers, to be compared bit by bit.
struct BatchNumbers: Equatable {
  var states: [Double]
  var actions: [Int]
  var returns: [Float]
  var discounts: [Float]
  var nextStates: [Double]
  var weights: [Float]
  var slots: [ReplaySlot]

  init(_ batch: ReplayBatch) {
    states = batch.states.doubles
    actions = batch.actions.integers
    returns = batch.returns.floats
    discounts = batch.discounts.floats
    nextStates = batch.nextStates.doubles
    weights = batch.weights.floats
    slots = batch.slots
  }
}

let tinyFrames = ObservationSpace(shape: [1, 3, 2], element: .uint8, stack: 4)

/// A replay small enough to overwrite itself and to have several segments.
func tinyConfiguration(_ change: (inout ReplayConfiguration) -> Void = { _ in })
  -> ReplayConfiguration
{
  var configuration = ReplayConfiguration()
  configuration.capacity = 50
  configuration.segmentBytes = 7 * 6
  change(&configuration)
  return configuration
}
