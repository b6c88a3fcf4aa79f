import Networks
import TensorTestSupport
import Testing
import Torch

/// A layer in float64, with the shape of an input.
private let layers: [(name: String, input: [Int], make: @Sendable (Generator) -> any Layer)] = [
  (
    "Linear", [3, 4],
    { Linear(inputFeatures: 4, outputFeatures: 5, generator: $0, dtype: .float64) }
  ),
  (
    "Convolution2D", [2, 4, 5, 5],
    {
      Convolution2D(
        inputChannels: 4, outputChannels: 6, kernel: 3, stride: 2, padding: 1, groups: 2,
        generator: $0, dtype: .float64)
    }
  ),
  ("LayerNorm", [3, 4], { moved(LayerNorm(shape: [4], dtype: .float64), $0) }),
  (
    "LayerNorm of images", [2, 3, 4, 4],
    {
      moved(LayerNorm(axes: .last(3), affine: .perChannel(3), dtype: .float64), $0)
    }
  ),
  (
    "LayerNorm of channels", [2, 3, 2, 4],
    { moved(LayerNorm(axes: .channels, affine: .perChannel(3), dtype: .float64), $0) }
  ),
  (
    "RMSNorm with offset", [3, 4],
    {
      moved(
        RMSNorm(affine: .perChannel(4), hasOffset: true, dtype: .float64), $0)
    }
  ),
  (
    "GroupNorm", [2, 4, 3, 3],
    { moved(GroupNorm(groups: 2, learnedChannels: 4, dtype: .float64), $0) }
  ),
  ("ReLU", [3, 4], { _ in ReLU() }), ("LeakyReLU", [3, 4], { _ in LeakyReLU() }),
  ("GELU", [3, 4], { _ in GELU() }), ("SiLU", [3, 4], { _ in SiLU() }),
  ("Tanh", [3, 4], { _ in Tanh() }), ("CReLU", [3, 4], { _ in CReLU() }),
  ("FourierFeatures", [3, 4], { _ in FourierFeatures() }),
  (
    "SpectralNormalized", [3, 4],
    {
      SpectralNormalized(
        Linear(inputFeatures: 4, outputFeatures: 5, generator: $0, dtype: .float64), generator: $0)
    }
  ),
  (
    "SpectralNormalized convolution", [2, 3, 4, 4],
    {
      SpectralNormalized(
        Convolution2D(
          inputChannels: 3, outputChannels: 4, kernel: 3, generator: $0, dtype: .float64),
        generator: $0, iterations: 2)
    }
  ),
  (
    "InjectedHead", [3, 4],
    { generator in
      func head() -> Sequential {
        Sequential([
          Linear(inputFeatures: 4, outputFeatures: 5, generator: generator, dtype: .float64)
        ])
      }
      let layer = InjectedHead(original: head(), learning: head(), frozen: head())
      layer.setInjected(true)
      return layer
    }
  ),
  (
    "SelfAttention", [2, 3, 4],
    {
      SelfAttention(
        features: 4, heads: 2, headDimension: 3, generator: $0, dtype: .float64)
    }
  ),
  (
    "SelfAttention with normalized queries, causal", [2, 3, 4],
    {
      SelfAttention(
        features: 4, heads: 2, headDimension: 3, isCausal: true, normalizesQueriesAndKeys: true,
        generator: $0, dtype: .float64)
    }
  ),
  (
    "SelfAttention with grouped keys, biases and rotary positions", [2, 3, 4],
    {
      var form = SelfAttention.Form(features: 4, heads: 4, headDimension: 2, isCausal: true)
      form.keyHeads = 2
      form.hasBiases = true
      form.rotary = RotaryPositions(count: 5)
      return moved(
        SelfAttention(
          form, normalization: { LayerNorm(shape: [2], dtype: .float64) }, generator: $0,
          dtype: .float64), $0)
    }
  ),
  (
    "GatedLinearUnit", [3, 4],
    { generator in
      func linear() -> Linear {
        Linear(inputFeatures: 4, outputFeatures: 5, generator: generator, dtype: .float64)
      }
      return GatedLinearUnit(gate: Sequential([linear(), SiLU()]), up: Sequential([linear()]))
    }
  ),
  (
    "PositionEmbedding", [2, 3, 4],
    {
      PositionEmbedding(
        count: 3, features: 4, hasClassToken: true, initializer: .normal(standardDeviation: 1),
        generator: $0, dtype: .float64)
    }
  ),
  (
    "TiedOutput", [2, 3, 4],
    { TiedOutput(weight: Embedding(count: 5, features: 4, generator: $0, dtype: .float64).weight) }
  ),
  ("SquaredReLU", [3, 4], { _ in SquaredReLU() }),
  ("PositionsInARow", [2, 3, 2, 2], { _ in PositionsInARow() }),
  ("FirstPosition", [2, 3, 4], { _ in FirstPosition() }),
  ("PositionMean", [2, 3, 4], { _ in PositionMean() }),
  ("LastPosition", [2, 3, 4], { _ in LastPosition() }),
  ("Identity", [3, 4], { _ in Identity() }), ("Flatten", [2, 3, 2], { _ in Flatten() }),
  ("MaximumPool2D", [2, 3, 4, 4], { _ in MaximumPool2D(kernel: 2) }),
  ("AveragePool2D", [2, 3, 4, 4], { _ in AveragePool2D(kernel: 2) }),
  ("GlobalAveragePool", [2, 3, 4, 4], { _ in GlobalAveragePool() }),
  ("mlp", [2, 3, 2, 2], { network(.mlp([5, 4]), [3, 2, 2], $0) }),
  ("cnn", [2, 3, 8, 8], { network(small(.cnn), [3, 8, 8], $0) }),
  ("vgg", [2, 3, 8, 8], { network(small(.vgg), [3, 8, 8], $0) }),
  ("resnet18", [2, 3, 8, 8], { network(small(.resnet18), [3, 8, 8], $0) }),
  (
    "Residual", [3, 4],
    { generator in
      Residual(
        Sequential([
          Linear(inputFeatures: 4, outputFeatures: 4, generator: generator, dtype: .float64)
        ]))
    }
  ),
  ("NormalizationSite", [3, 4], { _ in NormalizationSite() }),
]

/// The layer with gain and shift away from 1 and 0, where mistakes would not show.
private func moved<Norm: Layer>(_ layer: Norm, _ generator: Generator) -> Norm {
  for parameter in layer.parameters {
    parameter.assign(Tensor.normal(parameter.value.shape, generator: generator, dtype: .float64))
  }
  return layer
}

private func small(_ kind: NetworkConfiguration.Kind) -> NetworkConfiguration {
  var configuration = NetworkConfiguration(kind)
  configuration.channels = [4, 3, 4]
  if kind != .cnn { configuration.convolutions = [1, 1, 1] }
  configuration.hidden = [6]
  configuration.activation = .gelu
  return configuration
}

private func network(
  _ configuration: NetworkConfiguration, _ shape: [Int], _ generator: Generator
) -> Sequential {
  var configuration = configuration
  configuration.dtype = .float64
  do {
    return try configuration.build(inputShape: shape, classes: 3, generator: generator)
  } catch {
    Issue.record(error)
    return Sequential([any Layer]())
  }
}

@Suite("Every layer keeps the laws of modules")
struct LayerLawTests {
  @Test("Parts are complete and saved tensors load", arguments: layers.map(\.name))
  func modules(name: String) throws {
    let make = try #require(layers.first { $0.name == name }).make
    expectModuleLaws(name) { Wrapper(layer: make($0)) }
  }

  @Test("Gradients are those of finite differences", arguments: layers.map(\.name))
  func gradients(name: String) throws {
    let (_, shape, make) = try #require(layers.first { $0.name == name })
    let input = Tensor.normal(shape, generator: Generator(seed: 4), dtype: .float64)
    expectGradientsByDifferences(Wrapper(layer: make(Generator(seed: 1))), at: input, name)
  }

  @Test("An embedding keeps the laws, and its rows get the gradients")
  func embedding() {
    func make(_ generator: Generator) -> Embedding {
      Embedding(count: 5, features: 3, generator: generator, dtype: .float64)
    }
    expectModuleLaws("Embedding", make)
    expectGradientsByDifferences(
      make(Generator(seed: 1)), at: Tensor([0, 4, 4, 2], shape: [2, 2]), "Embedding")
  }

  @Test("Tables of tokens and positions keep the laws")
  func tokenEmbedding() {
    func make(_ generator: Generator) -> TokenEmbedding {
      TokenEmbedding(
        vocabulary: 5, positions: 2, features: 3, generator: generator, dtype: .float64)
    }
    expectModuleLaws("TokenEmbedding", make)
    expectGradientsByDifferences(
      make(Generator(seed: 1)), at: Tensor([0, 4, 4, 2], shape: [2, 2]), "TokenEmbedding")
  }

  @Test("The witness finds a parameter that parts leave out")
  func witness() {
    struct Forgetful: Module {
      let kept = Parameter(Tensor.ones([2]), role: .bias)
      let forgotten = [Networks.Buffer(Tensor.ones([2]))]
      var parts: [Part] { [.parameter("kept", kept)] }
    }
    #expect(unlistedParts(of: Forgetful()) == ["Forgetful.forgotten.0"])
  }
}

/// Makes a layer of any type a layer of one type.
private struct Wrapper: Layer {
  let layer: any Layer
  var parts: [Part] { [.module("layer", layer)] }
  func callAsFunction(_ input: Tensor) -> Tensor { layer(input) }
}
