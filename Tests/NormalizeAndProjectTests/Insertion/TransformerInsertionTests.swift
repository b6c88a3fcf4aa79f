import Foundation
import Networks
import NormalizeAndProject
import Testing
import Torch

@Suite("A transformer is normalized where it says so itself")
struct TransformerInsertionTests {
  private let tokens = Tensor(
    [0, 7, 3, 8, 9, 4, 7, 4, 8, 9, 6, 7, 1, 8, 9, 2, 7, 5, 8, 9], shape: [4, 5])

  private func plain(
    normalizesQueriesAndKeys: Bool = false, activation: ActivationKind = .relu
  ) -> Sequential {
    .transformer(
      positions: 5, vocabulary: 10, heads: 2, headDimension: 3, modelDimension: 8, feedForward: 12,
      normalizesQueriesAndKeys: normalizesQueriesAndKeys, classes: 7, activation: activation,
      source: ParameterSource(generator: Generator(seed: 1), dtype: .float64))
  }

  /// The method as the grokking recipe has it.
  private let method = NaP(
    normalization: Normalization(.rms, axes: .channels, epsilon: 1e-6, learnsOffset: false),
    projection: Projection(roles: [.weight, .attentionLogit, .residualOutput]),
    scaleAndOffset: .free)

  @Test("Three places a layer hold an RMSNorm over the features, with a scale and no offset")
  func places() throws {
    let network = try method.normalized(plain(), inputShape: [5])
    let places = network.leaves.filter { $0.layer is RMSNorm }
    let expected = [0, 1].flatMap {
      [
        "attention\($0).body.normalization", "dense\($0).body.normalization",
        "dense\($0).body.normalization-after",
      ]
    }
    #expect(places.map(\.name) == expected)
    #expect(!network.leaves.contains { $0.layer is NormalizationSite })
    #expect(network.leaves.count == plain().leaves.count, "nothing but the places is filled")
    for place in places {
      let norm = try #require(place.layer as? RMSNorm)
      #expect(norm.axes == .last(1) && norm.epsilon == 1e-6)
      #expect(norm.scale?.value.shape == [8])
      #expect(norm.offset == nil)
    }
    NormalizationEpsilon.replaced(by: 0) {
      _ = network.traced(tokens) { leaf, _, output in
        guard leaf.layer is RMSNorm else { return }
        let squares_BT = output.squared().mean(axes: [-1])
        #expect((squares_BT - 1).absolute().maximum().item < 1e-12, "\(leaf.name)")
      }
    }
    // The usual offset is learned unless it is switched off.
    var shifted = method
    shifted.normalization.learnsOffset = true
    let offsets = try shifted.normalized(plain(), inputShape: [5]).parameters
      .filter { $0.role == .offset }
    #expect(offsets.count == 6)
  }

  @Test("The projection takes attention's and the dense part's matrices, not tables nor the output")
  func projection() throws {
    let network = try method.normalized(plain(), inputShape: [5])
    let state = try ProjectionState(method, network: network)
    let names = [0, 1].flatMap { layer in
      ["query", "key", "value", "output"].map { "attention\(layer).body.attention.\($0)" }
        + ["hidden", "output"].map { "dense\(layer).body.\($0).weight" }
    }
    #expect(Set(state.initialNorms.map(\.name)) == Set(names))
    var hidden = method
    hidden.projection.roles = [.weight]
    let few = try ProjectionState(hidden, network: network).initialNorms.map(\.name)
    #expect(Set(few) == Set(names.filter { $0.hasPrefix("dense") }))
  }

  @Test("The audit finds logits and branches partial and the dense part exact")
  func audits() throws {
    for isNormalized in [false, true] {
      let network = try method.normalized(
        plain(normalizesQueriesAndKeys: isNormalized), inputShape: [5])
      let report = try audit(network, input: tokens, projecting: .roles(method.projection))
      for layer in [0, 1] {
        let attention = "attention\(layer).body.attention."
        for name in ["query", "key"] {
          #expect(
            report.row(attention + name)?.verdict
              == (isNormalized ? .exact : .partial(.attentionLogits)), "\(attention)\(name)")
        }
        for name in ["value", "output"] {
          #expect(
            report.row(attention + name)?.verdict == .partial(.residualBranch),
            "\(attention)\(name)")
        }
        for name in ["hidden", "output"] {
          #expect(report.row("dense\(layer).body.\(name).weight")?.verdict == .exact, "\(name)")
        }
      }
      #expect(report.row("output.weight")?.isProjected == false)
      #expect(report.isNormalizeAndProject, "\(report)")
    }
  }

  @Test("Without a homogeneous nonlinearity the first dense matrix has no normalization of its own")
  func notHomogeneous() throws {
    // GELU and tanh are homogeneous in the limit of large inputs, which is no epsilon.
    for activation in [ActivationKind.gelu, .tanh] {
      let network = try method.normalized(plain(activation: activation), inputShape: [5])
      let report = try audit(network, input: tokens, projecting: .roles(method.projection))
      #expect(report.row("dense0.body.hidden.weight")?.verdict == .missing(.normalization))
      #expect(report.row("dense0.body.output.weight")?.verdict == .exact)
      #expect(!report.isNormalizeAndProject)
    }
  }

  @Test("A normalization stored before it could learn no offset is read as one that learns it")
  func stored() throws {
    let text = #"{"kind": "rms", "axes": "channels", "epsilon": 1e-6}"#
    let old = try JSONDecoder().decode(Normalization.self, from: Data(text.utf8))
    #expect(old == Normalization(.rms, axes: .channels, epsilon: 1e-6))
    let new = try JSONDecoder().decode(
      Normalization.self, from: JSONEncoder().encode(method.normalization))
    #expect(new == method.normalization && !new.learnsOffset)
  }
}
