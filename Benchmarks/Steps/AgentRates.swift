#if Arcade
  import Arcade
  import Environments
  import Foundation
  import Networks
  import NormalizeAndProject
  import Reinforcement
  import Torch

  /// The time of one round of Rainbow with NaP on a game, four steps and an update, beside its parts: the emulator
  /// alone, the learner alone, and the choice of four actions alone. In exact order, and with acting and learning at
  /// the same time.
  ///
  /// All take turns of some rounds each, so that a noisy moment meets them all.
  struct AgentRates {
    let game: AtariGame
    let turns: Int
    let device: Device

    private static let roundsPerTurn = 10
    private static let stepsPerRound = 4

    /// An agent in its game.
    private struct Player {
      var agent: ValueAgent<ProjectingTrainer>
      var world: AtariEnvironment
      var isRunning = false

      init(_ game: AtariGame, overlaps: Bool, device: Device) throws {
        var configuration = ValueAgentConfiguration.rainbow
        configuration.replay.capacity = 20_000
        configuration.learningStarts = 400
        configuration.overlapsLearning = overlaps
        world = try AtariEnvironment(game, seed: 1)
        let specification = world.specification
        let nap = NaP(projection: Projection(noisyWeights: .joint))
        func network(_ seed: UInt64) throws -> Sequential {
          try nap.normalized(
            configuration.network.build(
              observations: specification.observations, actions: specification.actionCount,
              generator: Generator(seed: seed), device: device),
            inputShape: specification.observations.stackedShape)
        }
        agent = try ValueAgent(
          configuration,
          trainer: try ProjectingTrainer(
            try network(0), nap: nap, optimizer: configuration.optimizer),
          target: try network(1), actor: overlaps ? network(2) : nil,
          specification: specification, seed: 0, device: device)
      }

      mutating func step() throws {
        if !isRunning { agent.begin(try world.reset()) }
        let action = agent.act()
        let step = try world.step(action)
        isRunning = step.end == nil
        _ = try agent.observe(action: action, step)
      }
    }

    func printed() throws {
      var exact = try Player(game, overlaps: false, device: device)
      var overlapped = try Player(game, overlaps: true, device: device)
      for _ in 0..<440 {
        try exact.step()
        try overlapped.step()
      }
      var alone = try AtariEnvironment(game, seed: 2)
      var isRunning = false
      var actions = SeededGenerator(seed: 3)
      var times: [[Double]] = Array(repeating: [], count: 5)
      for turn in 0...turns {
        let parts: [() throws -> Void] = [
          {
            for _ in 0..<(Self.roundsPerTurn * Self.stepsPerRound) {
              if !isRunning { _ = try alone.reset() }
              let action = actions.index(below: alone.specification.actionCount)
              isRunning = try alone.step(action).end == nil
            }
          },
          { for _ in 0..<Self.roundsPerTurn { _ = try exact.agent.learn() } },
          {
            for _ in 0..<(Self.roundsPerTurn * Self.stepsPerRound) { _ = exact.agent.act() }
          },
          { for _ in 0..<(Self.roundsPerTurn * Self.stepsPerRound) { try exact.step() } },
          { for _ in 0..<(Self.roundsPerTurn * Self.stepsPerRound) { try overlapped.step() } },
        ]
        for (index, part) in parts.enumerated() {
          let start = ContinuousClock.now
          try part()
          device.synchronize()
          let elapsed = (ContinuousClock.now - start) / .milliseconds(1)
          // The first turn warms up.
          if turn > 0 { times[index].append(elapsed / Double(Self.roundsPerTurn)) }
        }
      }
      let medians = times.map { $0.sorted()[$0.count / 2] }
      for (name, values) in zip(["emulator", "learner", "choices", "agent", "overlapped"], times) {
        print(
          "agent \(game.name) \(name) "
            + String(
              format: "%.3f %.3f %.3f ms a round, %d turns", values.sorted()[values.count / 2],
              values.min() ?? 0, values.max() ?? 0, values.count))
      }
      let sum = medians[0] + medians[1]
      print(
        "agent \(game.name) "
          + String(
            format:
              "agent/(emulator+learner) %.3f (bound 1.15)  overlapped/(emulator+learner) %.3f (bound 1)  "
              + "%.0f frames/s, %.0f overlapped",
            medians[3] / sum, medians[4] / sum, 16_000 / medians[3], 16_000 / medians[4]))
    }
  }
#endif
