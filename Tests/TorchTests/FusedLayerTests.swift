import TensorTestSupport
import Testing
import Torch

/// Layers that are kernels of this package, against the operators in float64.
@Suite struct FusedLayerTests {
  /// Leaves of a noisy layer, in float64.
  struct NoisyLeaves {
    let names = ["input", "weight", "deviation", "bias"]
    var values: [Tensor]
    var inputFactors: Tensor
    var outputFactors: Tensor

    init(rows: [Int], inputs: Int, outputs: Int) {
      let generator = Generator(seed: 1)
      func drawn(_ shape: [Int]) -> Tensor {
        Tensor.normal(shape, generator: generator, dtype: .float64)
      }
      values = [
        drawn(rows + [inputs]), drawn([outputs, inputs]), drawn([outputs, inputs]),
        drawn([outputs]),
      ]
      inputFactors = drawn([inputs])
      outputFactors = drawn([outputs])
    }

    func output(
      _ leaves: [Tensor], dtype: DType = .float64, hasBias: Bool = true, isFused: Bool = true
    ) -> Tensor {
      let (i, o) = (inputFactors.converted(to: dtype), outputFactors.converted(to: dtype))
      let bias = hasBias ? leaves[3] : nil
      if isFused {
        return leaves[0].noisyLinear(
          weight: leaves[1], deviation: leaves[2], inputFactors: i, outputFactors: o, bias: bias)
      }
      let factors = o.unsqueezed(axis: 1) * i.unsqueezed(axis: 0)
      return leaves[0].linear(weight: leaves[1] + leaves[2] * factors, bias: bias)
    }

    /// The output and the gradients of a weighted sum of it; `nil` for a leaf that takes no part.
    func results(
      dtype: DType = .float64, hasBias: Bool = true, isFused: Bool = true
    ) -> [Tensor?] {
      let leaves = values.map { $0.converted(to: dtype).detached().requiringGradient() }
      let output = output(leaves, dtype: dtype, hasBias: hasBias, isFused: isFused)
      let seed = Tensor.normal(output.shape, generator: Generator(seed: 2), dtype: .float64)
      return [output.detached()]
        + gradients(of: [output], seeds: [seed.converted(to: dtype)], withRespectTo: leaves)
    }
  }

  /// Whole tiles, tiles that overlap, one tile, several groups of rows, more rows than the kernel takes, sizes that no
  /// tile covers, leading axes, and few rows, which without a graph have a loop of their own: of one thread and of
  /// several.
  static let shapes: [(rows: [Int], inputs: Int, outputs: Int)] = [
    ([32], 64, 48), ([32], 320, 29), ([1], 32, 12), ([70], 96, 51), ([256], 32, 13),
    ([257], 32, 13), ([20], 33, 14), ([20], 32, 3), ([4, 5], 160, 25),
    ([2], 33, 14), ([1, 2], 3_136, 130), ([1], 3_200, 1), ([3], 64, 48),
  ]

  @Test(arguments: shapes)
  func `a noisy layer and its gradients are those of the matrix`(
    rows: [Int], inputs: Int, outputs: Int
  ) throws {
    let layer = NoisyLeaves(rows: rows, inputs: inputs, outputs: outputs)
    for hasBias in [true, false] {
      let expected = layer.results(hasBias: hasBias, isFused: false)
      for (dtype, tolerance) in [(DType.float64, 1e-11), (.float32, 1e-3)] {
        let found = layer.results(dtype: dtype, hasBias: hasBias)
        for (name, (actual, wanted)) in zip(["output"] + layer.names, zip(found, expected)) {
          #expect((actual == nil) == (wanted == nil), "\(name)")
          guard let actual, let wanted else { continue }
          #expect(actual.dtype == dtype)
          expectClose(actual, wanted, relative: tolerance, absolute: tolerance, "\(dtype) \(name)")
        }
      }
      let recorded = try #require(layer.results(hasBias: hasBias)[0])
      for (dtype, tolerance) in [(DType.float64, 1e-11), (.float32, 1e-3)] {
        let leaves = layer.values.map { $0.converted(to: dtype) }
        let plain = withoutGradients { layer.output(leaves, dtype: dtype, hasBias: hasBias) }
        expectClose(plain, recorded, relative: tolerance, absolute: tolerance, "no graph, \(dtype)")
        guard dtype == .float64, rows.reduce(1, *) > 2 else { continue }
        #expect(plain.isIdentical(to: recorded), "with and without a graph")
      }
    }
  }

  /// Of a size that goes to oneDNN where MKL is narrow; leading axes, a transposed weight and no bias among them.
  @Test(arguments: [[160], [5, 32], [2]], [true, false])
  func `a linear layer and its derivatives are those of the product`(rows: [Int], hasBias: Bool) {
    let generator = Generator(seed: 3)
    func drawn(_ shape: [Int]) -> Tensor {
      Tensor.normal(shape, generator: generator, dtype: .float64)
    }
    let values = [drawn(rows + [192]), drawn([192, 144]), drawn([144])]
    let seed = drawn(rows + [144])
    func results(_ dtype: DType, isOurs: Bool) -> [Tensor] {
      let leaves = values.map { $0.converted(to: dtype).requiringGradient() }
      let weight = leaves[1].transposed()
      let product =
        isOurs
        ? leaves[0].linear(weight: weight, bias: hasBias ? leaves[2] : nil)
        : hasBias
          ? leaves[0].matrixProduct(leaves[1]) + leaves[2] : leaves[0].matrixProduct(leaves[1])
      let used = hasBias ? leaves : Array(leaves.prefix(2))
      let first = gradients(
        of: [product], seeds: [seed.converted(to: dtype)], withRespectTo: used, createGraph: true
      ).compactMap { $0 }
      let squares = (first[0] * first[0]).sum()
      let second = gradients(of: squares, withRespectTo: [leaves[1]])
      return [product.detached()] + first.map { $0.detached() } + second
    }
    let expected = results(.float64, isOurs: false)
    for (dtype, tolerance) in [(DType.float64, 1e-11), (.float32, 2e-4)] {
      let found = results(dtype, isOurs: true)
      #expect(found.count == expected.count)
      for (one, other) in zip(found, expected) {
        #expect(one.dtype == dtype)
        expectClose(one, other, relative: tolerance, absolute: tolerance * 100, "\(dtype)")
      }
    }
  }

  @Test func `autocast chooses the type of a linear layer of any size`() {
    let (x, w) = (Tensor.ones([256, 256]), Tensor.ones([256, 256]))
    #expect(withAutocast(.bfloat16) { x.linear(weight: w) }.dtype == .bfloat16)
    #expect(x.linear(weight: w).dtype == .float32)
  }

  @Test(arguments: [[1], [20]])
  func `a noisy layer takes tensors that begin anywhere in their storage`(rows: [Int]) {
    let layer = NoisyLeaves(rows: rows, inputs: 64, outputs: 36)
    for (dtype, tolerance) in [(DType.float64, 1e-11), (.float32, 1e-3)] {
      func shifted(_ tensor: Tensor) -> Tensor {
        let converted = tensor.converted(to: dtype)
        let flat = Tensor.concatenated(
          [Tensor.zeros([1], dtype: dtype), converted.reshaped(to: [-1])], axis: 0)
        return flat.narrowed(axis: 0, from: 1, length: converted.elementCount)
          .reshaped(to: converted.shape)
      }
      var moved = layer
      moved.values = layer.values.map(shifted)
      moved.inputFactors = shifted(layer.inputFactors)
      moved.outputFactors = shifted(layer.outputFactors)
      let expected = layer.results(isFused: false)
      for (actual, wanted) in zip(moved.results(dtype: dtype), expected) {
        guard let actual, let wanted else { continue }
        expectClose(actual, wanted, relative: tolerance, absolute: tolerance, "\(dtype)")
      }
      guard let output = expected[0] else { continue }
      expectClose(
        withoutGradients { moved.output(moved.values, dtype: dtype) }, output,
        relative: tolerance, absolute: tolerance, "\(dtype), no graph")
    }
  }

  @Test func `a noisy layer's gradients are those of differences`() throws {
    let layer = NoisyLeaves(rows: [17], inputs: 48, outputs: 19)
    let found = layer.results()
    let seed = Tensor.normal([17, 19], generator: Generator(seed: 2), dtype: .float64)
    for (index, name) in layer.names.enumerated() {
      let direction = Tensor.normal(
        layer.values[index].shape, generator: Generator(seed: 3), dtype: .float64)
      func loss(_ step: Double) -> Double {
        var leaves = layer.values
        leaves[index] = leaves[index] + direction * step
        return (layer.output(leaves) * seed).sum().item
      }
      let slope = (try #require(found[index + 1]) * direction).sum().item
      expectClose((loss(1e-4) - loss(-1e-4)) / 2e-4, slope, relative: 1e-8, absolute: 1e-6, name)
    }
  }

  @Test func `only the gradients that are asked for are found`() {
    let layer = NoisyLeaves(rows: [16], inputs: 32, outputs: 24)
    let expected = layer.results(isFused: false)
    for index in layer.names.indices {
      var leaves = layer.values
      leaves[index] = leaves[index].requiringGradient()
      let output = layer.output(leaves)
      let seed = Tensor.normal(output.shape, generator: Generator(seed: 2), dtype: .float64)
      let found = gradients(of: [output], seeds: [seed], withRespectTo: [leaves[index]])
      guard let actual = found[0], let wanted = expected[index + 1] else {
        Issue.record("no gradient of \(layer.names[index])")
        continue
      }
      expectClose(actual, wanted, relative: 1e-11, absolute: 1e-11, layer.names[index])
    }
  }

  @Test func `a noisy layer has no second derivative, and says so`() {
    let layer = NoisyLeaves(rows: [16], inputs: 32, outputs: 24)
    let leaves = layer.values.map { $0.requiringGradient() }
    #expect {
      try withTorchErrors {
        let first = gradients(
          of: layer.output(leaves).squared().sum(), withRespectTo: [leaves[1]], createGraph: true)
        _ = gradients(of: first[0].squared().sum(), withRespectTo: [leaves[1]])
      }
    } throws: {
      "\($0)".contains("no second derivative")
    }
  }

  @Test func `a noisy layer refuses shapes that do not meet`() {
    let layer = NoisyLeaves(rows: [16], inputs: 32, outputs: 24)
    for index in 0..<4 {
      var leaves = layer.values
      leaves[index] = leaves[index].narrowed(axis: -1, from: 0, length: 5)
      #expect(throws: TorchError.self, "\(layer.names[index])") {
        try withTorchErrors { layer.output(leaves) }
      }
    }
  }

  @Test func `a noisy layer's results do not depend on the number of threads`() async {
    // In a process of its own: the setting belongs to the whole process.
    await #expect(processExitsWith: .success) {
      let layer = NoisyLeaves(rows: [40], inputs: 640, outputs: 261)
      Machine.threadCount = 1
      let alone = layer.results(dtype: .float32)
      for count in [2, 3, 5] {
        Machine.threadCount = count
        // The gradient of the input is a matrix product of libtorch's.
        for (index, (one, other)) in zip(alone, layer.results(dtype: .float32)).enumerated()
        where index != 1 {
          let (one, other) = (try #require(one), try #require(other))
          #expect(one.isIdentical(to: other), "\(index) on \(count) threads")
        }
      }
    }
  }

  /// What the other way serves, pixels that no kernel reaches among it; then padding, unequal strides, a kernel
  /// that the stride does not divide, many channels, groups.
  static let convolutions:
    [(image: [Int], kernel: [Int], stride: (Int, Int), padding: (Int, Int), groups: Int)] = [
      ([3, 4, 20, 24], [5, 4, 8, 8], (4, 4), (0, 0), 1),
      ([3, 4, 21, 19], [5, 4, 4, 6], (2, 2), (0, 0), 1),
      ([2, 1, 9, 9], [3, 1, 3, 3], (3, 3), (0, 0), 1),
      ([3, 4, 20, 24], [5, 4, 8, 8], (4, 4), (2, 2), 1),
      ([3, 4, 20, 24], [5, 4, 8, 8], (4, 2), (0, 0), 1),
      ([3, 4, 20, 24], [5, 4, 5, 5], (2, 2), (0, 0), 1),
      ([2, 16, 8, 8], [5, 16, 4, 4], (2, 2), (0, 0), 1),
      ([2, 4, 8, 8], [6, 2, 4, 4], (2, 2), (0, 0), 2),
    ]

  @Test(arguments: convolutions.indices)
  func `a convolution of images and its gradients are those of the operator`(index: Int) throws {
    let (shape, kernel, stride, padding, groups) = Self.convolutions[index]
    let image = Tensor.normal(shape, generator: Generator(seed: 1), dtype: .float64)
    let drawn = [
      Tensor.normal(kernel, generator: Generator(seed: 2), dtype: .float64),
      Tensor.normal([kernel[0]], generator: Generator(seed: 3), dtype: .float64),
    ]
    func results(_ dtype: DType, hasBias: Bool, isOurs: Bool) throws -> [Tensor] {
      let leaves = drawn.map { $0.converted(to: dtype).detached().requiringGradient() }
      let (image, bias) = (image.converted(to: dtype), hasBias ? leaves[1] : nil)
      let output =
        isOurs
        ? image.imageConvolution2D(
          weight: leaves[0], bias: bias, stride: stride, padding: padding, groups: groups)
        : image.convolution2D(
          weight: leaves[0], bias: bias, stride: [stride.0, stride.1],
          padding: [padding.0, padding.1], groups: groups)
      let asked = hasBias ? leaves : [leaves[0]]
      let first = gradients(
        of: output.power(3).sum(), withRespectTo: asked, createGraph: true, retainGraph: true)
      let second = gradients(of: first[0].squared().sum(), withRespectTo: asked)
      return [output.detached()] + (first + second).map { $0.detached() }
    }
    for hasBias in [true, false] {
      let expected = try results(.float64, hasBias: hasBias, isOurs: false)
      for (dtype, tolerance) in [(DType.float64, 1e-11), (.float32, 1e-4)] {
        let found = try results(dtype, hasBias: hasBias, isOurs: true)
        for (part, (actual, wanted)) in zip(found, expected).enumerated() {
          // Sums of many terms: what counts is the size of the whole.
          let size = wanted.squared().mean().squareRoot().item
          expectClose(
            actual, wanted, relative: tolerance, absolute: 10 * tolerance * size,
            "\(dtype) part \(part)")
        }
      }
    }
  }
}
