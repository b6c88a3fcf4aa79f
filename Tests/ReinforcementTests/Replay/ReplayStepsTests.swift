import Environments
import Testing
import Torch

@testable import Reinforcement

@Suite("Transitions of up to n steps")
struct ReplayStepsTests {
  /// One number per frame: 1, 2, 3 and so on; rewards 1, 2, 4, …; γ = 1/2, n = 3.
  private static func replay(
    stack: Int = 1, _ change: (inout ReplayConfiguration) -> Void = { _ in }
  )
    throws -> Replay
  {
    var configuration = ReplayConfiguration()
    (configuration.capacity, configuration.discount) = (100, 0.5)
    configuration.sampling = .uniform
    change(&configuration)
    return try Replay(
      configuration, observations: ObservationSpace(shape: [1], element: .uint8, stack: stack))
  }

  private static func frame(_ value: Int) -> Observation { .bytes([UInt8(value)]) }

  private static func step(
    _ index: Int, end: EpisodeEnd? = nil, isDiscountZero: Bool? = nil
  ) -> Step {
    Step(
      observation: frame(index + 1), reward: Double(1 << (index - 1)), end: end,
      isDiscountZero: isDiscountZero)
  }

  private struct Row: Equatable, CustomStringConvertible {
    var state: [Int]
    var action: Int
    var sum: Float
    var discount: Float
    var next: [Int]
    var description: String { "\(state) \(action) \(sum) \(discount) \(next)" }
  }

  /// Every transition, oldest first.
  private static func rows(_ replay: Replay) throws -> [Row] {
    guard replay.count > 0 else { return [] }
    var generator = SeededGenerator(seed: 1)
    let batch = try replay.sample(1_000, weightExponent: 1, generator: &generator, device: .cpu)
    let (states, nexts) = (batch.states.integers, batch.nextStates.integers)
    let width = states.count / 1_000
    let (actions, sums, discounts) = (
      batch.actions.integers, batch.returns.floats, batch.discounts.floats
    )
    var found: [Int: Row] = [:]
    for (index, slot) in batch.slots.enumerated() {
      let range = index * width..<(index + 1) * width
      found[slot.serial] = Row(
        state: Array(states[range]), action: actions[index], sum: sums[index],
        discount: discounts[index], next: Array(nexts[range]))
    }
    #expect(found.count == replay.count, "a thousand draws should meet every one")
    return found.sorted { $0.key < $1.key }.map(\.value)
  }

  @Test("They wait for n steps; an episode that ends flushes shorter ones with discount zero")
  func termination() throws {
    var replay = try Self.replay()
    replay.begin(EpisodeStart(Self.frame(1)))
    for index in 1...4 {
      #expect(replay.count == max(0, index - 3))
      try replay.append(action: index, step: Self.step(index))
    }
    try replay.append(action: 5, step: Self.step(5, end: .terminated))
    #expect(
      try Self.rows(replay) == [
        Row(state: [1], action: 1, sum: 1 + 1 + 1, discount: 0.125, next: [4]),
        Row(state: [2], action: 2, sum: 2 + 2 + 2, discount: 0.125, next: [5]),
        Row(state: [3], action: 3, sum: 4 + 4 + 4, discount: 0, next: [6]),
        Row(state: [4], action: 4, sum: 8 + 8, discount: 0, next: [6]),
        Row(state: [5], action: 5, sum: 16, discount: 0, next: [6]),
      ])
  }

  @Test("An episode that is cut short keeps its discounts, by a limit of time or by a new start")
  func truncation() throws {
    for isCutByStart in [false, true] {
      var replay = try Self.replay()
      replay.begin(EpisodeStart(Self.frame(1)))
      try replay.append(action: 1, step: Self.step(1))
      try replay.append(action: 2, step: Self.step(2, end: isCutByStart ? nil : .truncated))
      #expect(replay.count == (isCutByStart ? 0 : 2))
      replay.begin(EpisodeStart(Self.frame(9)))
      #expect(
        try Self.rows(replay) == [
          Row(state: [1], action: 1, sum: 2, discount: 0.25, next: [3]),
          Row(state: [2], action: 2, sum: 2, discount: 0.5, next: [3]),
        ])
    }
  }

  @Test("A lost life ends what waits with discount zero, and not the episode")
  func lifeLoss() throws {
    var replay = try Self.replay(stack: 3)
    replay.begin(EpisodeStart(Self.frame(1)))
    try replay.append(action: 1, step: Self.step(1))
    try replay.append(action: 2, step: Self.step(2, isDiscountZero: true))
    for index in 3...5 { try replay.append(action: index, step: Self.step(index)) }
    #expect(
      try Self.rows(replay) == [
        Row(state: [1, 0, 0], action: 1, sum: 2, discount: 0, next: [1, 2, 3]),
        Row(state: [1, 2, 0], action: 2, sum: 2, discount: 0, next: [1, 2, 3]),
        Row(state: [1, 2, 3], action: 3, sum: 12, discount: 0.125, next: [4, 5, 6]),
      ])
  }

  @Test("Early stacks end in zeros, as DQN Zoo's, and hold no other episode's frames")
  func stacks() throws {
    var replay = try Self.replay(stack: 3) { $0.nStep = 1 }
    replay.begin(EpisodeStart(Self.frame(1)))
    try replay.append(action: 1, step: Self.step(1, end: .terminated))
    replay.begin(EpisodeStart(Self.frame(7)))
    try replay.append(action: 7, step: Self.step(7))
    #expect(
      try Self.rows(replay) == [
        Row(state: [1, 0, 0], action: 1, sum: 1, discount: 0, next: [1, 2, 0]),
        Row(state: [7, 0, 0], action: 7, sum: 64, discount: 0.5, next: [7, 8, 0]),
      ])
  }

  @Test("An agent acts on the very stacks that it learns from: A000, AB00, ABC0, ABCD, BCDE")
  func actedStacks() throws {
    let space = ObservationSpace(shape: [1], element: .uint8, stack: 4)
    var stack = FrameStack(space)
    var replay = try Self.replay(stack: 4) { $0.nStep = 1 }
    stack.begin(EpisodeStart(Self.frame(1)))
    replay.begin(EpisodeStart(Self.frame(1)))
    var seen: [[UInt8]] = []
    for index in 1...4 {
      seen.append(stack.states(on: .cpu).array(of: UInt8.self))
      let step = Self.step(index)
      stack.append(step.observation)
      try replay.append(action: index, step: step)
    }
    seen.append(stack.states(on: .cpu).array(of: UInt8.self))
    #expect(seen == [[1, 0, 0, 0], [1, 2, 0, 0], [1, 2, 3, 0], [1, 2, 3, 4], [2, 3, 4, 5]])
    let rows = try Self.rows(replay)
    #expect(rows.map { $0.state.map(UInt8.init) } == Array(seen.dropLast()))
    #expect(rows.map { $0.next.map(UInt8.init) } == Array(seen.dropFirst()))
  }

  @Test("Numbers are stacked as bytes are: zeros at the end")
  func actedNumbers() {
    var stack = FrameStack(ObservationSpace(shape: [2], element: .float32, stack: 3))
    stack.begin(EpisodeStart(.floats([1, 2])))
    #expect(stack.states(on: .cpu).array(of: Float.self) == [1, 2, 0, 0, 0, 0])
    stack.append(.floats([3, 4]))
    #expect(stack.states(on: .cpu).array(of: Float.self) == [1, 2, 3, 4, 0, 0])
  }

  @Test("Channels are stacked along the first axis, oldest first, in the environment's own type")
  func shapes() throws {
    var configuration = ReplayConfiguration()
    configuration.capacity = 4
    let space = ObservationSpace(shape: [2, 3, 1], element: .float32, stack: 2)
    var replay = try Replay(configuration, observations: space)
    replay.begin(EpisodeStart(.floats([1, 2, 3, 4, 5, 6])))
    let step = Step(observation: .floats([7, 8, 9, 10, 11, 12]), reward: 0, end: .truncated)
    try replay.append(action: 3, step: step)
    var generator = SeededGenerator(seed: 1)
    let batch = try replay.sample(2, weightExponent: 1, generator: &generator, device: .cpu)
    #expect(batch.states.shape == [2, 4, 3, 1] && batch.states.dtype == .float32)
    #expect(batch.nextStates[0].floats == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    #expect(batch.actions.dtype == .int64 && batch.weights.shape == [2])
  }

  @Test(
    "Clearing forgets transitions, priorities and the episode; slots of before match no later one")
  func clearing() throws {
    var replay = try Self.replay { $0.sampling = .prioritized }
    var generator = SeededGenerator(seed: 1)
    replay.begin(EpisodeStart(Self.frame(1)))
    for index in 1...5 { try replay.append(action: index, step: Self.step(index)) }
    let old = try replay.sample(4, weightExponent: 1, generator: &generator, device: .cpu).slots
    replay.setPriorities([50, 50, 50, 50], of: old)
    replay.clear()
    #expect(replay.count == 0 && replay.byteCount == 0 && replay.largestPriority == 1)
    #expect(throws: ReplayError.self) { try replay.append(action: 1, step: Self.step(1)) }
    replay.begin(EpisodeStart(Self.frame(1)))
    for index in 1...5 { try replay.append(action: index, step: Self.step(index)) }
    replay.setPriorities([50, 50, 50, 50], of: old)
    #expect(replay.largestPriority == 1 && replay.storedCount == 6)
  }
}
