#if Arcade
  import Arcade
  import Foundation
  import Environments
  import TestSupport
  import TensorTestSupport
  import Testing
  import Torch

  @Suite("Atari environments")
  struct AtariEnvironmentTests {
    private func game(_ name: String) throws -> AtariGame { try AtariGame(named: name) }

    /// Plays random actions over `steps` steps, with resets after ends.
    private func play(
      _ world: inout AtariEnvironment, steps: Int, seed: UInt64 = 1
    ) throws -> [Step] {
      var actions = SeededGenerator(seed: seed)
      var result: [Step] = []
      _ = try world.reset()
      for _ in 0..<steps {
        let step = try world.step(actions.index(below: world.specification.actionCount))
        result.append(step)
        if step.end != nil { _ = try world.reset() }
      }
      return result
    }

    @Test("The laws of environments hold", arguments: ["dqnZoo", "machado2018"])
    func laws(preset: String) throws {
      let rules = try #require(AtariProtocol.presets.first { $0.name == preset }).value
      try EnvironmentLaws.check(steps: 300) {
        try AtariEnvironment(try game("breakout"), rules: rules, seed: 5)
      }
    }

    @Test("The specification tells the form and the number of actions")
    func specification() throws {
      let world = try AtariEnvironment(try game("space_invaders"))
      #expect(world.specification.name == "ALE/SpaceInvaders")
      #expect(world.specification.observations.shape == [1, 84, 84])
      #expect(world.specification.observations.stackedShape == [4, 84, 84])
      #expect(world.specification.actionCount == 6)
      #expect(world.specification.actionRepeat == 4)
      #expect(world.manifest.emulatorVersion == "0.12.1")
      var rules = AtariProtocol.dqnZoo
      rules.actionSet = .full
      #expect(
        try AtariEnvironment(try game("pong"), rules: rules).specification.actionCount == 18)
    }

    @Test("A life that is an episode is a part of its game, whose return its last life tells")
    func partsOfGames() throws {
      var rules = AtariProtocol.dqnZoo
      rules.lifeLoss = .terminal
      var world = try AtariEnvironment(try game("space_invaders"), rules: rules, seed: 5)
      var actions = SeededGenerator(seed: 1)
      var (lives, games) = (0, 0)
      _ = try world.reset()
      while games < 2 {
        let step = try world.step(actions.index(below: world.specification.actionCount))
        guard step.end != nil else { continue }
        lives += 1
        #expect(step.scope == .part(gameReturn: world.isGameOver ? world.gameReturn : nil))
        if world.isGameOver { games += 1 }
        _ = try world.reset()
      }
      #expect(lives == 6)
      rules.lifeLoss = .zeroDiscount
      var whole = try AtariEnvironment(try game("space_invaders"), rules: rules, seed: 5)
      #expect(try play(&whole, steps: 20).allSatisfy { $0.scope == .whole })
    }

    @Test("A protocol is read by its name, or choice by choice")
    func names() throws {
      for (name, rules) in AtariProtocol.presets {
        let decoder = JSONDecoder()
        #expect(
          try decoder.decode([AtariProtocol].self, from: Data("[\"\(name)\"]".utf8)) == [rules])
        let written = try JSONEncoder().encode(rules)
        #expect(try decoder.decode(AtariProtocol.self, from: written) == rules)
      }
    }

    @Test("A lost life is ignored, sets the discount to zero, or ends the episode")
    func lifeLoss() throws {
      var counts: [AtariProtocol.LifeLoss: (zero: Int, ends: Int)] = [:]
      for mode in AtariProtocol.LifeLoss.allCases {
        var rules = AtariProtocol.dqnZoo
        rules.lifeLoss = mode
        var world = try AtariEnvironment(try game("breakout"), rules: rules, seed: 2)
        let steps = try play(&world, steps: 400)
        counts[mode] = (
          steps.count { $0.isDiscountZero }, steps.count { $0.end == .terminated }
        )
      }
      let ignored = try #require(counts[.ignore])
      let zeroed = try #require(counts[.zeroDiscount])
      let terminal = try #require(counts[.terminal])
      // Breakout has five lives: a game's last ends it, the others show as the mode says.
      #expect(ignored.zero == ignored.ends && ignored.ends > 0)
      #expect(zeroed.ends == ignored.ends && zeroed.zero >= 5 * zeroed.ends)
      #expect(terminal.zero == terminal.ends && terminal.ends >= 5)
    }

    @Test("After a lost life that ends the episode, the same game goes on")
    func gameGoesOn() throws {
      var rules = AtariProtocol.dqnZoo
      rules.lifeLoss = .terminal
      var world = try AtariEnvironment(try game("breakout"), rules: rules, seed: 2)
      var actions = SeededGenerator(seed: 1)
      _ = try world.reset()
      var ends = 0
      while ends < 2 {
        let frames = world.gameFrames
        let step = try world.step(actions.index(below: 4))
        #expect(world.gameFrames == frames + step.frames)
        guard step.end != nil else { continue }
        ends += 1
        #expect(!world.isGameOver)
        let before = world.gameFrames
        _ = try world.reset()
        #expect(world.gameFrames == before + 1)
      }
    }

    @Test("The cap truncates in the middle of a step and does not zero the discount")
    func frameCap() throws {
      var rules = AtariProtocol.dqnZoo
      rules.frameCap = 102
      var world = try AtariEnvironment(try game("pong"), rules: rules)
      for _ in 0..<2 {
        _ = try world.reset()
        for index in 0..<26 {
          let step = try world.step(0)
          #expect(step.end == (index == 25 ? .truncated : nil))
          #expect(step.frames == (index == 25 ? 2 : 4))
          #expect(!step.isDiscountZero)
        }
        #expect(world.isGameOver)
        #expect(throws: EnvironmentError.self) { try world.step(0) }
      }
    }

    @Test("Sticky actions follow the seed, and make a difference")
    func stickyActions() throws {
      func run(_ probability: Double, seed: UInt64) throws -> [Observation] {
        var rules = AtariProtocol.machado2018
        rules.repeatActionProbability = probability
        var world = try AtariEnvironment(try game("pong"), rules: rules, seed: seed)
        return try play(&world, steps: 80).map(\.observation)
      }
      #expect(try run(0.25, seed: 1) == run(0.25, seed: 1))
      #expect(try run(0.25, seed: 1) != run(0.25, seed: 2))
      #expect(try run(0, seed: 1) == run(0, seed: 2))
      #expect(try run(0, seed: 1) != run(0.25, seed: 1))
    }

    @Test("No-ops follow the seed")
    func noOps() throws {
      var starts = Set<Observation>()
      for seed in 0..<6 {
        var world = try AtariEnvironment(try game("freeway"), seed: UInt64(seed))
        starts.insert(try world.reset().observation)
      }
      #expect(starts.count > 1)
    }

    @Test("Rewards are clipped after their sum, and the raw one stays beside")
    func rewards() throws {
      var world = try AtariEnvironment(try game("space_invaders"), seed: 3)
      let steps = try play(&world, steps: 400)
      #expect(steps.contains { $0.rawReward > 1 })
      #expect(steps.allSatisfy { $0.reward == max(-1, min(1, $0.rawReward)) })
    }
  }
#endif
