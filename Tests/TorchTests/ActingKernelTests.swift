import TestSupport
import Testing
import Torch

/// What an agent's choice of one action passes through.
@Suite struct ActingKernelTests {
  /// Kernel widths that have a copy of their own, one that has not, unequal strides, pixels that no kernel reaches, a kernel
  /// as large as the image.
  static let images: [(image: [Int], kernel: [Int], stride: (Int, Int))] = [
    ([1, 4, 84, 84], [32, 4, 8, 8], (4, 4)), ([1, 32, 20, 20], [64, 32, 4, 4], (2, 2)),
    ([1, 64, 9, 9], [64, 64, 3, 3], (1, 1)), ([1, 3, 11, 13], [5, 3, 2, 5], (3, 2)),
    ([1, 1, 6, 7], [2, 1, 6, 7], (1, 1)),
  ]

  @Test(arguments: images.indices)
  func `one image passes through a convolution as by the operator`(index: Int) {
    let (shape, kernel, stride) = Self.images[index]
    let image = Tensor.normal(shape, generator: Generator(seed: 1), dtype: .float64)
    let weight = Tensor.normal(kernel, generator: Generator(seed: 2), dtype: .float64)
    let bias = Tensor.normal([kernel[0]], generator: Generator(seed: 3), dtype: .float64)
    for hasBias in [true, false] {
      let expected = image.convolution2D(
        weight: weight, bias: hasBias ? bias : nil, stride: [stride.0, stride.1], padding: [0, 0])
      let found = image.converted(to: .float32).imageConvolution2D(
        weight: weight.converted(to: .float32),
        bias: hasBias ? bias.converted(to: .float32) : nil, stride: stride)
      #expect(found.shape == expected.shape)
      let size = expected.squared().mean().squareRoot().item
      expectClose(found, expected, relative: 1e-5, absolute: 1e-5 * size)
      // Rows that do not lie one after another, as those of an image that was cut out.
      let wider = Tensor.zeros(shape.dropLast() + [shape[3] + 2], dtype: .float32)
      let cut = wider.narrowed(axis: 3, from: 1, length: shape[3])
      _ = cut.copyInPlace(from: image.converted(to: .float32))
      let again = cut.imageConvolution2D(
        weight: weight.converted(to: .float32),
        bias: hasBias ? bias.converted(to: .float32) : nil, stride: stride)
      #expect(again.isIdentical(to: found))
    }
  }

  @Test func `one image whose gradient is wanted has it`() {
    let image = Tensor.normal([1, 4, 12, 12], generator: Generator(seed: 1), dtype: .float32)
    let weight = Tensor.normal([3, 4, 4, 4], generator: Generator(seed: 2), dtype: .float32)
      .requiringGradient()
    let output = image.imageConvolution2D(weight: weight, stride: (2, 2))
    let found = gradients(of: output.sum(), withRespectTo: [weight])[0]
    let plain = image.convolution2D(weight: weight, stride: [2, 2], padding: [0, 0])
    let expected = gradients(of: plain.sum(), withRespectTo: [weight])[0]
    expectClose(found.detached(), expected.detached(), relative: 1e-4, absolute: 1e-4)
  }

  @Test
  func `factors of noise are signed roots of normals cut at two, one number of the generator each`()
  {
    let count = 200_000
    let factors = Tensor.noiseFactors(count: count, generator: Generator(seed: 5)).doubles
    let normals = factors.map { $0 < 0 ? -$0 * $0 : $0 * $0 }
    #expect(normals.allSatisfy { abs($0) <= 2.0001 } && normals.contains { abs($0) > 1.99 })
    let mean = normals.reduce(0, +) / Double(count)
    let variance = normals.reduce(0) { $0 + $1 * $1 } / Double(count)
    // Of a standard normal cut at ±2: 1 − 4 φ(2) / erf(√2).
    #expect(abs(mean) < 0.01 && abs(variance - 0.773_741) < 0.01)
    let small = Double(normals.count { abs($0) < 1 }) / Double(count)
    #expect(abs(small - 0.682_689 / 0.954_500) < 0.005)
    // One generator: two draws are the parts of a longer one.
    let generator = Generator(seed: 9)
    let first = Tensor.noiseFactors(count: 5, generator: generator).doubles
    let second = Tensor.noiseFactors(count: 3, generator: generator).doubles
    #expect(first + second == Tensor.noiseFactors(count: 8, generator: Generator(seed: 9)).doubles)
  }
}
