import Networks
import NormalizeAndProject
import Plasticity
import Testing
import Torch

@Suite("Measurements of the reference models")
struct ModelDiagnosticsTests {
  private static let blocks = TransformerBlocks(
    layers: 1, heads: 3, features: 6, feedForward: 8, normalization: .rms, epsilon: 1e-6,
    dense: .swiGLU, hasBiases: false)

  private static func tokens(_ draws: Generator) -> Tensor {
    Tensor.zeros([5, 5], dtype: .int64).fillIntegersInPlace(from: 0, to: 7, generator: draws)
  }

  private static func network(_ name: String) throws -> (Sequential, Tensor, Tensor) {
    let draws = Generator(seed: 2)
    let images = Tensor.normal([5, 3, 8, 8], generator: draws, dtype: .float64)
    let labels = Tensor([0, 1, 2, 1, 0])
    switch name {
    case "resnet":
      let plain = try ResNet(blocks: [1, 1], channels: [3, 4], dtype: .float64).build(
        inputShape: [3, 8, 8], outputs: 3, generator: Generator(seed: 1))
      return (
        try NaP.residualNetwork.normalized(plain, inputShape: [3, 8, 8]), images, labels
      )
    case "vit":
      let plain = try ViT(patchSide: 4, blocks: blocks, dtype: .float64).build(
        inputShape: [3, 8, 8], outputs: 3, generator: Generator(seed: 1))
      return (try NaP.transformer.normalized(plain, inputShape: [3, 8, 8]), images, labels)
    default:
      let plain = try GPT(
        vocabulary: 7, context: 5, blocks: blocks, positions: .rotary,
        isOutputTied: name == "tied", initialDeviation: 0.3, dtype: .float64
      ).build(generator: Generator(seed: 1))
      return (
        try NaP.transformer.normalized(plain, inputShape: [5]), tokens(draws), tokens(draws)
      )
    }
  }

  @Test(
    "Every measure gives a number, or says that it was not given what it compares with",
    arguments: ["resnet", "vit", "gpt", "tied"])
  func measures(name: String) throws {
    let (network, probes, labels) = try Self.network(name)
    let before = network.namedTensors.map { $0.tensor.cloned() }
    let subject = DiagnosticSubject(
      network: network, probes: probes, labels: labels,
      initial: Dictionary(uniqueKeysWithValues: network.namedTensors.map { ($0.name, $0.tensor) }),
      generator: Generator(seed: 3))
    let readings = try DiagnosticSuite(["all"]).measure(subject)
    for reading in readings {
      switch reading.outcome.reason {
      case nil, .notGiven, .noLayer("rectifier"): break
      case .noLayer("attention") where name == "resnet": break
      // A language model has a vector of logits at each position.
      case .noLayer("output of one vector an example") where ["gpt", "tied"].contains(name): break
      case .some(let reason): Issue.record("\(name): \(reading.metric) is undefined: \(reason)")
      }
    }
    #expect(readings.filter { $0.outcome.number != nil }.count > 15)
    let entropy = AttentionEntropy.measure(network, probes: probes)
    #expect(entropy.layers.count == (name == "resnet" ? 0 : 1))
    for (left, right) in zip(before, network.namedTensors) {
      #expect(left.isIdentical(to: right.tensor), "\(right.name)")
    }
  }
}
