import Networks
import NormalizeAndProject
import TensorTestSupport
import Testing
import Torch

/// The arms of ResNet, ViT and GPT as `docs/models.md` lists them, with the audit's verdicts.
@Suite("The audit's verdict on each arm of ResNet, ViT and GPT")
struct ModelArmsTests {
  private let images = Tensor.normal([4, 3, 9, 9], generator: Generator(seed: 3), dtype: .float64)
  private let tokens = Tensor([0, 7, 3, 8, 9, 4, 7, 4, 8, 9, 6, 7], shape: [2, 6])
  private let everything = Projection(roles: Set(Projection.Role.allCases))

  /// The verdict on every hidden matrix, by its name without the block.
  private func verdicts(
    _ network: Sequential, _ input: Tensor, projecting: Projection
  ) throws -> [String: Set<AuditVerdict>] {
    let report = try audit(network, input: input, projecting: .roles(projecting))
    var found: [String: Set<AuditVerdict>] = [:]
    for row in report.rows where row.isHiddenWeight {
      let parts = row.names[0].split(separator: ".").map(String.init)
      let short = parts[0].contains("block") ? parts.dropFirst().joined(separator: ".") : parts[0]
      found[short, default: []].formUnion(row.verdict.map { [$0] } ?? [])
    }
    return found
  }

  private func isWhole(_ network: Sequential, _ input: Tensor, _ nap: NaP) throws -> Bool {
    try audit(network, input: input, projecting: .roles(nap.projection)).isNormalizeAndProject
  }

  // MARK: ResNet

  private func resNet(_ block: ResNet.Block) throws -> Sequential {
    try ResNet(block: block, blocks: [1, 1], channels: [3, 4], dtype: .float64).build(
      inputShape: [3, 9, 9], outputs: 5, generator: Generator(seed: 1))
  }

  @Test(
    "ResNet: every kernel is exact with batch normalization and with LayerNorm",
    arguments: ResNet.Block.allCases)
  func resNets(block: ResNet.Block) throws {
    for nap in [NaP.batchNormalizedNetwork, .residualNetwork] {
      let network = try nap.normalized(resNet(block), inputShape: [3, 9, 9])
      let found = try verdicts(network, images, projecting: nap.projection)
      #expect(found.count == (block == .basic ? 4 : 5))
      #expect(found.values.allSatisfy { $0 == [.exact] }, "\(found)")
      #expect(try isWhole(network, images, nap))
      let state = try ProjectionState(nap, network: network)
      #expect(state.initialNorms.count == network.parameters.filter(\.isHiddenMatrix).count)
    }
  }

  @Test("ResNet: LayerNorm stands in each batch normalization's place and after each sum")
  func resNetPlaces() throws {
    let network = try NaP.residualNetwork.normalized(resNet(.basic), inputShape: [3, 9, 9])
    let places = network.leaves.filter { $0.layer is LayerNorm }.map(\.name)
    #expect(!network.leaves.contains { $0.layer is BatchNorm2D })
    #expect(places.count == 6 + 2)
    for (index, element) in network.elements.enumerated() where element.layer is Residual {
      #expect(network.elements[index + 1].layer is LayerNorm)
      #expect(network.elements[index + 2].layer is ReLU)
    }
  }

  // MARK: ViT and GPT

  private func blocks(_ dense: TransformerBlocks.Dense, _ norm: TransformerBlocks.Normalization)
    -> TransformerBlocks
  {
    TransformerBlocks(
      layers: 2, heads: 4, keyHeads: 2, headDimension: 4, features: 8, feedForward: 12,
      normalization: norm, epsilon: 1e-6, dense: dense, hasBiases: norm == .layer)
  }

  private func gpt(
    _ dense: TransformerBlocks.Dense, _ norm: TransformerBlocks.Normalization = .rms,
    _ positions: GPT.Positions = .rotary, isTied: Bool = false
  ) throws -> Sequential {
    try GPT(
      vocabulary: 10, context: 6, blocks: blocks(dense, norm), positions: positions,
      isOutputTied: isTied, initialDeviation: 0.3, dtype: .float64
    ).build(generator: Generator(seed: 1))
  }

  private func vit(_ dense: TransformerBlocks.Dense) throws -> Sequential {
    try ViT(patchSide: 3, blocks: blocks(dense, .layer), dtype: .float64).build(
      inputShape: [3, 9, 9], outputs: 5, generator: Generator(seed: 1))
  }

  private var transformers: [(String, Sequential, Tensor, [Int])] {
    get throws {
      [
        ("vit", try vit(.gelu), images, [3, 9, 9]),
        ("gpt2", try gpt(.geluTanh, .layer, .learned, isTied: true), tokens, [6]),
        ("squared", try gpt(.reluSquared), tokens, [6]),
        ("llama", try gpt(.swiGLU), tokens, [6]),
      ]
    }
  }

  @Test(
    "Transformers as built: logits and branches are partial, the dense part has no normalization")
  func bases() throws {
    for (name, network, input, _) in try transformers {
      let found = try verdicts(network, input, projecting: everything)
      for part in ["query", "key"] {
        #expect(found["body.attention.\(part)"] == [.partial(.attentionLogits)], "\(name)")
      }
      for part in ["attention.value", "attention.output", "output.weight"] {
        #expect(found["body.\(part)"] == [.partial(.residualBranch)], "\(name) \(part)")
      }
      let hidden = name == "llama" ? "body.gated.gate.hidden.weight" : "body.hidden.weight"
      #expect(found[hidden] == [.missing(.normalization)], "\(name)")
      #expect(try !isWhole(network, input, .transformer))
    }
  }

  @Test("Transformers normalized: queries, keys and the dense part are exact, and it is NaP")
  func normalizedOnes() throws {
    for (name, plain, input, shape) in try transformers {
      let network = try NaP.transformer.normalized(plain, inputShape: shape)
      let found = try verdicts(network, input, projecting: NaP.transformer.projection)
      let hidden = name == "llama" ? "body.gated.gate.hidden.weight" : "body.hidden.weight"
      for part in ["body.attention.query", "body.attention.key", hidden] {
        #expect(found[part] == [.exact], "\(name) \(part)")
      }
      var partial = ["body.attention.value", "body.attention.output", "body.output.weight"]
      if name == "llama" { partial.append("body.gated.up.hidden.weight") }
      for part in partial {
        #expect(found[part] == [.partial(.residualBranch)], "\(name) \(part)")
      }
      #expect(found.count == partial.count + 3, "\(found.keys)")
      #expect(try isWhole(network, input, .transformer))
      // The same by one derivative.
      let groups = try ScaleInvariance(of: network, input: input) { network($0) }.groups
      #expect(groups.count == 2 * 3 && groups.allSatisfy { $0.count == 1 }, "\(name) \(groups)")
    }
  }

  @Test("Arms begin with the same matrices; biases in front of a new normalization are gone")
  func sameMatrices() throws {
    for (name, plain, input, shape) in try transformers {
      let network = try NaP.transformer.normalized(plain, inputShape: shape)
      let before = Dictionary(
        uniqueKeysWithValues: plain.namedParameters.map { ($0.name, $0.parameter) })
      for named in network.namedParameters {
        guard let old = before[named.name] else {
          #expect(named.parameter.role == .scale, "\(name) \(named.name)")
          continue
        }
        #expect(old.value.isIdentical(to: named.parameter.value), "\(name) \(named.name)")
      }
      let gone = Set(before.keys).subtracting(network.namedParameters.map(\.name))
      let expected =
        name == "vit" || name == "gpt2"
        ? Set(
          [0, 1].flatMap {
            [
              "block\($0)-attention.body.attention.query_bias",
              "block\($0)-attention.body.attention.key_bias", "block\($0)-dense.body.hidden.bias",
            ]
          }) : []
      #expect(gone == expected, "\(name) \(gone)")
      #expect(network(input).shape == plain(input).shape)
      // Attention is asked once: a second insertion leaves queries and keys as they are.
      let again = try NaP.transformer.normalized(network, inputShape: shape)
      #expect(again.namedParameters.map(\.name) == network.namedParameters.map(\.name))
    }
  }

  @Test("Queries, keys and values are projected each alone; tables, patches and the output are not")
  func projectsByMatrix() throws {
    for (name, plain, input, shape) in try transformers {
      let nap = NaP.transformer
      let network = try nap.normalized(plain, inputShape: shape)
      let state = try ProjectionState(nap, network: network)
      let matrices = network.namedParameters.filter(\.parameter.isHiddenMatrix)
      #expect(Set(state.initialNorms.map(\.name)) == Set(matrices.map(\.name)))
      #expect(matrices.count == 2 * (name == "llama" ? 7 : 6))
      // Each matrix is scaled by another factor and comes back alone: joint norms would mix them.
      let values = matrices.map { $0.parameter.value.detached().cloned() }
      for (index, named) in matrices.enumerated() {
        named.parameter.assign(named.parameter.value.detached() * (1.5 + Double(index)))
      }
      try state.apply(update: 0, learningRate: 0)
      for (value, named) in zip(values, matrices) {
        let gap = (named.parameter.value.detached() - value).norm.item / value.norm.item
        #expect(gap < 1e-14, "\(name) \(named.name)")
      }
      _ = input
    }
  }

  @Test("A projection leaves the function of a matrix that the audit calls exact")
  func functionStays() throws {
    for (name, plain, input, shape) in try transformers {
      let nap = NaP(
        normalization: NaP.transformer.normalization, projection: .hiddenWeights,
        scaleAndOffset: .free)
      let network = try nap.normalized(plain, inputShape: shape)
      let state = try ProjectionState(nap, network: network)
      for named in network.namedParameters
      where state.initialNorms.contains(where: { $0.name == named.name }) {
        named.parameter.assign(named.parameter.value.detached() * 3)
      }
      try NormalizationEpsilon.replaced(by: 0) {
        let before = network(input).detached()
        try state.apply(update: 0, learningRate: 0)
        let change = (network(input).detached() - before).norm.item / before.norm.item
        #expect(change < 1e-12, "\(name): \(change)")
      }
    }
  }

  @Test("The normalized GPT is causal")
  func causality() throws {
    let network = try NaP.transformer.normalized(gpt(.swiGLU), inputShape: [6])
    let other = Tensor([0, 7, 3, 8, 1, 1, 7, 4, 8, 9, 2, 2], shape: [2, 6])
    let (one, two) = (network(tokens), network(other))
    let gap = (one - two).narrowed(axis: 1, from: 0, length: 4).absolute().maximum().item
    #expect(gap < 1e-12)
    #expect((one - two).narrowed(axis: 1, from: 4, length: 2).norm.item > 1e-6)
  }

  @Test(
    "Hyperball's update holds the norms of hidden matrices and of their steps",
    arguments: [OptimizerConfiguration.Kind.adamh, .muonh])
  func hyperball(kind: OptimizerConfiguration.Kind) throws {
    for (name, plain, input, shape) in try transformers + [
      ("resnet", resNet(.bottleneck), images, [3, 9, 9])
    ] {
      let network =
        name == "resnet" ? plain : try NaP.transformer.normalized(plain, inputShape: shape)
      var configuration = OptimizerConfiguration(kind: kind)
      configuration.learningRate = 0.02
      let parameters = network.parameters
      var optimizer = try configuration.make(for: parameters)
      let norms = parameters.map(\.norm)
      let start = parameters.map { $0.value.detached().cloned() }
      for _ in 0..<3 {
        let loss = NormalizationStatistics.training.during { network(input).squared().mean() }
        let found = gradients(of: loss, withRespectTo: parameters.map(\.value))
        try optimizer.step(
          UpdateRequest(parameters: parameters, gradients: found, learningRate: 0.02))
      }
      for (index, parameter) in parameters.enumerated() {
        let moved = (parameter.value.detached() - start[index]).norm.item
        #expect(moved > 0, "\(name) \(index)")
        guard parameter.isHiddenMatrix else { continue }
        #expect(abs(parameter.norm / norms[index] - 1) < 1e-9, "\(name) \(index)")
        #expect(moved / norms[index] < 0.07, "\(name) \(index)")
      }
    }
  }
}
