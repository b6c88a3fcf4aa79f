import Environments
import Foundation
import TensorTestSupport
import TestSupport
import Testing

@Suite("Any environment of Gymnasium with discrete actions", .enabled(if: Gymnasium.isInstalled))
struct GymnasiumEnvironmentTests {
  @Test(
    "MinAtar's games obey the laws: equal seeds, exact saved states, damage refused",
    arguments: GymnasiumConfiguration.minAtarGames)
  func minAtarLaws(game: GymnasiumConfiguration) throws {
    try EnvironmentLaws.check(steps: 300) { try Gymnasium.world(game, seed: 11) }
  }

  @Test(
    "Classic control obeys the laws, limit of time included",
    arguments: ["CartPole-v1", "MountainCar-v0", "FrozenLake-v1", "Blackjack-v1"])
  func classicLaws(id: String) throws {
    try EnvironmentLaws.check(steps: 500) { try Gymnasium.world(GymnasiumConfiguration(id: id)) }
  }

  @Test("The versions of Gymnasium and of an environment's own package are among its facts")
  func versions() throws {
    let world = try Gymnasium.world(.minAtarGames[1])
    let facts = world.protocolFacts
    #expect(facts["gymnasium"]?["version of gymnasium"]?.first?.isNumber == true)
    #expect(facts[world.specification.name]?["version of minatar"] == "1.0.15")
    #expect(facts[world.specification.name]?["actions"] == "6")
    let own = try Gymnasium.world(GymnasiumConfiguration(id: "CartPole-v1"))
    #expect(
      own.protocolFacts[own.specification.name]?.keys.sorted() == ["actions", "observations"])
  }

  @Test("MinAtar is what Python sees of it: channels first, true as 255, missing channels zero")
  func minAtarGoldens() throws {
    let script = """
      import logging, json; logging.disable(logging.WARNING)
      import gymnasium, minatar.gym; minatar.gym.register_envs()
      world = gymnasium.make("MinAtar/Breakout-v0", disable_env_checker=True)
      seen, events = world.reset(seed=5)[0], []
      def row(seen): return [int(v) for v in seen.transpose(2, 0, 1).flatten()]
      events.append([row(seen), 0.0, 0])
      for step in range(200):
          seen, reward, terminated, truncated, _ = world.step(step * 7 % 6)
          events.append([row(seen), float(reward), 1 if terminated else 2 if truncated else 0])
          if terminated or truncated:
              events.append([row(world.reset()[0]), 0.0, 0])
      print(json.dumps([[e[0], [e[1], e[2]]] for e in events]))
      """
    let text = try Python.run(script)
    // Warnings come first.
    let line = try #require(text.split(separator: "\n").last)
    let golden = try JSONDecoder().decode([[[Double]]].self, from: Data(line.utf8))
    var world = try Gymnasium.world(.minAtarGames[1], seed: 5)
    #expect(
      world.specification.observations == ObservationSpace(shape: [10, 10, 10], element: .uint8))
    #expect(world.specification.actionCount == 6)
    var found = [[marks(try world.reset().observation), [0, 0]]]
    for index in 0..<200 {
      let step = try world.step(index * 7 % 6)
      let end: Double = step.end == nil ? 0 : step.end == .terminated ? 1 : 2
      found.append([marks(step.observation), [step.reward, end]])
      if step.end != nil { found.append([marks(try world.reset().observation), [0, 0]]) }
    }
    #expect(found.allSatisfy { $0[0][400...].allSatisfy { $0 == 0 } })
    #expect(found.map { [Array($0[0][..<400]), $0[1]] } == golden)
    #expect(golden.contains { $0[1][0] == 1 } && golden.contains { $0[1][1] == 1 })
  }

  private func marks(_ observation: Observation) -> [Double] {
    guard case .bytes(let values) = observation else { return [] }
    #expect(values.allSatisfy { $0 == 0 || $0 == 255 })
    return values.map { $0 == 0 ? 0 : 1 }
  }

  @Test("A batch gives what its environments give alone, over any number of processes")
  func batches() throws {
    let seeds: [UInt32] = [3, 4, 5]
    let configuration = GymnasiumConfiguration.minAtarGames[2]
    var alone = SerialEnvironments(try seeds.map { try Gymnasium.world(configuration, seed: $0) })
    let expected = try play(&alone)
    for processes in [1, 2] {
      var batch = try GymnasiumEnvironments(
        configuration, seeds: seeds, processes: processes, python: Gymnasium.python)
      #expect(try play(&batch) == expected)
      let states = try batch.savedStates()
      let onward = try play(&batch)
      try batch.restore(states)
      #expect(try play(&batch) == onward)
      // All or nothing: one bad state leaves every environment as it was.
      try batch.restore(states)
      var damaged = states
      damaged[2].bytes[30] ^= 1
      #expect(throws: (any Error).self) { try batch.restore(damaged) }
      #expect(try play(&batch) == onward)
    }
  }

  private func play(_ batch: inout some EnvironmentBatch) throws -> [[EnvironmentEvent]] {
    try (0..<60).map { step in
      try batch.advance(
        (0..<batch.count).map { step % 20 == 0 ? .reset : .act(.discrete((step + $0) % 3)) })
    }
  }

  @Test("Limits of time are truncations, and numbers of 64 bits arrive as numbers of 32")
  func truncation() throws {
    try withTemporaryFolder { folder in
      let configuration = try Gymnasium.custom(
        """
        observation_space = spaces.Box(-1, 1e9, (2, 3), numpy.float64)
        def seen(self):
            return numpy.arange(6.0).reshape(2, 3) / 3 + self.count
        """, in: folder)
      var world = try Gymnasium.world(custom: configuration, in: folder)
      #expect(
        world.specification.observations == ObservationSpace(shape: [1, 2, 3], element: .float32))
      _ = try world.reset()
      let steps = try (0..<10).map { _ in try world.step(1) }
      #expect(steps.map(\.end) == Array(repeating: nil, count: 9) + [.truncated])
      #expect(steps.allSatisfy { !$0.isDiscountZero && $0.reward == 0.5 })
      #expect(steps[3].observation == .floats((0..<6).map { Float(Double($0) / 3 + 4) }))
    }
  }

  @Test(
    "Choices, tuples and whole numbers are shown as numbers; sequences of any length are refused")
  func flattened() throws {
    var lake = try Gymnasium.world(
      GymnasiumConfiguration(id: "FrozenLake-v1", arguments: "{\"is_slippery\": false}"))
    #expect(
      lake.specification.observations == ObservationSpace(shape: [16], element: .float32))
    func place(_ observation: Observation) -> Int? {
      guard case .floats(let values) = observation, values.reduce(0, +) == 1 else { return nil }
      return values.firstIndex(of: 1)
    }
    // Right, right, down: fields 1, 2 and 6 of four a row.
    #expect(place(try lake.reset().observation) == 0)
    #expect(try [2, 2, 1].map { place(try lake.step($0).observation) } == [1, 2, 6])
    try withTemporaryFolder { folder in
      var tuple = try Gymnasium.world(
        custom: try Gymnasium.custom(
          """
          observation_space = spaces.Tuple((spaces.Discrete(3), spaces.Box(-9, 9, (2,), numpy.int32)))
          def seen(self):
              return (self.count % 3, numpy.array([self.count, -2], numpy.int32))
          """, in: folder), in: folder)
      #expect(try tuple.reset().observation == .floats([1, 0, 0, 0, -2]))
      #expect(try tuple.step(0).observation == .floats([0, 1, 0, 1, -2]))
      let sequence = try Gymnasium.custom(
        """
        observation_space = spaces.Sequence(spaces.Discrete(3))
        def seen(self):
            return (0, 1)
        """, in: folder)
      let error = try #require(throws: GymnasiumError.self) {
        try Gymnasium.world(custom: sequence, in: folder)
      }
      #expect(error.description.contains("can flatten into numbers, found Sequence"), "\(error)")
    }
  }

  @Test("A state that pickling loses is not saved, and the environment plays on")
  func unfaithfulState() throws {
    try withTemporaryFolder { folder in
      let configuration = try Gymnasium.custom(
        """
        def __getstate__(self):
            return {}
        def __setstate__(self, state):
            self.count = 0
        """, in: folder)
      var world = try Gymnasium.world(custom: configuration, in: folder)
      _ = try world.reset()
      _ = try world.step(0)
      let error = try #require(throws: GymnasiumError.self) { try world.savedState() }
      guard case .notSaved(_, let reason) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(reason.contains("another way"))
      #expect(try world.step(0).observation == .bytes([2, 2, 2]))
    }
  }
}
