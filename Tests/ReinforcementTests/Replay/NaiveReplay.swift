import Environments
import Foundation
import Reinforcement

/// What a replay must give, written down the plain way: every transition with its own frames.
struct NaiveReplay {
  struct Transition {
    var serial: Int
    var state: [Float]
    var action: Int
    var sum: Double
    var discount: Double
    var next: [Float]
    var priority: Double
  }

  let configuration: ReplayConfiguration
  let observations: ObservationSpace
  private(set) var transitions: [Transition] = []
  private(set) var stored = 0
  private(set) var largest = 1.0
  private(set) var isRunning = false
  private var frames: [[Float]] = []
  private var steps: [(action: Int, step: Step)] = []
  private var emitted = 0

  init(_ configuration: ReplayConfiguration, _ observations: ObservationSpace) {
    (self.configuration, self.observations) = (configuration, observations)
  }

  mutating func begin(_ start: EpisodeStart) {
    if isRunning { emit(isOver: true) }
    (frames, steps, emitted, isRunning) = ([Self.floats(start.observation)], [], 0, true)
  }

  mutating func append(action: Int, step: Step) {
    frames.append(Self.floats(step.observation))
    steps.append((action, step))
    emit(isOver: step.end != nil)
    if step.end != nil { isRunning = false }
  }

  mutating func clear() {
    (transitions, largest, isRunning) = ([], 1, false)
  }

  mutating func setPriorities(_ values: [Double], serials: [Int]) {
    for (value, serial) in zip(values, serials) {
      guard let index = transitions.firstIndex(where: { $0.serial == serial }) else { continue }
      transitions[index].priority = min(max(value, 0), configuration.priorityLimit)
      largest = max(largest, transitions[index].priority)
    }
  }

  func probability(of serial: Int) -> Double {
    let weights = transitions.map { pow($0.priority, configuration.priorityExponent) }
    let total = weights.reduce(0, +)
    let uniform = 1 / Double(transitions.count)
    guard configuration.sampling == .prioritized, total > 0 else { return uniform }
    guard let index = transitions.firstIndex(where: { $0.serial == serial }) else { return 0 }
    let mixing = configuration.uniformMixing
    return (1 - mixing) * weights[index] / total + mixing * uniform
  }

  private mutating func emit(isOver: Bool) {
    while emitted < steps.count {
      // The steps from here to the n-th, the first zero, or the newest.
      var window: [(action: Int, step: Step)] = []
      for entry in steps[emitted...].prefix(configuration.nStep) {
        window.append(entry)
        if Self.isZero(entry.step) { break }
      }
      let isZero = window.last.map { Self.isZero($0.step) } ?? false
      guard isOver || isZero || window.count == configuration.nStep else { return }
      let sum = window.enumerated().reduce(0) {
        $0 + pow(configuration.discount, Double($1.offset)) * $1.element.step.reward
      }
      transitions.append(
        Transition(
          serial: stored, state: stack(emitted), action: window[0].action, sum: sum,
          discount: isZero ? 0 : pow(configuration.discount, Double(window.count)),
          next: stack(emitted + window.count), priority: largest))
      if transitions.count > configuration.capacity { transitions.removeFirst() }
      stored += 1
      emitted += 1
    }
  }

  private func stack(_ newest: Int) -> [Float] {
    let empty = [Float](repeating: 0, count: observations.count)
    let places = newest - observations.stack + 1...newest
    // Oldest first, then zeros in the place of frames from before the episode.
    return places.filter { $0 >= 0 }.flatMap { frames[$0] }
      + places.filter { $0 < 0 }.flatMap { _ in empty }
  }

  private static func isZero(_ step: Step) -> Bool {
    step.isDiscountZero || step.end == .terminated
  }

  private static func floats(_ observation: Observation) -> [Float] {
    switch observation {
    case .bytes(let values): values.map { Float($0) }
    case .floats(let values): values
    }
  }
}
