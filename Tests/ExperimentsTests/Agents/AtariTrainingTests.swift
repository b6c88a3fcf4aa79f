import Arcade
import Environments
import Foundation
import Networks
import Reinforcement
import RunStore
import TestSupport
import TensorTestSupport
import Testing
import Torch
import Training

@testable import Experiments

@Suite("Rainbow on Atari")
struct AtariTrainingTests {
  @Test("Presets are valid, whether or not the emulator was built in")
  func presets() throws {
    for preset in Atari.presets { _ = try Atari.validate(preset.configuration) }
    for preset in SequentialAtari.presets { _ = try SequentialAtari.validate(preset.configuration) }
    let paper = try SequentialAtari.preset("paper").configuration
    // What a bare command takes fits an afternoon: at most 150,000 steps of the agent.
    for first in [Atari.presets[0], SequentialAtari.presets[0]].map(\.configuration.environments) {
      #expect(first.framesPerVisit.count * first.visitCount <= 600_000)
    }
    #expect(paper.environments.names.count == 10)
    #expect(paper.environments.visitCount == 20)
    #expect(paper.environments.atari.actionSet == .full)
    // 20M frames are 1.25M updates at one every 16.
    #expect(paper.updatesPerVisit == 1_250_000)
    let cycle = try #require(Atari.presets.first { $0.name == "high-update" }).configuration
    // METHOD 3.7: 4M frames at an update a step of four frames, for the arm that is named so, too.
    for arm in [AgentArm(.nap), AgentArm(.nap, .cyclic)] {
      let schedule = cycle.applying(arm).schedule
      #expect(schedule.kind == .cyclic && schedule.decayUpdates == 1_000_000)
    }
    let linear = Atari.zoo.applying(AgentArm(.nap, .linear)).schedule
    #expect(linear.decayUpdates == 12_500_000)
  }

  #if Arcade
    static func tiny(_ games: [String], _ arm: String) throws -> AgentRunConfiguration {
      var base = try #require(SequentialAtari.presets.last).configuration
      base.environments = EnvironmentSequence(
        try games.map { try .atari(AtariGame(named: $0)) }, visits: 2, framesPerVisit: 112)
      base.environments.atari.actionSet = .full
      base.agent.learningStarts = 15
      base.agent.targetPeriod = 64
      base.agent.replay.capacity = 60
      base.agent.replay.segmentBytes = 100_000
      base.recording.everyRounds = 5
      return try SequentialAtari.configuration(base, arm: arm)
    }

    @Test("Where a life is an episode, what is counted is the whole game")
    func lives() throws {
      var configuration = try Self.tiny(["space_invaders"], "plain")
      configuration.environments = EnvironmentSequence(
        [.atari(try AtariGame(named: "space_invaders"))], visits: 1, framesPerVisit: 8_000)
      configuration.environments.atari.lifeLoss = .terminal
      configuration.agent.learnPeriod = 4
      // Nothing is learned: steps alone are looked at.
      configuration.agent.replay.capacity = 4_000
      configuration.agent.learningStarts = 4_000
      configuration.recording.everyRounds = 10_000
      var training = try AgentTraining(configuration, seed: 1, device: .cpu)
      var (games, lives) = (0, 0)
      while training.counters.recentCount < 2, try training.next() != nil {
        let world = try #require(training.environment as? AtariEnvironment)
        if training.counters.episode == nil { lives += 1 }
        if training.counters.recentCount == games {
          #expect(!world.isGameOver)
        } else {
          games += 1
          #expect(world.isGameOver && training.counters.newest == world.gameReturn)
        }
      }
      #expect(games == 2 && lives == 6)
    }

    @Test("Games of one run have their images' sums and the rules that they share in its manifest")
    func manifest() throws {
      let configuration = try Self.tiny(["pong", "breakout"], "nap")
      let manifest = try #require(
        try AgentTraining(configuration, seed: 1, device: .cpu).manifest())
      #expect(Set(manifest.groups.keys) == ["ALE/Pong", "ALE/Breakout", "atari"])
      #expect(manifest.groups["ALE/Pong"]?["romMD5"] == "60e0ea3cbe0913d39803477945e9e5ec")
      #expect(manifest.groups["atari"]?["emulatorVersion"] == "0.12.1")
      #expect(manifest.groups["atari"]?["rules.frameCap"] == "108000")

      var sticky = configuration
      sticky.environments.names = [configuration.environments.names[1]]
      sticky.environments.atari.repeatActionProbability = 0.25
      let other = try #require(try AgentTraining(sticky, seed: 1, device: .cpu).manifest())
      #expect(
        manifest.differences(from: other) == ["atari.rules.repeatActionProbability: 0 against 0.25"]
      )
    }

    @Test(
      "Two real games, twice: run, stop, save, resume gives the same bytes", .timeLimit(.minutes(5))
    )
    func resume() throws {
      try withTemporaryFolder { folder in
        var configuration = try Self.tiny(["pong", "breakout"], "nap+restart")
        // Games end within visits.
        configuration.environments.atari.frameCap = 40
        func start() throws -> AgentTraining {
          try AgentTraining(configuration, seed: 1, device: .cpu)
        }
        var whole = try start()
        #expect(whole.totalUpdates == 28)
        while try whole.next() != nil {}
        #expect(whole.agent.position.update > 20)

        var part = try start()
        for stop in [9, 14] {
          while part.updates < stop { _ = try part.next() }
          let saved = try part.snapshot(in: folder).copied()
          try part.commit(in: folder)
          part = try start()
          try part.restore(saved)
        }
        while try part.next() != nil {}
        let (left, right) = (try whole.snapshot(), try part.snapshot())
        // Counters, and the generators of actions and draws, too.
        expectSame(left, right, except: ["replay"])
      }
    }
  #endif
}
