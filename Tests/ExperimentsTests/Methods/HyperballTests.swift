import Networks
import TensorTestSupport
import NormalizeAndProject
import Plasticity
import Testing
import Torch
import Training

@testable import Experiments

@Suite("Hyperball as a method of an arm")
struct HyperballTests {
  private let base = RandomLabels.presets[0].configuration

  private static func learner(
    _ nap: NaP, _ kind: OptimizerConfiguration.Kind = .adam, methods: InterventionSet
  ) throws -> Learner {
    try Learner(
      Learner.Design(
        network: NetworkConfiguration.mlp([8, 6]), nap: nap, methods: methods,
        optimizer: OptimizerConfiguration(kind: kind, learningRate: 0.05)),
      inputShape: [5], outputs: 3, weights: Generator(seed: 1), methods: Generator(seed: 2),
      device: .cpu)
  }

  @Test("It makes AdamH of Adam and MuonH of Muon, with the run's rate for the matrices")
  func optimizers() throws {
    var method = Hyperball()
    method.otherLearningRate = 0.002
    for (from, to) in [
      (OptimizerConfiguration.Kind.adam, OptimizerConfiguration.Kind.adamh), (.adamw, .adamh),
      (.muon, .muonh),
    ] {
      let learner = try Self.learner(.both, from, methods: InterventionSet([method]))
      let own = learner.optimizerConfiguration
      #expect(own.kind == to && own.learningRate == 0.05 && own.otherLearningRate == 0.002)
    }
    for kind in [OptimizerConfiguration.Kind.sgd, .rmsprop] {
      var configuration = try RandomLabels.configuration(base, arm: "nap/hyperball")
      configuration.optimizer.kind = kind
      let error = #expect(throws: ConfigurationError.self) { try configuration.validated() }
      #expect(error?.option == "optimizer.kind" && error?.found == kind.rawValue)
    }
    var decayed = try RandomLabels.configuration(base, arm: "nap/hyperball")
    decayed.optimizer.rule[OptimizerConfiguration.AdamSettings.self]?.weightDecay = 0.1
    #expect(throws: ConfigurationError.self) { try decayed.validated() }
  }

  @Test(
    "Hidden norms stay without the projection, and each update turns a matrix by the rate",
    arguments: [NaP.normOnly, .both])
  func turns(nap: NaP) throws {
    var learner = try Self.learner(nap, methods: InterventionSet([Hyperball()]))
    let hidden = learner.parameters.indices.filter {
      learner.parameters[$0].parameter.isHiddenMatrix
    }
    let norms = hidden.map { learner.parameters[$0].parameter.norm }
    #expect(hidden.count == 2)
    for update in 0..<5 {
      let inputs = Tensor.normal([6, 5], generator: Generator(seed: 3).split("\(update)"))
      let labels = Tensor.integers(from: 0, to: 3, [6], generator: Generator(seed: 4))
      let loss = learner.network(inputs).crossEntropy(labels)
      let record = try #require(
        try learner.step(loss, inputs: inputs, isMeasured: true).record)
      for (index, norm) in zip(hidden, norms) {
        #expect(abs(learner.parameters[index].parameter.norm / norm - 1) < 1e-6)
        #expect(abs(record.entries[index].stepNorm / (0.05 * norm) - 1) < 1e-6)
      }
    }
  }

  @Test("A cleared optimizer holds the norms of the first update")
  func cleared() throws {
    var learner = try Self.learner(.normOnly, methods: InterventionSet([Hyperball()]))
    let norms = learner.optimizer.state.initialNorms
    for parameter in learner.parameters {
      parameter.parameter.assign(parameter.parameter.value.detached() * 2.0)
    }
    try learner.clearOptimizer()
    #expect(learner.optimizer.state.initialNorms == norms)
  }

  @Test("What shrinks the weights that it holds is warned of")
  func warnings() throws {
    func warnings(_ arm: String) throws -> [String] {
      try RandomLabels.configuration(base, arm: arm).validated()
    }
    #expect(try warnings("norm/hyperball").isEmpty && warnings("nap/hyperball").isEmpty)
    #expect(try warnings("norm/weight-decay+hyperball").contains { $0.contains("weight-decay") })
    #expect(
      try warnings("norm/weight-norm+hyperball").contains { $0.contains("constrain the size") })
  }
}
