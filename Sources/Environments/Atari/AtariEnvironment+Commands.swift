#if Arcade
  import Arcade
  import Torch

  /// A step in two halves, with the emulator's work between them, on this thread or another.
  extension AtariEnvironment {
    private var rules: AtariProtocol { manifest.rules }

    /// What the emulator is to do.
    ///
    /// - Throws: ``EnvironmentError`` for an action out of place or out of range; nothing has changed then.
    mutating func begin(_ command: EnvironmentCommand) throws -> AtariEmulator.Command {
      switch command {
      case .reset:
        progress.isPlaying = false
        return progress.beginsGame ? newGame() : nextLife
      case .act(let action):
        guard progress.isPlaying else {
          throw EnvironmentError(
            specification.name, "an action before the first reset or after an end; call reset()")
        }
        let index = try specification.checkedIndex(action, isRunning: true)
        let left = rules.frameCap.map { $0.count - progress.gameFrames.count } ?? .max
        return .act(emulator.actions[index], frames: min(rules.actionRepeat, left))
      }
    }

    private mutating func newGame() -> AtariEmulator.Command {
      let choices = rules.maximumNoOps - rules.minimumNoOps + 1
      let noOps = rules.minimumNoOps + progress.noOps.index(below: choices)
      progress.gameFrames = 0
      progress.gameReturn = 0
      return .reset(noOps: noOps)
    }

    private var nextLife: AtariEmulator.Command { .act(0, frames: 1) }

    /// What a reset brought.
    mutating func started(_ result: AtariEmulator.Result) throws -> EpisodeStart {
      var observation = result.observation
      if !progress.beginsGame {
        // The next life of the same game took one frame, which may have been the game's last.
        progress.gameFrames += Frames(result.frames)
        progress.gameReturn += result.reward
        if result.isGameOver || isCapReached {
          observation = try run(newGame()).observation
        }
      }
      progress.beginsGame = false
      progress.isPlaying = true
      return EpisodeStart(.bytes(observation))
    }

    /// What an action brought.
    mutating func stepped(_ result: AtariEmulator.Result) -> Step {
      progress.gameFrames += Frames(result.frames)
      progress.gameReturn += result.reward
      progress.beginsGame = result.isGameOver || isCapReached
      let end: EpisodeEnd? =
        if result.isGameOver {
          .terminated
        } else if result.lostLife, rules.lifeLoss == .terminal {
          .terminated
        } else if isCapReached {
          .truncated
        } else {
          nil
        }
      progress.isPlaying = end == nil
      return Step(
        observation: .bytes(result.observation), reward: rules.clipped(result.reward),
        rawReward: result.reward, end: end,
        isDiscountZero: end == .terminated || result.lostLife && rules.lifeLoss == .zeroDiscount,
        frames: Frames(result.frames),
        scope: rules.lifeLoss == .terminal
          ? .part(gameReturn: progress.beginsGame ? progress.gameReturn : nil) : .whole)
    }

    private var isCapReached: Bool { rules.frameCap.map { progress.gameFrames >= $0 } ?? false }
  }
#endif
