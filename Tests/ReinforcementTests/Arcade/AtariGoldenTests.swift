#if Arcade
  import Foundation
  import Reinforcement
  import TestSupport
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
      let goldens = try Goldens("arcade", in: .module)
      #expect(goldens.metadata["ale-py"] == AtariROMs.emulatorVersion)
      var rules = AtariProtocol.dqnZoo
      rules.minimumNoOps = 7
      rules.maximumNoOps = 7
      rules.rewardClip = nil
      var world = try AtariEnvironment(try AtariGame(named: name), rules: rules)
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
        #expect(step.end == nil && step.frames == 4)
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
