import Environments
import Networks
import Reinforcement
import Torch

/// An agent of the preset in the corridor, small enough for seconds.
func corridorConfiguration(_ preset: ValueAgentConfiguration) -> ValueAgentConfiguration {
  var agent = preset
  agent.network.torso = .mlp
  agent.network.hiddenWidth = 32
  if agent.network.distribution.kind == .categorical {
    agent.network.distribution = .categorical(atomCount: 21, minimum: -1, maximum: 2)
  }
  if agent.network.distribution.kind == .quantile {
    agent.network.distribution = .quantile(atomCount: 11)
  }
  if agent.network.distribution.kind == .implicitQuantile {
    agent.network.distribution = .implicitQuantile(sampleCount: 8)
  }
  agent.replay.capacity = 2_000
  agent.optimizer = OptimizerConfiguration(learningRate: 3e-3, gradientClip: 10)
  agent.learningStarts = 100
  agent.learnPeriod = 2
  agent.targetPeriod = 50
  agent.weightExponent = WeightExponentSchedule(initial: 0.4, final: 1, start: 100, end: 1_000)
  if agent.exploration != nil {
    agent.exploration = ExplorationSchedule(final: 0.05, start: 100, decay: 400)
  }
  agent.evaluationExploration = 0
  return agent
}

func makeAgent(
  _ configuration: ValueAgentConfiguration, in world: Corridor = Corridor(), seed: UInt64 = 1
) throws -> ValueAgent<OptimizerTrainer> {
  func network(_ seed: UInt64) throws -> Sequential {
    try configuration.network.build(
      observations: world.specification.observations, actions: world.specification.actionCount,
      generator: Generator(seed: seed))
  }
  return try ValueAgent(
    configuration,
    trainer: try OptimizerTrainer(try network(seed), configuration: configuration.optimizer),
    target: try network(seed + 100),
    actor: configuration.overlapsLearning ? try network(seed + 200) : nil,
    specification: world.specification, seed: seed)
}
