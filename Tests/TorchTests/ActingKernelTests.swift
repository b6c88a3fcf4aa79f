import TensorTestSupport
import Testing
import Torch

/// What an agent's choice of one action passes through.
@Suite struct ActingKernelTests {
  /// Kernel widths that have a copy of their own, one that has not, unequal strides, pixels that no kernel reaches, a
  /// kernel as large as the image.
  static let images: [(image: [Int], kernel: [Int], stride: (Int, Int))] = [
    ([1, 4, 84, 84], [32, 4, 8, 8], (4, 4)), ([1, 32, 20, 20], [64, 32, 4, 4], (2, 2)),
    ([1, 64, 9, 9], [64, 64, 3, 3], (1, 1)), ([1, 3, 11, 13], [5, 3, 2, 5], (3, 2)),
    ([1, 1, 6, 8], [2, 1, 6, 8], (1, 1)),
  ]

  /// What each place of a kernel sees, a row each: (1, C, H, W) to (places, C h w).
  private func laidOut(_ image: Tensor, _ kernel: [Int], _ stride: (Int, Int)) -> Tensor {
    let places = [(image.shape[2] - kernel[2]) / stride.0, (image.shape[3] - kernel[3]) / stride.1]
    let rows = (0...places[0]).flatMap { down in
      (0...places[1]).map { across in
        image.narrowed(axis: 2, from: down * stride.0, length: kernel[2])
          .narrowed(axis: 3, from: across * stride.1, length: kernel[3]).reshaped(to: [1, -1])
      }
    }
    return Tensor.concatenated(rows, axis: 0)
  }

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
      // It is one product of what is laid out, bit for bit: the other way adds in another order.
      guard !hasBias else { continue }
      let laid = laidOut(image.converted(to: .float32), kernel, stride)
      let product = weight.converted(to: .float32).reshaped(to: [kernel[0], -1])
        .matrixProduct(laid.transposed(0, 1))
      #expect(found.reshaped(to: product.shape).isIdentical(to: product))
    }
  }

  /// Padding, groups, two images, a bias of another length; kernels of another width and large images, which take the
  /// operator.
  @Test func `what one product does not cover is left to the operator`() {
    func drawn(_ shape: [Int], _ seed: UInt64) -> Tensor {
      Tensor.normal(shape, generator: Generator(seed: seed), dtype: .float32)
    }
    let cases: [(image: [Int], kernel: [Int], stride: Int, padding: Int, groups: Int)] = [
      ([1, 4, 12, 12], [6, 4, 4, 4], 2, 1, 1), ([1, 4, 12, 12], [6, 2, 4, 4], 2, 0, 2),
      ([2, 4, 12, 12], [6, 4, 4, 4], 2, 0, 1), ([1, 4, 12, 12], [6, 4, 7, 7], 1, 0, 1),
      ([1, 8, 72, 72], [6, 8, 3, 3], 1, 0, 1),
    ]
    for (image, kernel, stride, padding, groups) in cases {
      let (image, weight) = (drawn(image, 1), drawn(kernel, 2))
      let found = image.imageConvolution2D(
        weight: weight, stride: (stride, stride), padding: (padding, padding), groups: groups)
      let expected = image.convolution2D(
        weight: weight, stride: [stride, stride], padding: [padding, padding], groups: groups)
      #expect(found.isIdentical(to: expected), "\(kernel)")
    }
    #expect(throws: TorchError.self) {
      try withTorchErrors {
        drawn([1, 4, 12, 12], 1).imageConvolution2D(
          weight: drawn([6, 4, 4, 4], 2), bias: drawn([5], 3), stride: (2, 2))
      }
    }
  }

  @Test(arguments: ["image", "bias"])
  func `a gradient is had, whichever part asks for it`(part: String) {
    func drawn(_ shape: [Int], _ seed: UInt64, _ name: String) -> Tensor {
      let tensor = Tensor.normal(shape, generator: Generator(seed: seed), dtype: .float32)
      return name == part ? tensor.requiringGradient() : tensor
    }
    let (image, bias) = (drawn([1, 4, 12, 12], 1, "image"), drawn([3], 3, "bias"))
    let weight = drawn([3, 4, 4, 4], 2, "weight")
    let leaf = part == "image" ? image : bias
    let found = gradients(
      of: image.imageConvolution2D(weight: weight, bias: bias, stride: (2, 2)).sum(),
      withRespectTo: [leaf])[0]
    let expected = gradients(
      of: image.convolution2D(weight: weight, bias: bias, stride: [2, 2], padding: [0, 0]).sum(),
      withRespectTo: [leaf])[0]
    expectClose(found.detached(), expected.detached(), relative: 1e-4, absolute: 1e-4)
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

  /// All lines of the input, some, one, none; a length that lines do not divide; a row that begins off a line in its
  /// storage.
  @Test(arguments: [DType.float32, .float64])
  func `one row passes through a noisy layer, read where it is not zero`(dtype: DType) {
    func drawn(_ shape: [Int], _ seed: UInt64) -> Tensor {
      Tensor.normal(shape, generator: Generator(seed: seed), dtype: .float64)
    }
    for (inputs, kept) in [(96, 0..<96), (96, 20..<50), (96, 33..<34), (96, 0..<0), (90, 20..<50)] {
      let row = (0..<inputs).map { kept.contains($0) ? 0.25 + Double($0 % 7) : 0 }
      let outputs = 13
      let parts = [
        drawn([outputs, inputs], 1), drawn([outputs, inputs], 2), drawn([inputs], 3),
        drawn([outputs], 4), drawn([outputs], 5),
      ]
      let wide = Tensor([1.0] + row, dtype: dtype).reshaped(to: [1, inputs + 1])
      let input = wide.narrowed(axis: 1, from: 1, length: inputs)
      func result(_ parts: [Tensor], _ input: Tensor, isFused: Bool) -> Tensor {
        input.noisyLinear(
          weight: parts[0], deviation: parts[1], inputFactors: parts[2], outputFactors: parts[3],
          bias: parts[4], isFused: isFused)
      }
      let expected = result(
        parts, Tensor(row, dtype: .float64).reshaped(to: [1, inputs]), isFused: false)
      let own = parts.map { $0.converted(to: dtype) }
      let tolerance = dtype == .float64 ? 1e-12 : 1e-5
      for input in [input, input.cloned()] {
        expectClose(
          result(own, input, isFused: true), expected, relative: tolerance,
          absolute: 100 * tolerance, "\(inputs) \(kept)")
      }
    }
  }
}
