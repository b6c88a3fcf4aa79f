import Foundation
import Networks
import TensorTestSupport
import Testing
import Torch

/// A small model of another library with its weights, as `Tools/goldens/reference_models.py` made them.
struct ReferenceCase: Sendable, CustomTestStringConvertible {
  let file: String
  let name: String
  let model: any ReferenceModel
  let inputShape: [Int]
  let outputs: Int
  /// Of the largest element. Llama's normalizations and angles are float32 in transformers.
  let tolerance: Double
  var testDescription: String { name }

  static let all: [ReferenceCase] = [
    resNet("basic", .basic), resNet("bottleneck", .bottleneck),
    vit("token", .token, isNormalized: false), vit("average", .average, isNormalized: true),
    ReferenceCase(
      file: "gpt", name: "gpt2",
      model: GPT(
        vocabulary: 20, context: 9,
        blocks: TransformerBlocks(layers: 2, heads: 3, features: 12, dense: .geluTanh),
        dtype: .float64), inputShape: [9], outputs: 20, tolerance: 1e-12),
    llama("llama", headDimension: 4, epsilon: 1e-6),
    llama("llama_tied", headDimension: 4, epsilon: 1e-5, isTied: true),
    llama("qwen3", headDimension: 6, epsilon: 1e-6, isNormalized: true),
  ]

  private static func resNet(_ name: String, _ block: ResNet.Block) -> ReferenceCase {
    ReferenceCase(
      file: "resnet", name: name,
      model: ResNet(
        block: block, blocks: [2, 1], channels: [4, 6], stemKernel: 7, stemStride: 2,
        dtype: .float64), inputShape: [3, 33, 32], outputs: 5, tolerance: 1e-11)
  }

  private static func vit(_ name: String, _ readout: ViT.Readout, isNormalized: Bool)
    -> ReferenceCase
  {
    ReferenceCase(
      file: "vit", name: name,
      model: ViT(
        patchSide: 4,
        blocks: TransformerBlocks(
          layers: 2, heads: 3, features: 12, epsilon: 1e-6, normalizesQueriesAndKeys: isNormalized),
        readout: readout, dtype: .float64), inputShape: [3, 8, 12], outputs: 5, tolerance: 1e-12)
  }

  private static func llama(
    _ name: String, headDimension: Int, epsilon: Double, isTied: Bool = false,
    isNormalized: Bool = false
  ) -> ReferenceCase {
    ReferenceCase(
      file: "gpt", name: name,
      model: GPT(
        vocabulary: 20, context: 9,
        blocks: TransformerBlocks(
          layers: 2, heads: 4, keyHeads: 2, headDimension: headDimension, features: 12,
          feedForward: 20, normalization: .rms, epsilon: epsilon, dense: .swiGLU, hasBiases: false,
          normalizesQueriesAndKeys: isNormalized), positions: .rotary, isOutputTied: isTied),
      inputShape: [9], outputs: 20, tolerance: 1e-5)
  }

  func build(seed: UInt64 = 1) throws -> Sequential {
    try model.build(
      inputShape: inputShape, outputs: outputs, generator: Generator(seed: seed), device: .cpu)
  }

  func goldens() throws -> Goldens { try Goldens(file, in: .module) }

  /// The library's weights by its names.
  func weights(_ goldens: Goldens) throws -> [String: Tensor] {
    let prefix = "\(name)/weights/"
    let names = goldens.names.filter { $0.hasPrefix(prefix) }
    return Dictionary(
      uniqueKeysWithValues: try names.map { (String($0.dropFirst(prefix.count)), try goldens[$0]) })
  }

  func expectSame(_ found: Tensor, _ expected: Tensor, _ comment: String) {
    let largest = withoutGradients { expected.absolute().maximum().item }
    expectClose(
      found.detached(), expected, relative: tolerance, absolute: tolerance * max(largest, 1),
      "\(name) \(comment)")
  }
}

@Suite("Models are those of torchvision, timm and transformers")
struct ReferenceModelTests {
  @Test(
    "Their weights give their logits and gradients, with fused kernels and without",
    arguments: ReferenceCase.all)
  func logits(reference: ReferenceCase) throws {
    let goldens = try reference.goldens()
    let network = try reference.build()
    let layout = try reference.model.referenceLayout()
    try layout.load(reference.weights(goldens), into: network)
    let input = try goldens["\(reference.name)/x"]
    let expected = try goldens["\(reference.name)/out"]
    for output in [network(input), FusedKernels.disabled { network(input) }] {
      reference.expectSame(output, expected, "logits")
    }
    let prefix = "\(reference.name)/gradient/"
    let keys = goldens.names.filter { $0.hasPrefix(prefix) }
    #expect(keys.count >= 2)
    let own = Dictionary(
      uniqueKeysWithValues: network.namedParameters.map { ($0.name, $0.parameter.value) })
    for key in keys {
      let entry = try #require(
        layout.entries.first { $0.reference == String(key.dropFirst(prefix.count)) })
      let parts = gradients(
        of: [network(input)], seeds: [try goldens["\(reference.name)/seed"]],
        withRespectTo: try entry.own.map { try #require(own[$0]) })
      let joined = Tensor.concatenated(try parts.map { try #require($0) })
      let expected = try goldens[key]
      let laid = entry.isTransposed ? joined.transposed() : joined
      reference.expectSame(laid.reshaped(to: expected.shape), expected, key)
    }
  }

  @Test("Weights are written under their names as they were read", arguments: ReferenceCase.all)
  func writing(reference: ReferenceCase) throws {
    let weights = try reference.weights(reference.goldens())
    let network = try reference.build()
    let layout = try reference.model.referenceLayout()
    try layout.load(weights, into: network)
    let written = try layout.tensors(of: network)
    var missing = Set(weights.keys)
    for (name, tensor) in written {
      let original = try #require(weights[name], "\(name)")
      #expect(tensor.isIdentical(to: original) && tensor.isContiguous, "\(name)")
      missing.remove(name)
    }
    // A tied output repeats the table.
    #expect(missing.isSubset(of: ["lm_head.weight"]), "\(missing)")
    #expect(Set(written.map(\.name)).count == written.count)
  }

  @Test(
    "A batch in training is torchvision's, running statistics included",
    arguments: ReferenceCase.all.filter { $0.file == "resnet" })
  func training(reference: ReferenceCase) throws {
    let goldens = try reference.goldens()
    let network = try reference.build()
    let layout = try reference.model.referenceLayout()
    try layout.load(reference.weights(goldens), into: network)
    let output = try NormalizationStatistics.training.during {
      network(try goldens["\(reference.name)/x"])
    }
    reference.expectSame(output, try goldens["\(reference.name)/trained"], "in training")
    for (name, tensor) in try layout.tensors(of: network)
    where name.hasSuffix("running_mean") || name.hasSuffix("running_var") {
      reference.expectSame(tensor, try goldens["\(reference.name)/after/\(name)"], name)
    }
  }

  @Test(
    "What does not fit is named as the file names it, and nothing is written",
    arguments: ReferenceCase.all)
  func refusals(reference: ReferenceCase) throws {
    let weights = try reference.weights(reference.goldens())
    let network = try reference.build()
    let before = network.namedTensors.map { $0.tensor.cloned() }
    let layout = try reference.model.referenceLayout()
    let name = try #require(layout.entries.last { $0.reference.hasSuffix("weight") }).reference
    var lacking = weights
    lacking[name] = nil
    var extra = weights
    extra["other.weight"] = Tensor.zeros([2])
    var wide = weights
    wide[name] = Tensor.zeros([3, 2])
    for (tensors, text) in [
      (lacking, "\(name) is missing"), (extra, "other.weight is not part of this network"),
      (wide, "\(name) has the shape [3, 2], expected"),
    ] {
      let error = #expect(throws: LoadingError.self) { try layout.load(tensors, into: network) }
      #expect(error?.description.contains(text) == true, "\(String(describing: error))")
    }
    for (left, right) in zip(before, network.namedTensors) {
      #expect(left.isIdentical(to: right.tensor), "\(right.name)")
    }
    let other = Sequential([
      Linear(inputFeatures: 2, outputFeatures: 2, generator: Generator(seed: 1))
    ])
    #expect(throws: LoadingError.self) { try layout.load(weights, into: other) }
    #expect(throws: LoadingError.self) { try layout.tensors(of: other) }
  }

  @Test("Weights of another type are converted, and the prefix may be left out")
  func otherFiles() throws {
    let reference = try #require(ReferenceCase.all.first { $0.name == "gpt2" })
    let goldens = try reference.goldens()
    let network = try reference.build()
    var weights: [String: Tensor] = [:]
    for (name, tensor) in try reference.weights(goldens) {
      weights[name.replacing("transformer.", with: "")] = tensor.converted(to: .float32)
    }
    // What files of older versions also hold.
    weights["h.0.attn.bias"] = Tensor.zeros([1, 1, 9, 9])
    try reference.model.referenceLayout().load(weights, into: network)
    let output = try network(goldens["gpt2/x"])
    expectClose(output.detached(), try goldens["gpt2/out"], relative: 1e-4, absolute: 1e-4)
    #expect(output.dtype == .float64)
  }
}
