import Environments
import Networks
import Reinforcement
import Testing
import Torch

@Suite("What a replay refuses")
struct ReplayRefusalTests {
  @Test("Settings that mean nothing, by name")
  func settings() throws {
    let changes: [(String, (inout ReplayConfiguration) -> Void)] = [
      ("capacity", { $0.capacity = 0 }), ("nStep", { $0.nStep = 0 }),
      ("discount", { $0.discount = 1.5 }), ("discount", { $0.discount = .nan }),
      ("priorityExponent", { $0.priorityExponent = -1 }),
      ("uniformMixing", { $0.uniformMixing = 2 }), ("priorityLimit", { $0.priorityLimit = 0 }),
      ("segmentBytes", { $0.segmentBytes = 0 }),
    ]
    for (option, change) in changes {
      let configuration = tinyConfiguration(change)
      #expect {
        try Replay(configuration, observations: tinyFrames)
      } throws: { ($0 as? ConfigurationError)?.option == "replay.\(option)" }
    }
    for shape in [[], [0], [-1, 2], [Int.max, Int.max], [1 << 29, 4]] {
      #expect(throws: ConfigurationError.self) {
        try Replay(
          tinyConfiguration(), observations: ObservationSpace(shape: shape, element: .float32))
      }
    }
  }

  @Test("More than the machine's memory before any is taken, with what would do")
  func memory() throws {
    let frames = ObservationSpace(shape: [1, 84, 84], element: .uint8, stack: 4)
    for way in ReplayConfiguration.Compression.allCases {
      #expect {
        try Replay(
          tinyConfiguration {
            $0.capacity = 1 << 39
            $0.compression = way
          }, observations: frames)
      } throws: {
        guard let error = $0 as? ReplayError else { return false }
        return error.kind == .memory && "\(error)".contains("replay.capacity")
          && "\(error)".contains(" GB")
      }
    }
  }

  @Test("Steps outside an episode or of another form; the replay stays as it was")
  func steps() throws {
    var replay = try Replay(tinyConfiguration(), observations: tinyFrames)
    let good = Step(observation: .bytes([1, 2, 3, 4, 5, 6]), reward: 1)
    func refuses(_ action: Int, _ step: Step) {
      let before = (replay.count, replay.byteCount)
      #expect { try replay.append(action: action, step: step) } throws: {
        ($0 as? ReplayError)?.kind == .misuse
      }
      #expect((replay.count, replay.byteCount) == before)
    }
    refuses(0, good)
    replay.begin(EpisodeStart(.bytes([1, 2, 3, 4, 5, 6])))
    refuses(-1, good)
    refuses(1 << 40, good)
    refuses(0, Step(observation: .bytes([1]), reward: 1))
    refuses(0, Step(observation: .floats([1, 2, 3, 4, 5, 6]), reward: 1))
    refuses(0, Step(observation: .bytes([1, 2, 3, 4, 5, 6]), reward: .nan))
    try replay.append(
      action: 0, step: Step(observation: .bytes([1, 2, 3, 4, 5, 6]), reward: 1, end: .terminated))
    refuses(0, good)
    #expect(replay.count == 1)
  }

  @Test("Drawing from nothing, and a batch of none")
  func empty() throws {
    var replay = try Replay(tinyConfiguration(), observations: tinyFrames)
    var generator = SeededGenerator(seed: 1)
    #expect(throws: ReplayError.self) {
      try replay.sample(4, weightExponent: 1, generator: &generator, device: .cpu)
    }
    var episodes = RandomEpisodes(seed: 1, tinyFrames)
    try replay.fill(10, from: &episodes)
    #expect(throws: ReplayError.self) {
      try replay.sample(0, weightExponent: 1, generator: &generator, device: .cpu)
    }
  }
}
