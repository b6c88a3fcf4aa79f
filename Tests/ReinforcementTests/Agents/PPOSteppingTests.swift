import Environments
import Foundation
import Networks
import Reinforcement
import Testing
import Torch

/// Pays 1 − (a − ½)² for a number a between -1 and 1; episodes are cut after four steps.
private struct Aim: Environment {
  private var steps: Int?
  private(set) var last: Float = 0

  var specification: EnvironmentSpecification {
    EnvironmentSpecification(
      name: "aim", observations: ObservationSpace(shape: [2], element: .float32),
      actions: .continuous(low: [-1], high: [1]))
  }

  mutating func reset() throws -> EpisodeStart {
    steps = 0
    return EpisodeStart(.floats([1, 0]))
  }

  mutating func step(_ action: Action) throws -> Step {
    guard let steps, specification.actions.contains(action),
      case .continuous(let values) = action
    else { throw EnvironmentError("aim", "found \(action)") }
    self.steps = steps == 3 ? nil : steps + 1
    last = values[0]
    let miss = Double(values[0]) - 0.5
    return Step(
      observation: .floats([1, Float(steps)]), reward: 1 - miss * miss,
      end: steps == 3 ? .truncated : nil)
  }

  func savedState() throws -> EnvironmentState { EnvironmentState(format: "aim/1", bytes: []) }
  mutating func restore(_ state: EnvironmentState) throws {}
}

@Suite("Proximal policy optimization, step by step")
struct PPOSteppingTests {
  private func configuration() -> PPOConfiguration {
    var agent = PPOConfiguration.control
    agent.network.torso = .mlp
    agent.network.hiddenWidth = 16
    agent.optimizer.learningRate = 5e-3
    agent.horizon = 64
    agent.epochs = 4
    return agent
  }

  private func make(
    _ configuration: PPOConfiguration, in specification: EnvironmentSpecification
  ) throws -> PPOAgent<OptimizerTrainer> {
    var logDeviation: Double?
    if case .continuous = specification.actions { logDeviation = 0 }
    let network = try configuration.network.buildActorCritic(
      observations: specification.observations, actions: specification.actionCount,
      logDeviation: logDeviation, generator: Generator(seed: 1))
    return try PPOAgent(
      configuration,
      trainer: try OptimizerTrainer(network, configuration: configuration.optimizer),
      specification: specification, environments: 1, seed: 1)
  }

  /// So many steps; the updates that they brought.
  @discardableResult
  private func run<World: Environment>(
    _ agent: inout PPOAgent<OptimizerTrainer>, in world: inout World,
    _ episode: inout EpisodeSummary?, steps: Int
  ) throws -> [AgentUpdate] {
    var updates: [AgentUpdate] = []
    for _ in 0..<steps {
      if episode == nil { agent.begin(try world.beginEpisode()) }
      var played = episode ?? EpisodeSummary()
      let action = agent.action(measuring: false)
      let step = try world.take(action, in: &played)
      updates += try agent.observe(action, step, measuring: false)
      episode = step.end == nil ? played : nil
    }
    return updates
  }

  @Test("It learns the corridor, and a number to aim at, from one environment")
  func learns() throws {
    var corridor = Corridor()
    var agent = try make(configuration(), in: corridor.specification)
    var episode: EpisodeSummary?
    try run(&agent, in: &corridor, &episode, steps: 64 * 40)
    let returns = try agent.evaluate(in: &corridor, episodes: 40, seed: 2).map(\.rawReturn)
    #expect(returns.reduce(0, +) / 40 > 0.9)

    var aim = Aim()
    var patient = configuration()
    patient.epochs = 8
    patient.batchSize = 16
    var shooter = try make(patient, in: aim.specification)
    episode = nil
    try run(&shooter, in: &aim, &episode, steps: 64 * 80)
    let hits = try shooter.evaluate(in: &aim, episodes: 20, seed: 2).map(\.rawReturn)
    #expect(hits.reduce(0, +) / 20 > 3.4)
    let deviations = try #require(
      shooter.trainer.network.namedParameters.first { $0.name == "heads.logDeviations" })
    #expect(deviations.parameter.value.item < -0.3, "it grows surer than at first")
    #expect(deviations.parameter.role == .bias)
  }

  @Test("It learns at the end of every horizon, and from what there is where it settles earlier")
  func horizons() throws {
    var aim = Aim()
    var agent = try make(configuration(), in: aim.specification)
    var episode: EpisodeSummary?
    #expect(try run(&agent, in: &aim, &episode, steps: 63).isEmpty)
    #expect(try run(&agent, in: &aim, &episode, steps: 1).count == 4)
    #expect(try agent.settle().isEmpty)
    try run(&agent, in: &aim, &episode, steps: 10)
    #expect(try agent.settle().count == 4)
    #expect(agent.position.update == 8)
  }

  @Test("Steps go on bit for bit after a save between horizons")
  func resumes() throws {
    var aim = Aim()
    var whole = try make(configuration(), in: aim.specification)
    var episode: EpisodeSummary?
    try run(&whole, in: &aim, &episode, steps: 128)
    let saved = try State(of: whole).copied()
    var again = try make(configuration(), in: aim.specification)
    try again.restore(saved)
    var (otherAim, otherEpisode) = (aim, episode)
    let expected = try run(&whole, in: &aim, &episode, steps: 128).map(\.loss)
    #expect(try run(&again, in: &otherAim, &otherEpisode, steps: 128).map(\.loss) == expected)
    for (own, other) in zip(try State(of: again).tensors, try State(of: whole).tensors) {
      #expect(own.tensor.isIdentical(to: other.tensor), "\(own.name)")
    }
  }

  @Test("The normal policy's probabilities and entropy are those of their equations")
  func equations() {
    let means = Tensor([0.5, -1.0], dtype: .float64).reshaped(to: [1, 2])
    let logs = Tensor([0.0, log(2.0)], dtype: .float64).reshaped(to: [1, 2])
    let actions = Tensor([1.0, 1.0], dtype: .float64).reshaped(to: [1, 2])
    let half = log(2 * Double.pi) / 2
    let expected = (-0.125 - half) + (-0.5 - log(2.0) - half)
    let found = PolicyLearning.logProbabilities(
      means_BA: means, logDeviations_BA: logs, actions_BA: actions)
    #expect(found.shape == [1] && abs(found.item - expected) < 1e-12)
    let entropy = PolicyLearning.entropy(logDeviations_BA: logs)
    #expect(abs(entropy.item - (log(2.0) + 2 * half + 1)) < 1e-12)
  }
}
