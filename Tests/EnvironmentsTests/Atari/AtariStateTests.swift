#if Arcade
  import Arcade
  import Environments
  import TestSupport
  import Testing
  import Torch

  @Suite("Saved states of Atari games")
  struct AtariStateTests {
    private struct Player {
      var world: AtariEnvironment
      var actions: SeededGenerator

      /// Random steps with resets after ends, each held for some steps as a hand would.
      mutating func play(_ count: Int) throws -> [Step] {
        var action = 0
        return try (0..<count).map { index in
          if index.isMultiple(of: 3) {
            action = actions.index(below: world.specification.actionCount)
          }
          let step = try world.step(action)
          if step.end != nil { _ = try world.reset() }
          return step
        }
      }
    }

    private static var rules: AtariProtocol {
      var rules = AtariProtocol.machado2018
      rules.maximumNoOps = 5
      return rules
    }

    @Test(
      "Games that are saved and restored, in place or elsewhere, show the same frames again: 13, nightly 104",
      arguments: AtariGame.all.map(\.name).enumerated().filter { isNightly || $0.offset % 8 == 3 }
        .map(\.element))
    func everyGame(name: String) throws {
      let game = try AtariGame(named: name)
      let count = isNightly ? 400 : 20
      func opened(seed: UInt64) throws -> AtariEnvironment {
        try AtariEnvironment(game, rules: Self.rules, seed: seed)
      }
      var player = Player(world: try opened(seed: 1), actions: SeededGenerator(seed: 4))
      _ = try player.world.reset()
      _ = try player.play(count)
      let saved = try player.world.savedState()
      let actions = player.actions
      let after = try player.play(count)

      try player.world.restore(saved)
      player.actions = actions
      let inPlace = try player.play(count)
      #expect((inPlace == after) as Bool, "\(name) in place")

      var stranger = Player(world: try opened(seed: 2), actions: SeededGenerator(seed: 5))
      _ = try stranger.world.reset()
      _ = try stranger.play(7)
      try stranger.world.restore(saved)
      let resaved = try stranger.world.savedState()
      #expect((resaved == saved) as Bool, "\(name) saved again")
      stranger.actions = actions
      let elsewhere = try stranger.play(count)
      #expect((elsewhere == after) as Bool, "\(name) elsewhere")
    }

    @Test("A state of another game or protocol, or a damaged one, is refused and changes nothing")
    func refusals() throws {
      let pong = try AtariGame(named: "pong")
      var world = try AtariEnvironment(pong)
      _ = try world.reset()
      _ = try world.step(1)
      let state = try world.savedState()

      var other = try AtariEnvironment(try AtariGame(named: "breakout"))
      let wrongGame = #expect(throws: EnvironmentError.self) { try other.restore(state) }
      #expect(wrongGame?.reason.contains("game: pong against breakout") == true)
      var sticky = try AtariEnvironment(pong, rules: .machado2018)
      let wrongRules = #expect(throws: EnvironmentError.self) { try sticky.restore(state) }
      #expect(wrongRules?.reason.contains("rules.actionSet: minimal against full") == true)

      for position in [0, 5, 400, state.bytes.count / 2, state.bytes.count - 1] {
        var damaged = state
        damaged.bytes[position] ^= 1
        #expect(throws: EnvironmentError.self) { try world.restore(damaged) }
      }
      for length in [0, 3, 11, 200, state.bytes.count - 1] {
        var short = state
        short.bytes = Array(short.bytes.prefix(length))
        #expect(throws: EnvironmentError.self) { try world.restore(short) }
      }
      #expect(try world.savedState() == state)
    }
  }
#endif
