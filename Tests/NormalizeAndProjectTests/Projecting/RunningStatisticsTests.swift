import Networks
import NormalizeAndProject
import Testing
import Torch

/// METHOD section 6: a weight before a batch normalization takes its running statistics with it.
@Suite struct RunningStatisticsTests {
  /// A network whose running statistics have moved, and whose kernels have then grown.
  private func grown() throws -> (network: Sequential, projection: ProjectionState) {
    let network = ResidualInsertionTests.network()
    let projection = try ProjectionState(.projectOnly, network: network)
    for seed in 0..<5 {
      let batch = TestNetwork.input([6, 3, 8, 8], seed: UInt64(seed)) * 2 + 1
      _ = NormalizationStatistics.training.during { network(batch) }
    }
    for (index, parameter) in network.parameters.enumerated()
    where parameter.value.dimensionCount == 4 {
      parameter.assign(parameter.value.detached() * (1.5 + Double(index)))
    }
    return (network, projection)
  }

  /// Scales the statistics before a kernel's growth to what they would be after it.
  private func evaluation(_ network: Sequential) -> Tensor {
    NormalizationEpsilon.replaced(by: 0) { network(ResidualInsertionTests.input) }
  }

  @Test func `a projection leaves evaluation as it was`() throws {
    let (network, projection) = try grown()
    let before = evaluation(network)
    let norms = network.parameters.filter { $0.value.dimensionCount == 4 }.map(\.norm)
    try projection.apply(update: 0, learningRate: 0.1)
    let after = network.parameters.filter { $0.value.dimensionCount == 4 }.map(\.norm)
    #expect(zip(norms, after).allSatisfy { $0 > 1.4 * $1 })
    #expect(gap(evaluation(network), before) < 1e-12)
  }

  @Test func `without the network the statistics stay and evaluation changes`() throws {
    let (network, _) = try grown()
    let before = evaluation(network)
    for parameter in network.parameters where parameter.value.dimensionCount == 4 {
      parameter.assign(parameter.value.detached() * 0.5)
    }
    #expect(gap(evaluation(network), before) > 0.1)
  }

  @Test func `such weights are left to the projection, not to the optimizer`() throws {
    let network = ResidualInsertionTests.network()
    let named = network.trainableParameters
    let state = try ProjectionState(.projectOnly, network: network)
    #expect(state.initialNorms.count == 6)
    let request = network.request(joinedBy: state, update: 0)
    #expect(request.targetNorms.allSatisfy { $0 == nil })
    let layered = try NaP.both.normalized(network, inputShape: [3, 8, 8])
    let own = layered.request(
      joinedBy: try ProjectionState(.both, network: layered), update: 0)
    #expect(own.targetNorms.compactMap { $0 }.count == 6)
    // Told that the optimizer restored what it could, the projection still restores these.
    for parameter in network.parameters where parameter.value.dimensionCount == 4 {
      parameter.assign(parameter.value.detached() * 3)
    }
    try state.apply(after: request, update: 0)
    let byName = Dictionary(
      uniqueKeysWithValues: named.map { ($0.name, $0.parameter.norm) })
    for (name, norm) in state.initialNorms { #expect(abs((byName[name] ?? 0) / norm - 1) < 1e-12) }
  }
}
