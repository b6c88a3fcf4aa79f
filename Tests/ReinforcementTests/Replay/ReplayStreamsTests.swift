import Environments
import TestSupport
import Testing
import Torch

@testable import Reinforcement

@Suite("A replay of several streams")
struct ReplayStreamsTests {
  /// Random episodes of several streams in turn, stored together and each by itself.
  struct Together {
    var replay: Replay
    var alone: [NaiveReplay]
    var episodes: [RandomEpisodes]
    var cuts = SplitMix(state: 77)
    /// The transitions in the order in which they were stored: whose, and its number there.
    var order: [(stream: Int, serial: Int)] = []

    init(_ count: Int, _ change: (inout ReplayConfiguration) -> Void = { _ in }) throws {
      let configuration = tinyConfiguration(change)
      replay = try Replay(configuration, observations: tinyFrames)
      var large = configuration
      large.capacity = 10_000
      alone = Array(repeating: NaiveReplay(large, tinyFrames), count: count)
      episodes = (0..<count).map { RandomEpisodes(seed: UInt64($0), tinyFrames) }
    }

    mutating func turn() throws {
      for stream in alone.indices {
        if !alone[stream].isRunning || Int.random(in: 0..<30, using: &cuts) == 0 {
          let start = episodes[stream].start()
          replay.begin(start, stream: stream)
          note(stream) { $0.begin(start) }
        }
        let (action, step) = (episodes[stream].action(), episodes[stream].step())
        try replay.append(action: action, step: step, stream: stream)
        note(stream) { $0.append(action: action, step: step) }
      }
    }

    private mutating func note(_ stream: Int, _ body: (inout NaiveReplay) -> Void) {
      let before = alone[stream].stored
      body(&alone[stream])
      order += (before..<alone[stream].stored).map { (stream, $0) }
    }

    /// Compares a batch with what each stream gives by itself.
    func check(_ replay: Replay, _ generator: inout SeededGenerator) throws {
      let batch = try replay.sample(
        8, weightExponent: 0.5, generator: &generator, device: .cpu)
      let numbers = BatchNumbers(batch)
      let width = numbers.states.count / 8
      for (index, slot) in batch.slots.enumerated() {
        let (stream, serial) = order[slot.serial]
        let expected = alone[stream].transitions[serial]
        let range = index * width..<(index + 1) * width
        #expect(numbers.states[range].map { Float($0) } == expected.state)
        #expect(numbers.nextStates[range].map { Float($0) } == expected.next)
        #expect(numbers.actions[index] == expected.action)
        #expect(abs(Double(numbers.returns[index]) - expected.sum) < 1e-6)
        #expect(abs(Double(numbers.discounts[index]) - expected.discount) < 1e-6)
      }
    }
  }

  @Test(
    "Transitions are those of each stream by itself: no stack and no return has rows of two",
    arguments: [1, 2, 3, 32], [1, 3, 7])
  func unmixed(count: Int, steps: Int) throws {
    var together = try Together(count) { $0.nStep = steps }
    var generator = SeededGenerator(seed: 1)
    for turn in 0..<(count == 32 ? 60 : 200) {
      try together.turn()
      #expect(together.replay.storedCount == together.order.count)
      if turn % 7 == 6, together.replay.count > 0 {
        try together.check(together.replay, &generator)
      }
    }
    // Old rows go, however many streams there are.
    let most = 2 * 50 + together.replay.reach + 2 * count * (steps + 1) + 7
    #expect(together.replay.rows.end - together.replay.rows.start <= most)
  }

  @Test("A saved replay of several streams goes on as the same, also once it was emptied")
  func saved() throws {
    for clears in [false, true] {
      var together = try Together(3)
      for _ in 0..<60 { try together.turn() }
      if clears { together.replay.clear() }
      let replay = together.replay
      func restored(_ counters: Replay.Counters) throws -> Replay? {
        try Replay(
          replay.configuration, observations: tinyFrames, counters: counters,
          segments: Array(replay.rows.segments), leaves: Array(replay.tree.leaves))
      }
      var again = try #require(try restored(replay.counters))
      #expect(again.streams == replay.streams && again.starts == replay.starts)
      #expect(again.counters == replay.counters)
      if clears {
        again.begin(together.episodes[2].start(), stream: 2)
        continue
      }
      var generator = SeededGenerator(seed: 2)
      together.replay = again
      for _ in 0..<40 {
        try together.turn()
        try together.check(together.replay, &generator)
      }
      // A row of a stream that there is not.
      var counters = replay.counters
      counters.streams = 2
      #expect(try restored(counters) == nil)
      counters.streams = 33
      #expect(try restored(counters) == nil)
    }
  }

  @Test("A stream that is out of turn is refused, and so is a step before its episode")
  func turns() throws {
    var together = try Together(2)
    repeat { try together.turn() } while !together.replay.streams.isRunning(1)
    var (replay, episodes) = (together.replay, together.episodes[0])
    #expect { try replay.append(action: 0, step: episodes.step(), stream: 2) } throws: {
      "\($0)".contains("an episode that began")
    }
    #expect {
      for _ in 0..<9 {
        if !replay.streams.isRunning(0) { replay.begin(episodes.start()) }
        try replay.append(action: 0, step: episodes.step())
      }
      for _ in 0..<2 { try replay.append(action: 0, step: episodes.step(), stream: 1) }
    } throws: { "\($0)".contains("stream 1 after too many of others") }
  }
}
