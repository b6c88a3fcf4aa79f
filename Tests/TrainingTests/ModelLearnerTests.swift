import Networks
import NormalizeAndProject
import Plasticity
import TestSupport
import Testing
import Torch

@testable import Training

/// The training step with the models of the literature, in every arm.
@Suite struct ModelLearnerTests {
  private static let gpt = GPT(
    vocabulary: 11, context: 8,
    blocks: TransformerBlocks(
      layers: 2, heads: 2, keyHeads: 1, features: 16, normalization: .rms, dense: .swiGLU,
      hasBiases: false), positions: .rotary, initialDeviation: 0.2)
  private static let resNet = ResNet(blocks: [1, 1], channels: [4, 6])
  private static let vit = ViT(
    patchSide: 4, blocks: TransformerBlocks(layers: 1, heads: 2, features: 16))

  /// A counting sequence: the next token is the last and one.
  private let tokens = Tensor((0..<48).map { $0 % 11 }, shape: [6, 8])
  private let targets = Tensor((1..<49).map { $0 % 11 }, shape: [6, 8])
  private let images = Tensor.normal([12, 3, 8, 8], generator: Generator(seed: 3))
  private let labels = Tensor.integers(from: 0, to: 5, [12], generator: Generator(seed: 4))

  static let arms: [String: NaP] = [
    "gpt": .transformer.plain, "gpt+norm": .transformer.normOnly, "gpt+nap": .transformer,
    "resnet": .plain, "resnet+project": .batchNormalizedNetwork,
    "resnet+norm": .residualNetwork.normOnly, "resnet+nap": .residualNetwork,
    "vit": .plain, "vit+nap": .transformer,
  ]

  private func learner(
    _ arm: String, methods: InterventionSet = InterventionSet()
  ) throws -> (learner: Learner, nap: NaP) {
    let nap = try #require(Self.arms[arm])
    let models: [String: any ReferenceModel] = [
      "gpt": Self.gpt, "vit": Self.vit, "resnet": Self.resNet,
    ]
    let model = try #require(models[String(arm.prefix { $0 != "+" })])
    let learner = try Learner(
      Learner.Design(
        network: model, nap: nap, methods: methods,
        optimizer: OptimizerConfiguration(learningRate: 0.01)),
      inputShape: arm.hasPrefix("gpt") ? [8] : [3, 8, 8],
      outputs: arm.hasPrefix("gpt") ? 11 : 5, weights: Generator(seed: 1),
      methods: Generator(seed: 2), device: .cpu)
    return (learner, nap)
  }

  private func loss(_ learner: Learner, _ arm: String, isNarrow: Bool = false) -> Tensor {
    let isText = arm.hasPrefix("gpt")
    func forward() -> Tensor {
      Loss.crossEntropy(
        learner.trainingOutputs(isText ? tokens : images), isText ? targets : labels)
    }
    guard isNarrow else { return forward() }
    return withAutocast(.bfloat16) { ActivationCheckpointing.during { forward() } }
  }

  @Test(
    "Every arm learns, and what is projected keeps its norm", arguments: arms.keys.sorted(),
    [false, true])
  func learns(arm: String, isNarrow: Bool) throws {
    var (learner, nap) = try learner(arm)
    let norms = Dictionary(
      uniqueKeysWithValues: learner.parameters.map { ($0.name, $0.parameter.norm) })
    let first = loss(learner, arm).item
    for _ in 0..<12 { try learner.step(loss(learner, arm, isNarrow: isNarrow)) }
    let last = loss(learner, arm).item
    #expect(last < 0.9 * first, "\(arm): \(first) to \(last)")
    let projected = Set(learner.projection.initialNorms.map(\.name))
    #expect(projected.isEmpty == nap.projection.roles.isEmpty)
    for named in learner.parameters {
      #expect(named.parameter.value.dtype == .float32)
      guard projected.contains(named.name), let norm = norms[named.name] else { continue }
      #expect(abs(named.parameter.norm / norm - 1) < 1e-6, "\(arm) \(named.name)")
    }
  }

  @Test("Hyperball's update works on every model", arguments: ["gpt+norm", "resnet", "vit"])
  func hyperball(arm: String) throws {
    var (learner, _) = try learner(arm, methods: InterventionSet([Hyperball()]))
    #expect(learner.optimizerConfiguration.kind == .adamh)
    let hidden = learner.parameters.filter(\.parameter.isHiddenMatrix)
    let norms = hidden.map(\.parameter.norm)
    let first = loss(learner, arm).item
    for _ in 0..<12 { try learner.step(loss(learner, arm)) }
    #expect(loss(learner, arm).item < first)
    for (named, norm) in zip(hidden, norms) {
      #expect(abs(named.parameter.norm / norm - 1) < 1e-6, "\(arm) \(named.name)")
    }
  }

  @Test(
    "Saved and restored, an arm goes on to the same bytes, in bfloat16 too",
    arguments: ["gpt+nap", "resnet+project", "vit+nap"])
  func resumes(arm: String) throws {
    var (whole, _) = try learner(arm)
    for _ in 0..<3 { try whole.step(loss(whole, arm, isNarrow: true)) }
    let saved = try State(of: whole).copied()
    var (again, _) = try learner(arm)
    try again.restore(saved)
    again.position = whole.position
    for _ in 0..<3 {
      try whole.step(loss(whole, arm, isNarrow: true))
      try again.step(loss(again, arm, isNarrow: true))
    }
    for (one, other) in zip(whole.network.namedTensors, again.network.namedTensors) {
      #expect(one.tensor.isIdentical(to: other.tensor), "\(arm) \(one.name)")
    }
  }
}
