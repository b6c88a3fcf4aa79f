#if Arcade
  import Arcade
  import Environments
  import TestSupport
  import Testing
  import Torch

  @Suite("Atari games on threads")
  struct AtariBatchTests {
    /// Random actions on five games, with resets after ends.
    private func play<Batch: EnvironmentBatch>(
      _ batch: inout Batch, steps: Int
    ) throws -> [[EnvironmentEvent]] {
      var actions = SeededGenerator(seed: 8)
      var commands = [EnvironmentCommand](repeating: .reset, count: batch.count)
      return try (0..<steps).map { _ in
        let events = try batch.advance(commands)
        commands = events.map { event in
          let action = actions.index(below: batch.specification.actionCount)
          if case .stepped(let step) = event, step.end != nil { return .reset }
          return .act(.discrete(action))
        }
        return events
      }
    }

    private var rules: AtariProtocol {
      var rules = AtariProtocol.machado2018
      rules.lifeLoss = .terminal
      rules.frameCap = 150
      return rules
    }

    @Test("One, two and four threads give the same, and so do environments alone")
    func threadCounts() throws {
      let game = try AtariGame(named: "breakout")
      var results: [[[EnvironmentEvent]]] = []
      for threads in [1, 2, 4] {
        var batch = try AtariEnvironments(game, count: 5, rules: rules, seed: 3, threads: threads)
        #expect(batch.threadCount == threads)
        results.append(try play(&batch, steps: 60))
      }
      #expect((results[1] == results[0]) as Bool)
      #expect((results[2] == results[0]) as Bool)
      var alone = SerialEnvironments(
        try (0..<5).map {
          try AtariEnvironment(
            game, rules: rules, seed: AtariEnvironments.seed(of: $0, from: 3))
        })
      let serial = try play(&alone, steps: 60)
      #expect((serial == results[0]) as Bool)
      let differ = results[0].contains { $0[0] != $0[1] }
      #expect(differ, "the environments are all the same")
    }

    @Test("A batch goes on from its saved states, and refuses those of another number")
    func savedStates() throws {
      let game = try AtariGame(named: "seaquest")
      var batch = try AtariEnvironments(game, count: 3, rules: rules, seed: 1, threads: 2)
      _ = try play(&batch, steps: 10)
      let states = try batch.savedStates()
      let after = try play(&batch, steps: 20)
      try batch.restore(states)
      let again = try play(&batch, steps: 20)
      #expect((again == after) as Bool)
      #expect(throws: EnvironmentError.self) { try batch.restore(Array(states.dropLast())) }
    }

    @Test("A command out of place is refused before anything moves")
    func refusedCommands() throws {
      var batch = try AtariEnvironments(try AtariGame(named: "pong"), count: 2, threads: 2)
      _ = try batch.advance([.reset, .reset])
      let before = try batch.savedStates()
      #expect(throws: EnvironmentError.self) {
        try batch.advance([.act(.discrete(0)), .act(.discrete(99))])
      }
      #expect(throws: EnvironmentError.self) { try batch.advance([.reset, .act(.discrete(-1))]) }
      #expect(try batch.savedStates() == before)
    }
  }
#endif
