import Environments
import Foundation
import Testing
import Torch

@testable import Reinforcement

@Suite("Drawing from a replay")
struct ReplaySamplingTests {
  private static func filled(_ change: (inout ReplayConfiguration) -> Void = { _ in }) throws
    -> Replay
  {
    var configuration = tinyConfiguration()
    configuration.capacity = 20
    change(&configuration)
    var replay = try Replay(configuration, observations: tinyFrames)
    var episodes = RandomEpisodes(seed: 1, tinyFrames)
    try replay.fill(75, from: &episodes)
    #expect(replay.count == 20)
    return replay
  }

  private static func slots(_ replay: Replay) -> [ReplaySlot] {
    (0..<replay.count).map { ReplaySlot(index: $0, serial: replay.serial(of: $0)) }
  }

  /// Σ (observed − expected)² / expected over the slots.
  private static func chiSquare(_ replay: Replay, _ expected: [Double], draws: Int) throws -> Double
  {
    var generator = SeededGenerator(seed: 12)
    var counts = [Double](repeating: 0, count: replay.count)
    for _ in 0..<draws / 100 {
      let batch = try replay.sample(100, weightExponent: 1, generator: &generator, device: .cpu)
      for slot in batch.slots { counts[slot.index] += 1 }
    }
    return zip(counts, expected).reduce(0) {
      let mean = $1.1 * Double(draws)
      return $0 + ($1.0 - mean) * ($1.0 - mean) / mean
    }
  }

  /// The 99.9 % point with 19 degrees of freedom.
  private static let bound = 43.82

  @Test("Uniform sampling meets every transition equally often")
  func uniform() throws {
    let replay = try Self.filled { $0.sampling = .uniform }
    let even = [Double](repeating: 0.05, count: 20)
    #expect(try Self.chiSquare(replay, even, draws: 20_000) < Self.bound)
    var skewed = even
    (skewed[0], skewed[1]) = (0.06, 0.04)
    #expect(try Self.chiSquare(replay, skewed, draws: 20_000) > Self.bound)
  }

  @Test(
    "Draws follow (1-u) p^w / sum + u/N, with a share of uniform ones", arguments: [0.0, 0.3, 1])
  func prioritized(mixing: Double) throws {
    var replay = try Self.filled { $0.uniformMixing = mixing }
    let priorities = (0..<20).map { pow(Double($0 + 1) / 4, 2) }
    replay.setPriorities(priorities, of: Self.slots(replay))
    // The square root of p is (i+1)/4, and Σ (i+1) = 210.
    let expected = (0..<20).map { (1 - mixing) * Double($0 + 1) / 210 + mixing / 20 }
    for (slot, probability) in expected.enumerated() {
      #expect(abs(replay.probability(of: slot) - probability) < 1e-15)
    }
    #expect(try Self.chiSquare(replay, expected, draws: 20_000) < Self.bound)
  }

  @Test("Importance weights are ((1/N)/P)^beta over the batch's largest")
  func weights() throws {
    var replay = try Self.filled { $0.uniformMixing = 0 }
    replay.setPriorities((0..<20).map { $0 < 10 ? 1 : 16 }, of: Self.slots(replay))
    var generator = SeededGenerator(seed: 2)
    let batch = try replay.sample(64, weightExponent: 0.5, generator: &generator, device: .cpu)
    // P is 1/50 or 4/50; (1/20)/P is 2.5 or 0.625, whose ratio to the power of a half is a half.
    let weights = batch.weights.floats
    #expect(Set(batch.slots.map { $0.index < 10 }) == [true, false])
    for (slot, weight) in zip(batch.slots, weights) {
      #expect(abs(weight - (slot.index < 10 ? 1 : 0.5)) < 1e-6)
    }
    let even = try Self.filled { $0.sampling = .uniform }
    #expect(
      try even.sample(8, weightExponent: 1, generator: &generator, device: .cpu).weights.floats
        == [Float](repeating: 1, count: 8))
  }

  @Test(
    "New transitions get the largest priority seen; priorities are bounded; a late one goes to nobody"
  )
  func priorities() throws {
    var replay = try Self.filled { $0.uniformMixing = 0 }
    #expect(replay.largestPriority == 1 && replay.tree.leaves.allSatisfy { $0 == 1 })
    let old = Self.slots(replay)
    replay.setPriorities([.infinity, -3, 4], of: Array(old[0..<3]))
    #expect(replay.largestPriority == 100)
    #expect(Array(replay.tree.leaves[replay.tree.leaves.startIndex...].prefix(3)) == [10, 0, 2])
    var episodes = RandomEpisodes(seed: 2, tinyFrames)
    try replay.fill(24, from: &episodes)
    #expect(replay.tree.leaves.allSatisfy { $0 == 10 })
    replay.setPriorities([Double](repeating: 0, count: 20), of: old)
    #expect(replay.tree.leaves.allSatisfy { $0 == 10 }, "all of the old ones are gone")
    replay.setPriorities([Double](repeating: 0, count: 20), of: Self.slots(replay))
    #expect(replay.tree.total == 0)
    #expect(
      try Self.chiSquare(replay, [Double](repeating: 0.05, count: 20), draws: 20_000) < Self.bound)
  }

  @Test("The same generator draws the same; compressed frames give the same batches in less memory")
  func compression() throws {
    var plain = try Self.filled()
    var compressed = try Self.filled { $0.compression = .lz4 }
    var generators = [SeededGenerator(seed: 5), SeededGenerator(seed: 5)]
    for _ in 0..<20 {
      let left = try plain.sample(16, weightExponent: 0.6, generator: &generators[0], device: .cpu)
      let right = try compressed.sample(
        16, weightExponent: 0.6, generator: &generators[1], device: .cpu)
      #expect(BatchNumbers(left) == BatchNumbers(right))
      plain.setPriorities(left.weights.doubles, of: left.slots)
      compressed.setPriorities(right.weights.doubles, of: right.slots)
    }
    let space = ObservationSpace(shape: [1, 84, 84], element: .uint8, stack: 4)
    var sizes: [Int] = []
    for way in ReplayConfiguration.Compression.allCases {
      var configuration = tinyConfiguration { $0.compression = way }
      configuration.segmentBytes = 1 << 20
      var replay = try Replay(configuration, observations: space)
      replay.begin(EpisodeStart(.bytes([UInt8](repeating: 9, count: 7_056))))
      for index in 0..<40 {
        var frame = [UInt8](repeating: 9, count: 7_056)
        for place in 0..<40 { frame[100 * index + place] = UInt8(place) }
        try replay.append(action: 0, step: Step(observation: .bytes(frame), reward: 0))
      }
      sizes.append(replay.byteCount)
    }
    #expect(sizes[0] > 41 * 7_056 && sizes[1] < sizes[0] / 20)
  }

  @Test("Memory follows what the configuration says, and old frames are let go")
  func memory() throws {
    var configuration = tinyConfiguration()
    (configuration.capacity, configuration.segmentBytes) = (1 << 10, 50 * 6)
    var replay = try Replay(configuration, observations: tinyFrames)
    var episodes = RandomEpisodes(seed: 1, tinyFrames)
    episodes.endsEvery = 500
    try replay.fill(10_000, from: &episodes)
    let expected = Int(configuration.byteCount(for: tinyFrames))
    #expect((expected...expected + 70 * 19 + 3_000).contains(replay.byteCount))
    // METHOD's replay: a million frames of 84 x 84.
    let frames = ObservationSpace(shape: [1, 84, 84], element: .uint8, stack: 4)
    let gibibytes = ReplayConfiguration().byteCount(for: frames) / Double(1 << 30)
    #expect((6.5..<6.7).contains(gibibytes))
  }

  @Test("The exponent of importance weights moves between two counts of transitions")
  func exponent() {
    let schedule = WeightExponentSchedule()
    #expect(schedule.value(stored: 0) == 0.4 && schedule.value(stored: 20_000) == 0.4)
    #expect(abs(schedule.value(stored: 25_010_000) - 0.7) < 1e-12)
    #expect(schedule.value(stored: 50_000_000) == 1 && schedule.value(stored: .max) == 1)
    #expect(WeightExponentSchedule(initial: 0, final: 1, start: 5, end: 5).value(stored: 5) == 1)
  }
}
