import Foundation
import Networks
import TensorTestSupport
import Testing
import Torch

@testable import Plasticity

@Suite struct AttentionEntropyTests {
  private func network(layers: Int = 2, isCausal: Bool = false) -> Sequential {
    .transformer(
      positions: 5, vocabulary: 10, layers: layers, heads: 2, headDimension: 4, modelDimension: 8,
      feedForward: 12, isCausal: isCausal, classes: 7,
      source: ParameterSource(generator: Generator(seed: 1)))
  }

  private let tokens = Tensor([0, 7, 3, 8, 9, 4, 7, 4, 8, 9], shape: [2, 5])

  private func attentions(_ network: Sequential) -> [SelfAttention] {
    network.leaves.compactMap { $0.layer as? SelfAttention }
  }

  @Test func `without queries every position looks at all alike, and the entropy is ln T`() {
    let network = network()
    for layer in attentions(network) { layer.query.assign(Tensor.zeros([8, 8])) }
    let entropy = AttentionEntropy.measure(network, probes: tokens)
    #expect(
      entropy.layers.map(\.name) == ["attention0.body.attention", "attention1.body.attention"])
    for layer in entropy.layers { expectClose(layer.entropy, log(5), relative: 1e-6) }
    expectClose(entropy.mean ?? 0, log(5), relative: 1e-6)
    // Causal: position t has t + 1 to look at.
    let causal = self.network(isCausal: true)
    for layer in attentions(causal) { layer.query.assign(Tensor.zeros([8, 8])) }
    let expected = (1...5).map { log(Double($0)) }.reduce(0, +) / 5
    expectClose(
      AttentionEntropy.measure(causal, probes: tokens).mean ?? 0, expected, relative: 1e-6)
  }

  @Test func `sharper logits lower it, down to zero and no further`() {
    let network = network(layers: 1)
    let queries = attentions(network).map(\.query)
    var last = AttentionEntropy.measure(network, probes: tokens).mean ?? 0
    #expect(last > 1 && last < log(5))
    for factor in [30.0, 30, 1e6] {
      for query in queries { query.assign(query.value.detached() * factor) }
      let entropy = AttentionEntropy.measure(network, probes: tokens).mean ?? .nan
      #expect(entropy < last && entropy >= 0)
      last = entropy
    }
    #expect(last < 1e-3)
  }

  @Test func `as a diagnostic it has the mean and each layer, or says that there is no attention`()
  {
    let network = network()
    let readings = AttentionSpread().readings(
      of:
        DiagnosticSubject(network: network, probes: tokens, generator: Generator(seed: 1)))
    let expected = AttentionEntropy.measure(network, probes: tokens)
    #expect(readings.map(\.scope) == [""] + expected.layers.map(\.name))
    #expect(
      readings.map(\.outcome.number) == [expected.mean] + expected.layers.map(\.entropy))
    let again = DiagnosticSubject(network: network, probes: tokens, generator: Generator(seed: 1))
    #expect(AttentionSpread().readings(of: again) == readings)
    let empty = DiagnosticSubject(
      network: network, probes: tokens[0..<0], generator: Generator(seed: 1))
    #expect(AttentionSpread().readings(of: empty).map(\.outcome.reason) == [.emptyBatch])
    let query = attentions(network)[0].query
    query.assign(query.value.detached() * Double.nan)
    let broken = DiagnosticSubject(network: network, probes: tokens, generator: Generator(seed: 1))
    guard case .notFinite = AttentionSpread().readings(of: broken).first?.outcome.reason else {
      Issue.record("a weight that is not finite")
      return
    }
    let none = AttentionSpread().readings(
      of:
        DiagnosticSubject(
          network: Sequential([ReLU()]), probes: Tensor.ones([2, 3]), generator: Generator(seed: 1))
    )
    #expect(none.map(\.outcome.reason) == [.noLayer("attention")])
  }

  @Test func `the norm of logits is the mean over examples and positions`() {
    func norm(_ weight: [Double], _ probes: Tensor) -> Double? {
      let layer = Linear(
        weight: Parameter(Tensor(weight, shape: [2, 2]), role: .output), bias: nil)
      return LogitNorm().readings(
        of:
          DiagnosticSubject(
            network: Sequential([layer]), probes: probes, generator: Generator(seed: 1))
      ).first?.outcome.number
    }
    // (3, 4) and (0, 2): norms 5 and 2.
    #expect(norm([1, 0, 0, 1], Tensor([3.0, 4, 0, 2], shape: [2, 2])) == 3.5)
    // Outputs (6, 8) of two positions alike: norm 10.
    #expect(norm([2, 0, 0, 2], Tensor([3.0, 4, 3, 4], shape: [1, 2, 2])) == 10)
  }

  @Test func `a network without attention has none`() {
    let network = Sequential([ReLU()])
    #expect(AttentionEntropy.measure(network, probes: Tensor.ones([2, 3])).mean == nil)
  }

  @Test func `units of a sequence are its features, dead where no position wakes them`() {
    // (2 inputs, 3 positions, 4 units): unit 1 never active, unit 2 at one position of one input.
    let output = Tensor.zeros([2, 3, 4])
    withoutGradients {
      for unit in [0, 3] {
        _ = output.narrowed(axis: 2, from: unit, length: 1).fillInPlace(with: .real(1))
      }
      _ = output[1][2].narrowed(axis: 0, from: 2, length: 1).fillInPlace(with: .real(1))
    }
    let dead = DeadUnits.layer("activation", output)
    #expect(dead.dead == 1 && dead.count == 4)
    #expect(DormantUnits.meanMagnitudes(of: output).shape == [4])
    expectClose(DormantUnits.meanMagnitudes(of: output)[2].item, 1.0 / 6, relative: 1e-6)
  }
}
