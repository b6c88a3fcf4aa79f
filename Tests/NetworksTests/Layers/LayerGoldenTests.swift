import Networks
import TensorTestSupport
import Testing
import Torch

/// Every layer with given parameters, by the name that the script gives it.
private let layers: [(name: String, make: @Sendable ([Parameter]) -> any Layer)] = [
  ("linear", { Linear(weight: $0[0], bias: $0[1]) }),
  ("linear_without_bias", { Linear(weight: $0[0], bias: nil) }),
  ("convolution", { Convolution2D(weight: $0[0], bias: $0[1], stride: 2, padding: 1) }),
  (
    "convolution_rectangular",
    {
      Convolution2D(
        weight: $0[0], bias: $0[1], stride: Extent2D(height: 1, width: 2),
        padding: Extent2D(height: 2, width: 1), groups: 2)
    }
  ),
  ("layer_norm", { normalization($0) { LayerNorm(shape: $0, dtype: $1) } }),
  ("layer_norm_plain", { _ in LayerNorm() }),
  ("layer_norm_exact", { _ in LayerNorm(epsilon: 0) }),
  ("layer_norm_image", { normalization($0) { LayerNorm(shape: $0, dtype: $1) } }),
  (
    "layer_norm_image_per_channel",
    {
      normalization($0) { LayerNorm(axes: .last(3), affine: .perChannel($0[0]), dtype: $1) }
    }
  ),
  (
    "layer_norm_channels",
    { normalization($0) { LayerNorm(axes: .channels, affine: .perChannel($0[0]), dtype: $1) } }
  ),
  ("rms_norm", { normalization($0) { RMSNorm(shape: $0, dtype: $1) } }),
  ("rms_norm_image", { normalization($0) { RMSNorm(shape: $0, dtype: $1) } }),
  (
    "rms_norm_channels",
    { normalization($0) { RMSNorm(axes: .channels, affine: .perChannel($0[0]), dtype: $1) } }
  ),
  (
    "group_norm",
    { normalization($0) { GroupNorm(groups: 2, learnedChannels: $0[0], dtype: $1) } }
  ),
  ("relu", { _ in ReLU() }), ("leaky_relu", { _ in LeakyReLU(negativeSlope: 0.2) }),
  ("gelu", { _ in GELU() }), ("gelu_approximate", { _ in GELU(isApproximate: true) }),
  ("silu", { _ in SiLU() }), ("tanh", { _ in Tanh() }), ("crelu", { _ in CReLU() }),
  ("maximum_pool", { _ in MaximumPool2D(kernel: 3, stride: 2, padding: 1) }),
  ("average_pool", { _ in AveragePool2D(kernel: Extent2D(height: 2, width: 3)) }),
  ("global_average_pool", { _ in GlobalAveragePool() }),
  ("embedding", { Embedding(weight: $0[0]) }),
]

/// A normalization whose parameters take the values of the script's, in the order scale, offset.
private func normalization<Norm: Layer>(
  _ values: [Parameter], _ make: ([Int], DType) -> Norm
) -> Norm {
  let layer = make(values[0].value.shape, values[0].value.dtype)
  for (own, value) in zip(layer.parameters, values) { own.assign(value.value) }
  return layer
}

@Suite("Layers compute what PyTorch's do")
struct LayerGoldenTests {
  @Test(
    "Outputs and all gradients are PyTorch's", arguments: layers.map(\.name),
    [DType.float32, .float64])
  func matchesPyTorch(name: String, dtype: DType) throws {
    let goldens = try Goldens("layers", in: .module)
    let prefix = "\(name)/\(dtype)"
    let parameterCount = goldens.names.filter { $0.hasPrefix("\(prefix)/parameter.") }.count
    let given = try (0..<parameterCount).map {
      Parameter(try goldens["\(prefix)/parameter.\($0)"], role: .weight(fanIn: 1))
    }
    let layer = try #require(layers.first { $0.name == name }).make(given)
    #expect(layer.parameters.count == parameterCount)
    let tolerance = dtype == .float64 ? 1e-12 : 3e-6

    let golden = try goldens["\(prefix)/x"]
    let input = golden.dtype.isFloatingPoint ? golden.requiringGradient() : golden
    let output = layer(input)
    let expected = try goldens["\(prefix)/out"]
    try #require(output.shape == expected.shape)
    expectClose(output, expected, relative: tolerance, absolute: tolerance, "output")

    let leaves =
      (golden.dtype.isFloatingPoint ? [input] : []) + layer.parameters.map(\.value)
    let found = gradients(
      of: [output], seeds: [try goldens["\(prefix)/seed"]], withRespectTo: leaves)
    let names =
      (golden.dtype.isFloatingPoint ? ["grad"] : [])
      + (0..<parameterCount).map { "grad_parameter.\($0)" }
    for (name, gradient) in zip(names, found) {
      expectClose(
        try #require(gradient), try goldens["\(prefix)/\(name)"], relative: tolerance,
        absolute: 5 * tolerance, name)
    }
  }

  @Test(
    "Losses and their gradients are PyTorch's",
    arguments: [(Loss.crossEntropy, "cross_entropy"), (.meanSquaredError, "squared_error")],
    [DType.float32, .float64])
  func lossMatchesPyTorch(loss: (Loss, String), dtype: DType) throws {
    let goldens = try Goldens("layers", in: .module)
    let prefix = "\(loss.1)/\(dtype)"
    let outputs_BC = try goldens["\(prefix)/x"].requiringGradient()
    let value = loss.0(outputs_BC, try goldens["\(prefix)/labels"])
    let tolerance = dtype == .float64 ? 1e-13 : 1e-6
    expectClose(
      value, try goldens["\(prefix)/out"], relative: tolerance, absolute: tolerance)
    expectClose(
      gradients(of: value, withRespectTo: [outputs_BC])[0], try goldens["\(prefix)/grad"],
      relative: tolerance, absolute: tolerance)
  }
}
