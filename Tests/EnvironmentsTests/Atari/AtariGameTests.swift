import Arcade
import Foundation
import Testing

@testable import Environments

@Suite("Atari games, scores and manifests")
struct AtariGameTests {
  @Test("There are 104 games, each with a sum of its own")
  func catalog() {
    #expect(AtariGame.all.count == 104)
    #expect(Set(AtariGame.all.map(\.md5)).count == 104)
    #expect(AtariGame.all.map(\.name) == AtariGame.all.map(\.name).sorted())
  }

  @Test(
    "A game is found by any of its spellings",
    arguments: ["space_invaders", "SpaceInvaders", "ALE/SpaceInvaders", "space-invaders"])
  func spellings(name: String) throws {
    let game = try AtariGame(named: name)
    #expect(game.name == "space_invaders")
    #expect(game.environmentName == "ALE/SpaceInvaders")
  }

  @Test("An unknown game is refused with the nearest names")
  func unknownGame() {
    let error = #expect(throws: EnvironmentError.self) { try AtariGame(named: "space_invader") }
    #expect(error?.reason.contains("'space_invader'") == true)
    #expect(error?.reason.contains("space_invaders") == true)
    let other = #expect(throws: EnvironmentError.self) { try AtariGame(named: "pang") }
    #expect(other?.reason.contains("pong") == true)
  }

  @Test("57 games have reference scores, by which random play is 0 and a human's 1")
  func scores() throws {
    #expect(AtariGame.withScores.count == 57)
    let pong = try #require(try AtariGame(named: "pong").scores)
    #expect(pong == AtariGame.withScores.first { $0.name == "pong" }?.scores)
    #expect(pong.random == -20.7 && pong.human == 14.6)
    #expect(pong.normalized(-20.7) == 0 && pong.normalized(14.6) == 1)
    #expect(abs(pong.normalized(21) - 41.7 / 35.3) < 1e-12)
    #expect(try AtariGame(named: "tetris").scores == nil)
    // Every one is better played by a human than at random.
    for game in AtariGame.withScores {
      let scores = try #require(game.scores)
      #expect(scores.human > scores.random, "\(game.name)")
    }
  }

  @Test("A manifest says what differs from another, and comes back from its encoded form")
  func manifests() throws {
    let pong = try AtariGame(named: "pong")
    let mine = AtariManifest(
      game: pong, romMD5: pong.md5, emulatorVersion: "0.12.1", rules: .dqnZoo)
    #expect(mine.differences(from: mine).isEmpty)
    let again = try JSONDecoder().decode(
      AtariManifest.self, from: JSONEncoder().encode(mine))
    #expect(again == mine)

    var other = mine
    other.rules.frameCap = nil
    other.rules.lifeLoss = .terminal
    other.rules.luma.red = 0.3
    #expect(
      mine.differences(from: other) == [
        "rules.frameCap: 108000 against none", "rules.lifeLoss: zeroDiscount against terminal",
        "rules.luma.red: 0.299 against 0.3",
      ])
    let breakout = try AtariGame(named: "breakout")
    var third = mine
    third.game = breakout
    third.romMD5 = breakout.md5
    #expect(mine.differences(from: third).count == 2)
  }

  @Test("The presets are what their sources say, and valid")
  func presets() throws {
    for preset in AtariProtocol.presets { try preset.value.validate() }
    let zoo = AtariProtocol.dqnZoo
    #expect(zoo.repeatActionProbability == 0 && zoo.lifeLoss == .zeroDiscount)
    #expect(zoo.frameCap == 108_000 && zoo.maximumNoOps == 30 && zoo.minimumNoOps == 1)
    #expect(zoo.luma.red + zoo.luma.green + zoo.luma.blue == 1)
    let machado = AtariProtocol.machado2018
    #expect(machado.repeatActionProbability == 0.25 && machado.lifeLoss == .ignore)
    #expect(machado.actionSet == .full)
    let again = try JSONDecoder().decode(AtariProtocol.self, from: JSONEncoder().encode(zoo))
    #expect(again == zoo)
  }

  @Test("A protocol that makes no sense is refused by the option's name")
  func invalidProtocols() {
    let wrong: [(String, (inout AtariProtocol) -> Void)] = [
      ("repeatActionProbability", { $0.repeatActionProbability = 1 }),
      ("no-ops", { $0.minimumNoOps = 31 }), ("frameCap", { $0.frameCap = 0 }),
      ("actionRepeat", { $0.actionRepeat = 0 }), ("pooledFrames", { $0.pooledFrames = 5 }),
      ("height", { $0.height = 0 }), ("stack", { $0.stack = 0 }),
      ("luma", { $0.luma.red = -1 }), ("rewardClip", { $0.rewardClip = 0 }),
    ]
    for (name, change) in wrong {
      var rules = AtariProtocol.dqnZoo
      change(&rules)
      let error = #expect(throws: EnvironmentError.self) { try rules.validate() }
      #expect(error?.reason.contains(name) == true, "\(name)")
    }
  }
}
