// Train an agent of one's own, with Normalize-and-Project.
//
// Shows    the parts of `nap train control`: environments that step together, a learner that inserts normalizations
//          and projects after each update, and an agent that knows neither. The agent uses proximal policy
//          optimization; `ValueAgent` takes the same trainer and is DQN to Rainbow by its configuration.
// Run      Tools/example Examples/TrainAnAgent.swift
// Prints   the mean return of CartPole's episodes while it learns (random play: about 22, the most: 500), and the
//          distance of the projected norms from their initial norms.
// Expect   mean return before: 8 ... 60
// Expect   mean return after: 150 ... 500
// Expect   largest drift of a projected norm: 0 ... 1e-5
//
// To use it, copy this file to Sources/YOURS/main.swift; it needs the products Torch, Networks, Environments,
// Reinforcement and Training. An environment of your own conforms to `Environment`; one of Gymnasium is a
// `GymnasiumEnvironments`.

import Environments
import Networks
import Reinforcement
import Torch
import Training

Machine.threadCount = 1  // what is quickest for networks this small
var environments = SerialEnvironments((0..<8).map { CartPole(seed: $0) })
let specification = environments.specification

var configuration = PPOConfiguration()
configuration.network.torso = .mlp
// No layer is shared: the policy and the value have a hidden layer each.
configuration.network.hiddenWidth = 64
// Under LayerNorm a network without biases does not see how large a vector is; a 1 among its numbers tells.
configuration.network.appendsOne = true
configuration.optimizer.learningRate = 1e-3
configuration.horizon = 64
configuration.epochs = 10
configuration.batchSize = 128
configuration.clip = 0.2

// An agent hands losses to its trainer, and that is all that they share: a learner, which projects after each update.
let learner = try Learner(
  inputShape: specification.observations.stackedShape, seed: 1, optimizer: configuration.optimizer
) { generator in
  try configuration.network.buildActorCritic(
    observations: specification.observations, actions: specification.actionCount,
    generator: generator)
}
var agent = try PPOAgent(
  configuration, trainer: learner, specification: specification, environments: environments.count,
  seed: 1
)

/// Ten episodes of a policy that does not learn meanwhile.
func meanReturn(_ agent: PPOAgent<Learner>) throws -> Double {
  var environment = CartPole(seed: 100)
  let episodes = try agent.evaluate(in: &environment, episodes: 10, seed: 2)
  return episodes.map(\.rawReturn).reduce(0, +) / Double(episodes.count)
}

print("mean return before: \(try meanReturn(agent))")
for iteration in 1...60 {
  let found = try agent.iterate(in: &environments)
  if iteration.isMultiple(of: 10) {
    let returns = found.episodes.map(\.rawReturn)
    let mean = returns.isEmpty ? nil : returns.reduce(0, +) / Double(returns.count)
    print(
      "\(found.steps.count) steps: \(mean.map { "\($0)" } ?? "no episode ended"), entropy \(found.entropy)"
    )
  }
}
print("mean return after: \(try meanReturn(agent))")

let drift = agent.trainer.projection.initialNorms.map { name, norm in
  abs((learner.parameters.first { $0.name == name }?.parameter.norm ?? 0) / norm - 1)
}
print("largest drift of a projected norm: \(drift.max() ?? 0)")
