@testable import Networks
import TensorTestSupport
import Testing
import Torch

@Suite("Noisy layers")
struct NoisyLinearTests {
  private func layer(
    _ inputs: Int, _ outputs: Int, hasBias: Bool = true, seed: UInt64 = 1
  ) -> NoisyLinear {
    NoisyLinear(
      inputFeatures: inputs, outputFeatures: outputs, hasBias: hasBias,
      generator: Generator(seed: seed), dtype: .float64)
  }

  @Test("They keep the laws of modules, and their gradients are those of differences")
  func laws() {
    expectModuleLaws("NoisyLinear") {
      NoisyLinear(inputFeatures: 3, outputFeatures: 4, generator: $0)
    }
    let layer = layer(3, 4)
    let input = Tensor.normal([5, 3], generator: Generator(seed: 2), dtype: .float64)
    let noise = Noise.frozen(seed: 3)
    noise.during { expectGradientsByDifferences(layer, at: input, "NoisyLinear") }
  }

  @Test(
    "Many rows, for which operators build the matrix, give what one row at a time gives, and so do gradients",
    arguments: [true, false], [true, false])
  func manyRows(isFused: Bool, hasBias: Bool) {
    // From 16 on.
    let count = 19
    FusedKernels.$areEnabled.withValue(isFused) {
      let layer = layer(3, 4, hasBias: hasBias)
      let input = Tensor.normal([count, 3], generator: Generator(seed: 2), dtype: .float64)
      let noise = Noise.frozen(seed: 3)
      let rows = noise.during {
        (0..<count).map { layer(input.narrowed(axis: 0, from: $0, length: 1)) }
      }
      expectClose(
        noise.during { layer(input) }, Tensor.concatenated(rows, axis: 0), relative: 1e-12,
        absolute: 1e-12)
      noise.during { expectGradientsByDifferences(layer, at: input, "NoisyLinear") }
    }
  }

  @Test("The kernel for many rows gives what the operators give, which differentiate twice")
  func kernel() {
    let layer = layer(32, 20)
    let input = Tensor.normal([24, 32], generator: Generator(seed: 2), dtype: .float64)
    let noise = Noise.frozen(seed: 3)
    let leaves = layer.parameters.map(\.value)
    func results(isFused: Bool) -> [Tensor] {
      FusedKernels.$areEnabled.withValue(isFused) {
        noise.during {
          let output = layer(input)
          return [output] + gradients(of: output.squared().sum(), withRespectTo: leaves)
        }
      }
    }
    for (fused, plain) in zip(results(isFused: true), results(isFused: false)) {
      expectClose(fused, plain, relative: 1e-11, absolute: 1e-11)
    }
    let second = FusedKernels.$areEnabled.withValue(false) {
      let first = gradients(
        of: noise.during { layer(input) }.squared().sum(), withRespectTo: leaves, createGraph: true)
      return gradients(of: first[0].squared().sum(), withRespectTo: [leaves[0]])[0]
    }
    #expect(second.absolute().maximum().item > 0)
  }

  @Test("The output is that of the noisy matrix, which one draw shares over the batch")
  func sharedMatrix() {
    let layer = layer(6, 4)
    let identity = Tensor.identity(6, dtype: .float64)
    let zero = Tensor.zeros([1, 6], dtype: .float64)
    let noise = Noise.frozen(seed: 5)
    // Read the matrix and the bias off the layer, then demand that any batch is mapped by them.
    let offset_O = noise.during { layer(zero) }
    let matrix_IO = noise.during { layer(identity) } - offset_O
    let input = Tensor.normal([7, 6], generator: Generator(seed: 6), dtype: .float64)
    expectClose(
      noise.during { layer(input) }, input.matrixProduct(matrix_IO) + offset_O, relative: 1e-12,
      absolute: 1e-12)
    // W + S ∘ (f(ε_O) f(ε_I)ᵀ): the difference to the mean has rank one where S is constant.
    let mean_IO = layer(identity) - layer(zero)
    let singular = (matrix_IO - mean_IO).singularValues().doubles
    #expect(singular[0] > 0.01)
    #expect(singular[1] < 1e-12 * singular[0])
    // The bias's deviation is multiplied by the same f(ε_O).
    let ratio = ((offset_O - layer(zero)) / (matrix_IO - mean_IO)[0].unsqueezed(axis: 0)).doubles
    for value in ratio { expectClose(value, ratio[0], relative: 1e-9) }
  }

  @Test("Without a scope the mean is used; a draw lasts for its scope and the next one differs")
  func scopes() {
    let layer = layer(6, 4)
    let input = Tensor.normal([2, 6], generator: Generator(seed: 6), dtype: .float64)
    let plain = Linear(weight: layer.weight, bias: layer.bias)
    #expect(layer(input).isIdentical(to: plain(input)))
    let generator = Generator(seed: 8)
    let first = Noise(from: generator)
    let once = first.during { layer(input) }
    #expect(first.during { layer(input) }.isIdentical(to: once))
    let second = Noise(from: generator).during { layer(input) }
    #expect(!second.isIdentical(to: once))
    #expect(!once.isIdentical(to: layer(input)))
    #expect(Noise.frozen(seed: 8).during { layer(input) }.isIdentical(to: once))
    let inner = first.during { Noise.absent { layer(input) } }
    #expect(inner.isIdentical(to: layer(input)))
  }

  @Test("Two layers of one draw have different noise")
  func independence() {
    let (one, other) = (layer(6, 4, seed: 1), layer(6, 4, seed: 1))
    let input = Tensor.normal([2, 6], generator: Generator(seed: 6), dtype: .float64)
    let (a, b) = Noise.frozen(seed: 1).during { (one(input), other(input)) }
    #expect(one(input).isIdentical(to: other(input)))
    #expect(!a.isIdentical(to: b))
  }

  @Test("Noise is sign(x) √|x| of a normal cut at ±2")
  func distribution() {
    let count = 40_000
    // W = 0, S = 1, one output: the output for unit input i is f(ε_O) f(ε_I), the bias's part f(ε_O).
    let layer = NoisyLinear(
      weight: Parameter(Tensor.zeros([1, count], dtype: .float64), role: .weight(fanIn: count)),
      deviation: Parameter(Tensor.ones([1, count], dtype: .float64), role: .noise), bias: nil,
      deviationBias: Parameter(Tensor.ones([1], dtype: .float64), role: .bias))
    let input = Tensor.ones([1, count], dtype: .float64).requiringGradient()
    let noise = Noise.frozen(seed: 4)
    let output = noise.during { layer(input) }
    let gradient = gradients(of: output.sum(), withRespectTo: [input])[0]
    let factor = noise.during { layer(Tensor.zeros([1, count], dtype: .float64)) }.item
    #expect(abs(factor) <= 2.0.squareRoot())
    let draws = (gradient / factor).doubles.map { $0 * abs($0) }
    #expect(draws.allSatisfy { abs($0) <= 2.000_001 })
    let mean = draws.reduce(0, +) / Double(count)
    let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
    // Of a normal cut at two deviations: 0.773741. Four standard errors are about 0.02.
    #expect(abs(mean) < 0.02)
    #expect(abs(variance - 0.773_741) < 0.02)
    let central = draws.filter { abs($0) < 1 }.count
    #expect(abs(Double(central) / Double(count) - 0.682_689 / 0.954_500) < 0.01)
  }

  @Test("First values are DQN Zoo's, and one scale group holds all four")
  func firstValues() {
    let layer = layer(100, 30)
    #expect(layer.weight.value.absolute().maximum().item <= 0.1)
    #expect(layer.weight.value.absolute().maximum().item > 0.099)
    for value in [layer.deviation.value, layer.deviationBias?.value].compactMap({ $0 }) {
      expectClose(value, Tensor.full(value.shape, value: 0.01, dtype: .float64))
    }
    #expect(layer.parameters.allSatisfy { $0.group == layer.weight.group })
    #expect(layer.deviation.role == .noise)
    let output = NoisyLinear(
      inputFeatures: 3, outputFeatures: 2, hasBias: false, isOutput: true,
      generator: Generator(seed: 1))
    #expect(output.parts.count == 3)
    #expect(output.weight.role == .output && output.deviation.role == .output)
    #expect(layer.droppingBias().parameters.count == 2)
  }
}
