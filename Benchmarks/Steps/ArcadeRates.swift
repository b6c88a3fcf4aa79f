#if Arcade
  import Arcade
  import ArgumentParser
  import CArcade
  import Environments
  import Foundation
  import Reinforcement
  import Torch

  /// Frames a second of the emulator alone, and of environments with their images on one thread and on two.
  ///
  /// Raw is the emulator's own step, with the same random actions and a reset at every end; an environment's frame also
  /// pays for pooling, grey, the resize and the result. The three take turns, so that a noisy moment meets them all.
  struct ArcadeRates {
    let game: AtariGame
    let pairs: Int

    private static let environments = 8
    private static let frames = 2_000

    func printed() throws {
      let file = AtariROMs.folder.appending(path: "\(game.name).bin")
      var options = nap_arcade_options(
        seed: 1, repeat_action_probability: 0, luma: (0.3, 0.6, 0.1), pooled_frames: 1, height: 84,
        width: 84)
      var opened: nap_arcade?
      guard nap_arcade_open(file.path, game.md5, &options, &opened) == 0, let raw = opened else {
        throw ValidationError(String(cString: nap_arcade_last_error()))
      }
      defer { nap_arcade_free(raw) }
      var one = try AtariEnvironments(game, count: Self.environments, seed: 1, threads: 1)
      var two = try AtariEnvironments(game, count: Self.environments, seed: 1, threads: 2)
      var rates: [[Double]] = [[], [], []]
      for pair in 0...pairs {
        let turn = [
          try rawRate(raw, seed: UInt64(pair)), try rate(&one, seed: UInt64(pair)),
          try rate(&two, seed: UInt64(pair)),
        ]
        // The first turn warms up.
        if pair > 0 { for index in turn.indices { rates[index].append(turn[index]) } }
      }
      let medians = rates.map { $0.sorted()[$0.count / 2] }
      let names = ["raw", "one thread", "two threads"]
      for index in names.indices {
        print(
          "arcade \(game.name) \(names[index]) \(Int(medians[index])) frames/s "
            + "(\(Int(rates[index].min() ?? 0)) to \(Int(rates[index].max() ?? 0)), "
            + "\(pairs) turns)")
      }
      print(
        String(
          format: "arcade %@ one/raw %.3f (bound 0.90)  two/one %.3f (bound 1.80)", game.name,
          medians[1] / medians[0], medians[2] / medians[1]))
    }

    private func rawRate(_ raw: nap_arcade, seed: UInt64) throws -> Double {
      var actions = [Int32](repeating: 0, count: nap_arcade_action_limit)
      var count: Int32 = 0
      var reward = 0.0
      var isOver = false
      nap_arcade_actions(raw, true, &actions, &count)
      var generator = SeededGenerator(seed: seed)
      var reset = nap_arcade_command(resets: true, action: 0, frames: 0)
      var result = nap_arcade_result()
      let start = ContinuousClock.now
      for _ in 0..<(Self.frames / 4) {
        let action = actions[generator.index(below: Int(count))]
        for _ in 0..<4 where !isOver {
          nap_arcade_act(raw, action, &reward)
          nap_arcade_game_over(raw, &isOver)
        }
        if isOver {
          nap_arcade_run(raw, &reset, &result, nil)
          isOver = false
        }
      }
      return Double(Self.frames) / seconds(since: start)
    }

    private func rate(_ batch: inout AtariEnvironments, seed: UInt64) throws -> Double {
      var generator = SeededGenerator(seed: seed)
      var commands = [EnvironmentCommand](repeating: .reset, count: batch.count)
      _ = try batch.advance(commands)
      commands = commands.map { _ in .act(.discrete(0)) }
      let start = ContinuousClock.now
      for _ in 0..<(Self.frames / 4 / batch.count) {
        for index in commands.indices {
          if commands[index] != .reset {
            commands[index] = .act(
              .discrete(generator.index(below: batch.specification.actionCount)))
          }
        }
        let events = try batch.advance(commands)
        for (index, event) in events.enumerated() {
          commands[index] = .act(.discrete(0))
          if case .stepped(let step) = event, step.end != nil { commands[index] = .reset }
        }
      }
      return Double(Self.frames) / seconds(since: start)
    }

    private func seconds(since start: ContinuousClock.Instant) -> Double {
      (ContinuousClock.now - start) / .seconds(1)
    }
  }
#endif
