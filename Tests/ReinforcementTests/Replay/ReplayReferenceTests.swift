import Environments
import Foundation
import Reinforcement
import TestSupport
import Testing
import Torch

@Suite("A replay against the plain way to write it down")
struct ReplayReferenceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var observations = tinyFrames
    var configuration: ReplayConfiguration
    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "Rainbow's way, small", configuration: tinyConfiguration()),
    Case(
      name: "uniform, one step",
      configuration: tinyConfiguration {
        $0.sampling = .uniform; $0.nStep = 1
      }),
    Case(name: "compressed", configuration: tinyConfiguration { $0.compression = .lz4 }),
    Case(
      name: "vectors, many steps", observations: ObservationSpace(shape: [3], element: .float32),
      configuration: tinyConfiguration {
        $0.nStep = 7; $0.discount = 0.5; $0.segmentBytes = 60
      }),
    Case(
      name: "one transition",
      configuration: tinyConfiguration {
        $0.capacity = 1; $0.nStep = 2
      }),
    Case(
      name: "a frame a segment", configuration: tinyConfiguration { $0.segmentBytes = 1 }),
    Case(
      name: "one large segment", configuration: tinyConfiguration { $0.segmentBytes = 1 << 20 }),
  ]

  @Test(
    "Random operations over many laps give the same transitions and probabilities", arguments: cases
  )
  func randomOperations(_ example: Case) throws {
    let (configuration, observations) = (example.configuration, example.observations)
    var replay = try Replay(configuration, observations: observations)
    var naive = NaiveReplay(configuration, observations)
    var episodes = RandomEpisodes(seed: 5, observations)
    var random = SplitMix(state: 9)
    var generator = SeededGenerator(seed: 3)
    var drawn: [ReplaySlot] = []
    for operation in 0..<(isNightly ? 20_000 : 1_500) {
      if !naive.isRunning || Int.random(in: 0..<40, using: &random) == 0 {
        let start = episodes.start()
        replay.begin(start)
        naive.begin(start)
      }
      let (action, step) = (episodes.action(), episodes.step())
      try replay.append(action: action, step: step)
      naive.append(action: action, step: step)
      if Int.random(in: 0..<400, using: &random) == 0 {
        replay.clear()
        naive.clear()
      }
      #expect(replay.count == naive.transitions.count)
      #expect(replay.storedCount == naive.stored)
      guard replay.count > 0, operation.isMultiple(of: 7) else { continue }
      let batch = try replay.sample(
        6, weightExponent: 0.7, generator: &generator, device: .cpu)
      check(batch, naive, configuration)
      drawn = (drawn + batch.slots).suffix(40)
      // Old slots among them: some are taken by others by now.
      let values: [Double] = drawn.map { _ in
        [0, 150, .random(in: 0...3, using: &random)].randomElement(using: &random) ?? 1
      }
      replay.setPriorities(values, of: drawn)
      if configuration.sampling == .prioritized {
        naive.setPriorities(values, serials: drawn.map(\.serial))
        #expect(replay.largestPriority == naive.largest)
      }
    }
    #expect(naive.stored > 20 * configuration.capacity)
  }

  private func check(
    _ batch: ReplayBatch, _ naive: NaiveReplay, _ configuration: ReplayConfiguration
  ) {
    let numbers = BatchNumbers(batch)
    let width = numbers.states.count / 6
    var weights: [Double] = []
    for (index, slot) in batch.slots.enumerated() {
      guard let expected = naive.transitions.first(where: { $0.serial == slot.serial }) else {
        Issue.record("transition \(slot.serial) is not among those that are kept")
        return
      }
      let range = index * width..<(index + 1) * width
      #expect(numbers.states[range].map { Float($0) } == expected.state)
      #expect(numbers.nextStates[range].map { Float($0) } == expected.next)
      #expect(numbers.actions[index] == expected.action)
      #expect(abs(Double(numbers.returns[index]) - expected.sum) < 1e-6)
      #expect(abs(Double(numbers.discounts[index]) - expected.discount) < 1e-6)
      weights.append(
        pow(1 / Double(naive.transitions.count) / naive.probability(of: slot.serial), 0.7))
    }
    let largest = weights.max() ?? 1
    for (found, expected) in zip(numbers.weights, weights) {
      #expect(abs(Double(found) - expected / largest) < 1e-6)
    }
  }
}
