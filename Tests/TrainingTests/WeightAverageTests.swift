import Networks
import NormalizeAndProject
import TensorTestSupport
import Testing
import Torch

@testable import Training

@Suite("Averages of weights")
struct WeightAverageTests {
  private static func learner(_ nap: NaP = .both) throws -> Learner {
    try Learner(
      inputShape: [5], seed: 1, nap: nap, optimizer: OptimizerConfiguration(learningRate: 0.05)
    ) { generator in
      Sequential.mlp(
        inputFeatures: 5, hidden: [8, 8], classes: 3,
        source: ParameterSource(generator: generator, dtype: .float64))
    }
  }

  private let inputs = Tensor.normal([12, 5], generator: Generator(seed: 3), dtype: .float64)
  private let labels = Tensor.integers(from: 0, to: 3, [12], generator: Generator(seed: 4))

  private func step(_ learner: inout Learner) throws {
    try learner.step(Loss.crossEntropy(learner.trainingOutputs(inputs), labels))
  }

  private func values(_ network: Sequential) -> [Tensor] {
    network.namedTensors.map { $0.tensor.cloned() }
  }

  @Test("It is the recursion over projected weights, and the network has it for a scope alone")
  func recursion() throws {
    var learner = try Self.learner()
    let average = WeightAverage(of: learner.network, decay: 0.7)
    learner.afterProjection = { average.take($0.network) }
    var expected = values(learner.network)
    for _ in 0..<4 {
      try step(&learner)
      expected = zip(expected, values(learner.network)).map { $0 * 0.7 + $1 * 0.3 }
    }
    let own = learner.network.namedTensors.map(\.tensor)
    let during = average.during(learner.network) { values(learner.network) }
    for (one, other) in zip(during, expected) { expectClose(one, other, relative: 1e-14) }
    for (before, after) in zip(own, learner.network.namedTensors.map(\.tensor)) {
      #expect(before.isIdentical(to: after))
    }
    #expect(zip(during, own).contains { !$0.isIdentical(to: $1) })
    // Weights turn on spheres, so their average lies inside.
    for norm in learner.projection.initialNorms {
      let name = try #require(
        learner.network.namedTensors.firstIndex { $0.name == norm.name })
      #expect(during[name].vectorNorm().item < norm.norm)
    }
  }

  @Test("It goes on to the same bytes, and a state of another network changes nothing")
  func saving() throws {
    var learner = try Self.learner()
    let average = WeightAverage(of: learner.network, decay: 0.9)
    learner.afterProjection = { average.take($0.network) }
    for _ in 0..<3 { try step(&learner) }
    let saved = try State(of: average).copied()
    let other = WeightAverage(of: try Self.learner().network, decay: 0.9)
    let restored = other
    try restored.restore(saved)
    for _ in 0..<2 {
      try step(&learner)
      restored.take(learner.network)
    }
    for (one, two) in zip(try State(of: average).tensors, try State(of: restored).tensors) {
      #expect(one.name == two.name && one.tensor.isIdentical(to: two.tensor), "\(one.name)")
    }
    var partial = saved
    partial.tensors.removeLast()
    #expect(throws: LoadingError.self) { try restored.restore(partial) }
    #expect(throws: StateError.self) { try partial.put("average", inPlaceOf: "network") }
  }
}
