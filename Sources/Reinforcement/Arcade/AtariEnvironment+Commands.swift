#if Arcade
  import CArcade
  import Torch

  /// A step in two halves, with the emulator's work between them, on this thread or another.
  extension AtariEnvironment {
    private var rules: AtariProtocol { manifest.rules }

    /// What the emulator is to do.
    ///
    /// - Throws: ``EnvironmentError`` for an action out of place or out of range; nothing has changed then.
    mutating func begin(_ command: EnvironmentCommand) throws -> nap_arcade_command {
      switch command {
      case .reset:
        progress.isPlaying = false
        return progress.beginsGame ? newGame() : nextLife
      case .act(let action):
        guard progress.isPlaying else {
          throw EnvironmentError(
            specification.name, "an action before the first reset or after an end; call reset()")
        }
        guard emulator.actions.indices.contains(action) else {
          throw EnvironmentError(
            specification.name,
            "expected an action in 0 ..< \(emulator.actions.count), found \(action)")
        }
        let left = rules.frameCap.map { $0.count - progress.gameFrames.count } ?? .max
        return nap_arcade_command(
          resets: false, action: emulator.actions[action],
          frames: Int32(min(rules.actionRepeat, left)))
      }
    }

    private mutating func newGame() -> nap_arcade_command {
      let choices = rules.maximumNoOps - rules.minimumNoOps + 1
      let noOps = rules.minimumNoOps + progress.noOps.index(below: choices)
      progress.gameFrames = 0
      progress.gameReturn = 0
      return nap_arcade_command(resets: true, action: 0, frames: Int32(noOps))
    }

    private var nextLife: nap_arcade_command {
      nap_arcade_command(resets: false, action: 0, frames: 1)
    }

    /// What a reset brought.
    mutating func started(
      _ result: nap_arcade_result, _ observation: [UInt8]
    ) throws -> EpisodeStart {
      var observation = observation
      if !progress.beginsGame {
        // The next life of the same game took one frame, which may have been the game's last.
        progress.gameFrames += Frames(Int(result.frames))
        progress.gameReturn += result.reward
        if result.game_over || isCapReached { (_, observation) = try emulator.run(newGame()) }
      }
      progress.beginsGame = false
      progress.isPlaying = true
      return EpisodeStart(.bytes(observation))
    }

    /// What an action brought.
    mutating func stepped(_ result: nap_arcade_result, _ observation: [UInt8]) -> Step {
      progress.gameFrames += Frames(Int(result.frames))
      progress.gameReturn += result.reward
      progress.beginsGame = result.game_over || isCapReached
      let end: EpisodeEnd? =
        if result.game_over {
          .terminated
        } else if result.life_lost, rules.lifeLoss == .terminal {
          .terminated
        } else if isCapReached {
          .truncated
        } else {
          nil
        }
      progress.isPlaying = end == nil
      return Step(
        observation: .bytes(observation), reward: rules.clipped(result.reward),
        rawReward: result.reward, end: end,
        isDiscountZero: end == .terminated || result.life_lost && rules.lifeLoss == .zeroDiscount,
        frames: Frames(Int(result.frames)),
        scope: rules.lifeLoss == .terminal
          ? .part(gameReturn: progress.beginsGame ? progress.gameReturn : nil) : .whole)
    }

    private var isCapReached: Bool { rules.frameCap.map { progress.gameFrames >= $0 } ?? false }
  }
#endif
