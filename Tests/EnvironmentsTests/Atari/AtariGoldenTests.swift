#if Arcade
  import Arcade
  import Foundation
  import Environments
  import TestSupport
  import TensorTestSupport
  import Testing
  import Torch

  @Suite("Atari observations equal those computed in Python from the same emulator")
  struct AtariGoldenTests {
    @Test(
      "Pooling, grey and the resize give the same bytes, and rewards and lives agree",
      arguments: [
        "breakout", "ms_pacman", "pong", "seaquest", "space_invaders", "video_pinball",
      ])
    func observations(name: String) throws {
      try check(name, game: name, .dqnZoo)
    }

    @Test("So do other sizes, weights of colours, and numbers of frames, repeated and pooled")
    func otherRules() throws {
      var unpooled = AtariProtocol.dqnZoo
      (unpooled.actionRepeat, unpooled.pooledFrames) = (3, 1)
      unpooled.luma = AtariProtocol.Luma(red: 0.25, green: 0.5, blue: 0.25)
      (unpooled.height, unpooled.width) = (64, 48)
      try check("unpooled", game: "breakout", unpooled)
      var three = AtariProtocol.dqnZoo
      (three.actionRepeat, three.pooledFrames) = (5, 3)
      three.luma = AtariProtocol.Luma(red: 0.125, green: 0.25, blue: 0.625)
      (three.height, three.width) = (100, 30)
      try check("pooled-three", game: "seaquest", three)
    }

    private func check(_ name: String, game: String, _ rules: AtariProtocol) throws {
      let goldens = try Goldens("arcade", in: .module)
      #expect(goldens.metadata["ale-py"] == AtariROMs.emulatorVersion)
      var rules = rules
      rules.minimumNoOps = 7
      rules.maximumNoOps = 7
      rules.rewardClip = nil
      var world = try AtariEnvironment(try AtariGame(named: game), rules: rules)
      let actions = try goldens["\(name)/actions"].array(of: Int64.self)
      let rewards = try goldens["\(name)/rewards"].doubles
      let lives = try goldens["\(name)/lives"].array(of: Int64.self)
      let sums = try goldens["\(name)/sums"].array(of: Int64.self)
      let some = try goldens["\(name)/some"].array(of: UInt8.self)

      let first = bytes(try world.reset().observation)
      #expect(first == (try goldens["\(name)/first"].array(of: UInt8.self)))
      var shown: [UInt8] = []
      var before = lives[0]
      for (index, action) in actions.enumerated() {
        let step = try world.step(Int(action))
        let frame = bytes(step.observation)
        #expect(frame.reduce(0) { $0 + Int64($1) } == sums[index + 1], "step \(index)")
        #expect(step.rawReward == rewards[index], "step \(index)")
        #expect(step.isDiscountZero == (lives[index] < before), "step \(index)")
        #expect(step.end == nil && step.frames.count == rules.actionRepeat)
        before = lives[index]
        if (index + 1).isMultiple(of: 30) { shown += frame }
      }
      #expect(shown == some)
    }

    private func bytes(_ observation: Observation) -> [UInt8] {
      guard case .bytes(let bytes) = observation else { return [] }
      return bytes
    }
  }
#endif
