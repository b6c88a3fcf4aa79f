import Foundation
import Networks
import NormalizeAndProject
import TensorTestSupport
import TestSupport
import Testing
import Torch

/// Layers that PyTorch has no module for, and batch normalization: the expression and the classes are the very text
/// that PyTorch ran to make the goldens.
@Suite struct PyTorchExportLayersTests {
  private static var source: ParameterSource { ParameterSource(generator: Generator(seed: 1)) }

  private static func linear(_ inputs: Int, _ outputs: Int, hasBias: Bool = true) -> Sequential {
    Sequential([
      .init(
        "output",
        Linear(
          inputFeatures: inputs, outputFeatures: outputs, hasBias: hasBias,
          generator: source.generator))
    ])
  }

  private static func noisy(_ inputs: Int, _ outputs: Int, hasBias: Bool) -> NoisyLinear {
    NoisyLinear(
      inputFeatures: inputs, outputFeatures: outputs, hasBias: hasBias, generator: source.generator)
  }

  private static func network(_ name: String) throws -> (network: Sequential, inputShape: [Int]) {
    switch name {
    case "residual":
      return (
        .resNet18(
          inputShape: [2, 8, 8], channels: [3, 4], blocks: [1, 1], classes: 3, source: source),
        [2, 8, 8]
      )
    case "tokens":
      return (
        .transformer(
          positions: 4, vocabulary: 5, layers: 1, heads: 2, headDimension: 3, modelDimension: 6,
          feedForward: 7, isCausal: true, normalizesQueriesAndKeys: true, classes: 3, source: source
        ),
        [4]
      )
    case "agent":
      let heads = Dueling(
        actions: 2, advantage: Sequential([.init("output", noisy(4, 2, hasBias: false))]),
        value: linear(4, 1))
      return (
        Sequential([
          .init("scaling", InputScaling(divisor: 2)), .init("one", AppendedOne()),
          .init("hidden", noisy(6, 4, hasBias: true)), .init("activation", ReLU()),
          .init("quantiles", QuantileEmbedding(features: 4, cosines: 3, source: source)),
          .init("heads", heads),
        ]), [5]
      )
    case "critic":
      let head = InjectedHead(
        original: linear(10, 4), learning: linear(10, 4), frozen: linear(10, 4))
      head.setInjected(true)
      return (
        Sequential([
          .init("normalization", RMSNorm(affine: .perElement([5]), hasOffset: true)),
          .init("features", FourierFeatures()), .init("head", head),
          .init("heads", ActorCritic(policy: linear(4, 6, hasBias: false), value: linear(4, 1))),
          .init("actions", PerAction(actions: 7)),
        ]), [5]
      )
    case "vit":
      return (
        try NaP.transformer.normalized(
          ViT(
            patchSide: 4,
            blocks: TransformerBlocks(
              layers: 1, heads: 2, features: 6, feedForward: 7, dense: .reluSquared)
          ).build(inputShape: [2, 4, 8], outputs: 3, generator: source.generator),
          inputShape: [2, 4, 8]), [2, 4, 8]
      )
    case "average":
      let blocks = TransformerBlocks(layers: 1, heads: 2, features: 6, feedForward: 7)
      return (
        try ViT(patchSide: 4, blocks: blocks, readout: .average).build(
          inputShape: [2, 4, 8], outputs: 3, generator: source.generator), [2, 4, 8]
      )
    case "gpt":
      let blocks = TransformerBlocks(
        layers: 1, heads: 4, keyHeads: 2, headDimension: 2, features: 6, feedForward: 7,
        normalization: .rms, dense: .swiGLU, hasBiases: false)
      // PyTorch's modules have an output of their own: what is tied is written twice.
      return (
        try GPT(
          vocabulary: 5, context: 4, blocks: blocks, positions: .rotary, isOutputTied: false
        ).build(generator: source.generator), [4]
      )
    default:
      return (
        Sequential([
          .init(
            "convolution",
            Convolution2D(
              inputChannels: 2, outputChannels: 3, kernel: 3, padding: 1,
              generator: source.generator)),
          .init("layer", LayerNorm(axes: .channels, affine: .perChannel(3))),
          .init("both", CReLU()), .init("rms", RMSNorm(axes: .channels)),
          .init("pool", AveragePool2D(kernel: 2)), .init("flatten", Flatten()),
          .init(
            "output", Linear(inputFeatures: 24, outputFeatures: 3, generator: source.generator)),
        ]), [2, 4, 4]
      )
    }
  }

  /// Where PyTorch keeps what a name here stands for.
  private static func stateName(_ name: String, in network: String) -> String {
    var path = name.split(separator: ".").map(String.init)
    let last = path.count - 1
    let other = ["scale": "weight", "offset": "bias", "running_variance": "running_var"]
    path[last] = other[path[last]] ?? path[last]
    if network == "channels", path[0] == "layer" { path.insert("each", at: 1) }
    return path.joined(separator: ".")
  }

  @Test(
    "PyTorch builds the same function of the export",
    arguments: [
      "residual", "tokens", "agent", "critic", "channels", "vit", "average", "gpt",
    ])
  func matches(name: String) throws {
    let goldens = try Goldens("export", in: .module)
    let (network, shape) = try Self.network(name)
    try network.load(
      Dictionary(
        uniqueKeysWithValues: network.namedTensors.map {
          ($0.name, try goldens["\(name)/state.\(Self.stateName($0.name, in: name))"])
        }))
    let export = try PyTorchExport(network, inputShape: shape, isFolding: false)
    #expect(export.source == goldens.metadata[name])
    #expect(export.classes == goldens.metadata["\(name).classes"])
    let output = try network(goldens["\(name)/input"]).detached()
    expectClose(output, try goldens["\(name)/output"], relative: 1e-5, absolute: 1e-5)
    let expected = goldens.names.filter { $0.hasPrefix("\(name)/state.") }
    #expect(Set(export.tensors.map { "\(name)/state.\($0.name)" }) == Set(expected))
    for (key, tensor) in export.tensors {
      let golden = try goldens["\(name)/state.\(key)"]
      #expect(tensor.isIdentical(to: golden.viewed(as: tensor.shape)), "\(key)")
    }
  }

  @Test func `a spectrally normalized layer is written with the weight that it computes with`()
    throws
  {
    let linear = Linear(inputFeatures: 5, outputFeatures: 4, generator: Generator(seed: 2))
    let convolution = Convolution2D(
      inputChannels: 2, outputChannels: 3, kernel: 2, generator: Generator(seed: 3))
    for (layer, shape) in [(linear as any WeightedLayer, [5]), (convolution, [2, 4, 4])] {
      let spectral = layer.spectrallyNormalized(generator: Generator(seed: 4))
      let export = try PyTorchExport(Sequential([.init("only", spectral)]), inputShape: shape)
      let weight = try #require(export.tensors.first { $0.name == "only.weight" }).tensor
      let input = Tensor.normal([2] + shape, generator: Generator(seed: 5))
      expectClose(
        layer(input, weight: weight).detached(), spectral(input).detached(), relative: 1e-5,
        absolute: 1e-6)
      #expect(export.classes.isEmpty && export.tensors.count == 2)
    }
  }

  @Test func `a spectrally normalized noisy layer is written as the noisy layer that it computes`()
    throws
  {
    let spectral = Self.noisy(5, 4, hasBias: true).spectrallyNormalized(
      generator: Generator(seed: 4))
    let export = try PyTorchExport(Sequential([.init("only", spectral)]), inputShape: [5])
    let plain = try PyTorchExport(
      Sequential([.init("only", Self.noisy(5, 4, hasBias: true))]), inputShape: [5])
    #expect(export.source == plain.source && export.classes == plain.classes)
    #expect(export.tensors.map(\.name) == plain.tensors.map(\.name))
  }

  @Test func `every layer of the package has its counterpart`() throws {
    let text = try FileManager.default.contentsOfDirectory(
      at: packageRoot.appending(path: "Sources/Networks/Layers"), includingPropertiesForKeys: nil
    ).map { try String(contentsOf: $0, encoding: .utf8) }.joined()
    let declaration =
      /public struct (\w+)(?:<[^>]*>)?: (?:[\w, ]*)(?:Layer|Activation|FeatureNormalization)\b/
    let layers = Set(text.matches(of: declaration).map { String($0.output.1) })
    #expect(
      layers.count > 25 && layers.isSuperset(of: ["Residual", "BatchNorm2D", "ReLU", "Flatten"]))
    let translations = try ["Modules", "Branches"].map {
      try String(
        contentsOf: packageRoot.appending(
          path: "Sources/NormalizeAndProject/Export/PyTorchTranslation+\($0).swift"),
        encoding: .utf8)
    }.joined()
    for layer in layers.subtracting(["Linear"]) {
      #expect(translations.contains(layer), "\(layer) has no counterpart in PyTorchTranslation")
    }
  }
}
