import Environments
import Networks
import Reinforcement
import Testing
import Torch

@Suite("Proximal policy optimization")
struct PPOAgentTests {
  private func configuration() -> PPOConfiguration {
    var agent = PPOConfiguration()
    agent.network.torso = .mlp
    agent.network.torsoWidths = [32]
    agent.network.hiddenWidth = 0
    agent.optimizer.learningRate = 5e-3
    agent.horizon = 32
    agent.batchSize = 64
    agent.clip = 0.2
    return agent
  }

  private func make(
    _ configuration: PPOConfiguration, environments: Int = 4, seed: UInt64 = 1
  ) throws -> PPOAgent<OptimizerTrainer> {
    let specification = Corridor().specification
    let network = try configuration.network.buildActorCritic(
      observations: specification.observations, actions: specification.actionCount,
      generator: Generator(seed: seed))
    return try PPOAgent(
      configuration,
      trainer: try OptimizerTrainer(network, configuration: configuration.optimizer),
      specification: specification, environments: environments, seed: seed)
  }

  private func corridors(_ count: Int = 4) -> SerialEnvironments<Corridor> {
    SerialEnvironments((0..<count).map { _ in Corridor() })
  }

  @Test("It learns the corridor, which it does not know at first")
  func learns() throws {
    var agent = try make(configuration())
    var worlds = corridors()
    var world = Corridor()
    func mean() throws -> Double {
      let episodes = try agent.evaluate(in: &world, episodes: 40, seed: 2)
      return episodes.map(\.rawReturn).reduce(0, +) / 40
    }
    #expect(try mean() < 0.5)
    var updates = 0
    for _ in 0..<40 {
      let iteration = try agent.iterate(in: &worlds)
      updates += iteration.updates.count
      #expect(iteration.entropy >= 0)
    }
    #expect(try mean() > 0.9)
    #expect(agent.position.update == updates)
    #expect(agent.steps.count <= 40 * 32 * 4, "a reset is a move, too")
    #expect(agent.steps.count > 40 * 32 * 2)
  }

  @Test("An update that the policy has not moved from has the plain policy gradient as its loss")
  func firstUpdate() throws {
    var agent = try make(configuration())
    var worlds = corridors()
    let iteration = try agent.iterate(in: &worlds)
    // Where π = π_old the ratio is 1: the loss is minus the mean of normalized advantages, which is 0.
    var single = configuration()
    single.epochs = 1
    single.batchSize = 1_000
    var other = try make(single)
    var others = corridors()
    let first = try other.iterate(in: &others)
    #expect(first.updates.count == 1)
    #expect(abs(first.policyLoss) < 1e-5)
    #expect(iteration.updates.count > 1)
    #expect(abs(iteration.policyLoss) > 1e-5)
  }

  @Test("Iterations go on bit for bit after a save, and what does not fit is refused")
  func resumes() throws {
    func record(
      _ agent: inout PPOAgent<OptimizerTrainer>, _ worlds: inout SerialEnvironments<Corridor>
    )
      throws -> [String]
    {
      try (0..<3).map { _ in
        let iteration = try agent.iterate(in: &worlds)
        return "\(iteration.steps) \(iteration.updates.map(\.loss)) \(iteration.episodes.count)"
      }
    }
    var (whole, wholeWorlds) = (try make(configuration()), corridors())
    let first = try record(&whole, &wholeWorlds)
    let (saved, states) = (try State(of: whole).copied(), try wholeWorlds.savedStates())
    let second = try record(&whole, &wholeWorlds)
    #expect(first != second)

    var (again, againWorlds) = (try make(configuration(), seed: 5), corridors())
    try againWorlds.restore(states)
    try again.restore(saved)
    #expect(try record(&again, &againWorlds) == second)
    for (own, other) in zip(try State(of: again).tensors, try State(of: whole).tensors) {
      #expect(own.tensor.isIdentical(to: other.tensor), "\(own.name)")
    }

    let before = try State(of: again).values
    for name in saved.tensors.map(\.name) {
      var lacking = saved
      lacking.tensors.removeAll { $0.name == name }
      #expect(throws: (any Error).self, "\(name)") { try again.restore(lacking) }
      #expect(try State(of: again).values == before)
    }
    var fewer = try make(configuration(), environments: 3)
    #expect(throws: StateError.self) { try fewer.restore(saved) }
  }
}
