import Networks
import TensorTestSupport
import Testing
import Torch

private let norms:
  [(name: String, input: [Int], make: @Sendable (DType) -> any FeatureNormalization)] =
    [
      ("LayerNorm", [4, 6], { LayerNorm(dtype: $0) }),
      ("learned LayerNorm", [4, 6], { LayerNorm(shape: [6], dtype: $0) }),
      ("LayerNorm of images", [3, 4, 5, 2], { LayerNorm(axes: .last(3), dtype: $0) }),
      ("LayerNorm, an element each", [3, 4, 5, 2], { LayerNorm(shape: [4, 5, 2], dtype: $0) }),
      (
        "LayerNorm, a channel each", [3, 4, 5, 2],
        { LayerNorm(axes: .last(3), affine: .perChannel(4), dtype: $0) }
      ),
      ("LayerNorm of channels", [3, 4, 5, 2], { LayerNorm(axes: .channels, dtype: $0) }),
      ("RMSNorm", [4, 6], { RMSNorm(dtype: $0) }),
      (
        "RMSNorm, a channel each, with offset", [3, 4, 5, 2],
        { RMSNorm(axes: .last(3), affine: .perChannel(4), hasOffset: true, dtype: $0) }
      ),
    ]

@Suite("Normalizations")
struct NormalizationTests {
  private func prepared(_ name: String, _ dtype: DType) throws -> (any FeatureNormalization, Tensor)
  {
    let (_, shape, make) = try #require(norms.first { $0.name == name })
    let norm = make(dtype)
    let generator = Generator(seed: 3)
    for parameter in norm.parameters {
      parameter.assign(Tensor.normal(parameter.value.shape, generator: generator, dtype: dtype))
    }
    return (norm, Tensor.normal(shape, generator: generator, dtype: dtype))
  }

  @Test(
    "A sequence gives the same with our kernels and without, values and gradients",
    arguments: norms.map(\.name), [DType.float32, .float64])
  func fused(name: String, dtype: DType) throws {
    let (norm, values) = try prepared(name, dtype)
    let activations: [any Layer] = [
      LeakyReLU(negativeSlope: 0), LeakyReLU(negativeSlope: 0.1), Identity(),
    ]
    for activation in activations {
      let network = Sequential([norm, activation])
      let input = values.requiringGradient()
      let leaves = [input] + norm.parameters.map(\.value)
      let seed = Tensor.normal(values.shape, generator: Generator(seed: 4), dtype: dtype)
      func run() -> [Tensor] {
        let output = network(input)
        return [output.detached()]
          + gradients(of: [output], seeds: [seed], withRespectTo: leaves).compactMap(\.self)
      }
      let tolerance = dtype == .float64 ? 1e-12 : 5e-6
      let together = run()
      let apart = FusedKernels.disabled { run() }
      #expect(together.count == leaves.count + 1)
      for (one, other) in zip(together, apart) {
        expectClose(one, other, relative: tolerance, absolute: tolerance, name)
      }
    }
  }

  @Test("The kernel serves the last axes on CPU in float32 and float64, and says where it does not")
  func served() {
    let images = Tensor.ones([2, 3, 4, 4])
    #expect(LayerNorm(axes: .last(3)).fused(with: 0, images) != nil)
    #expect(LayerNorm(axes: .channels).fused(with: 0, images) == nil)
    #expect(LayerNorm(axes: .last(3)).fused(with: 0, images.converted(to: .bfloat16)) == nil)
    #expect(LayerNorm(shape: [4]).fused(with: 0, images.converted(to: .float64)) == nil)
  }

  @Test("Unfused, a sequence can be differentiated twice")
  func secondDerivative() {
    let network = Sequential([LayerNorm(dtype: .float64), ReLU()])
    let input = Tensor.normal([2, 5], generator: Generator(seed: 1), dtype: .float64)
      .requiringGradient()
    let second = FusedKernels.disabled {
      let first = gradients(
        of: (network(input) * network(input)).sum(), withRespectTo: [input], createGraph: true)
      return gradients(of: (first[0] * first[0]).sum(), withRespectTo: [input])[0]
    }
    #expect(second.norm.item > 0)
  }

  @Test(
    "With ε = 0 the scale of the input does not matter; with ε it does",
    arguments: norms.map(\.name))
  func scaleInvariance(name: String) throws {
    let (norm, input) = try prepared(name, .float64)
    _ = NormalizationEpsilon.replaced(by: 0) {
      expectClose(norm(input * 1e-3), norm(input), relative: 1e-12, absolute: 1e-12, name)
    }
    let moved = (norm(input * 1e-3) - norm(input)).norm.item
    #expect(moved > 1e-3, "ε has no effect on \(name)")
  }

  @Test("The replaced ε reaches the fused kernel and the normalization in groups")
  func replacedEpsilon() {
    let input = Tensor.normal([2, 4], generator: Generator(seed: 1), dtype: .float64) * 1e-4
    let network = Sequential([LayerNorm(dtype: .float64), ReLU()])
    let group = GroupNorm(groups: 1)
    NormalizationEpsilon.replaced(by: 0) {
      expectClose(network(input), network(input * 1e3), relative: 1e-10, absolute: 1e-10)
      expectClose(group(input), group(input * 1e3), relative: 1e-10, absolute: 1e-10)
    }
    #expect((network(input) - network(input * 1e3)).norm.item > 0.1)
  }

  @Test("Scale and offset share a group, and a group of its own")
  func groups() throws {
    let one = LayerNorm(shape: [3])
    let other = LayerNorm(shape: [3])
    #expect(one.scale?.role == .scale && one.offset?.role == .offset)
    #expect(one.scale?.group == one.offset?.group)
    #expect(one.scale?.group != other.scale?.group)
    #expect(LayerNorm().parameters.isEmpty && RMSNorm(shape: [3]).offset == nil)
  }
}
