import Environments
import Networks
import Testing
import Torch

@testable import Reinforcement

@Suite("The policy of proximal policy optimization")
struct PPOPolicyTests {
  @Test("What acts and what learns give an action the same probability, whatever the deviations")
  func acting() throws {
    let specification = EnvironmentSpecification(
      name: "none", observations: ObservationSpace(shape: [2], element: .float32),
      actions: .continuous(low: [-1, -1], high: [1, 1]))
    var configuration = PPOConfiguration.control
    configuration.network.torso = .mlp
    configuration.network.hiddenWidth = 8
    let network = try configuration.network.buildActorCritic(
      observations: specification.observations, actions: 2, logDeviation: 0,
      generator: Generator(seed: 1))
    let agent = try PPOAgent(
      configuration,
      trainer: try OptimizerTrainer(network, configuration: configuration.optimizer),
      specification: specification, environments: 1, seed: 1)
    // Two means, then two logarithms of deviations, of three states.
    let policy_BP = Tensor(
      [0.3, -0.2, -0.7, 0.4, 0, 1, 0.9, -1.5, -2, 0.5, 0, 0] as [Float], shape: [3, 4])
    var generator = SeededGenerator(seed: 5)
    let drawn = agent.drawn(policy_BP, &generator)
    let judged = agent.judged(policy_BP, agent.tensor(of: drawn.map(\.action))).log_B.doubles
    #expect(drawn.count == 3)
    for (one, other) in zip(drawn.map(\.logProbability), judged) {
      #expect(abs(one - other) < 1e-4, "\(one) where it acts, \(other) where it learns")
    }
  }
}
