import Networks
import TensorTestSupport
import Testing
import Torch

@Suite("Initializers draw what they say")
struct InitializerTests {
  /// Deviation and largest size of a (200, 300) matrix: fan in 300, fan out 200.
  static let cases: [(name: String, initializer: Initializer, deviation: Double, bound: Double)] = {
    let third = 3.0.squareRoot()
    func uniform(_ deviation: Double) -> (Double, Double) { (deviation, deviation * third) }
    func normal(_ deviation: Double) -> (Double, Double) { (deviation, .infinity) }
    let entries: [(String, Initializer, (Double, Double))] = [
      ("PyTorch's default", .uniformFanIn, uniform(1 / 900.0.squareRoot())),
      ("He normal", .he(.normal), normal((2 / 300.0).squareRoot())),
      ("He uniform", .he(.uniform), uniform((2 / 300.0).squareRoot())),
      ("He leaky", .he(.normal, negativeSlope: 0.5), normal((2 / 375.0).squareRoot())),
      ("Glorot normal", .glorot(.normal), normal((2 / 500.0).squareRoot())),
      ("Glorot uniform", .glorot(.uniform, gain: 2), uniform((8 / 500.0).squareRoot())),
      ("LeCun normal", .leCun(.normal), normal((1 / 300.0).squareRoot())),
      (
        "LeCun truncated", .leCun(.truncatedNormal),
        ((1 / 300.0).squareRoot(), 2 / 0.879_625_66 * (1 / 300.0).squareRoot())
      ),
      ("Normal", .normal(standardDeviation: 0.02), normal(0.02)),
      ("Truncated normal", .truncatedNormal(standardDeviation: 0.02), (0.02 * 0.879_625_66, 0.04)),
      ("Uniform", .uniform(bound: 0.3), (0.3 / third, 0.3)),
      ("Constant", .constant(0.25), (0, 0.25)), ("Zeros", .zeros, (0, 0)),
      ("Orthogonal", .orthogonal(gain: 1), normal((1 / 300.0).squareRoot())),
    ]
    return entries.map { ($0.0, $0.1, $0.2.0, $0.2.1) }
  }()

  @Test(
    "Deviation and bound are the formula's", arguments: cases.map(\.name),
    [DType.float32, .float64])
  func moments(name: String, dtype: DType) throws {
    let (_, initializer, deviation, bound) = try #require(Self.cases.first { $0.name == name })
    let drawn = initializer.tensor([200, 300], generator: Generator(seed: 8), dtype: dtype)
    #expect(drawn.dtype == dtype && drawn.shape == [200, 300])
    let mean = drawn.mean().item
    // 60,000 draws: the mean strays by deviation / 245, the deviation by a third of a percent.
    let center: Double = if case .constant(let value) = initializer { value } else { 0 }
    expectClose(mean, center, relative: 0, absolute: 5 * deviation / 245 + 1e-9, "mean")
    expectClose(
      drawn.standardDeviation().item, deviation, relative: 0.015, absolute: 1e-9, "deviation")
    let largest = drawn.absolute().maximum().item
    #expect(largest <= bound * (1 + 1e-6))
    if bound.isFinite { #expect(largest >= bound * 0.995, "the bound is not reached") }
  }

  @Test("A kernel's fans count its area")
  func kernelFans() {
    let drawn = Initializer.glorot(.normal).tensor([64, 32, 3, 3], generator: Generator(seed: 1))
    expectClose(
      drawn.standardDeviation().item, (2 / Double(9 * 96)).squareRoot(), relative: 0.02,
      absolute: 0)
  }

  @Test("Orthogonal: rows or columns are orthonormal, whichever are fewer")
  func orthogonal() {
    for shape in [[4, 9], [9, 4], [6, 2, 3, 1]] {
      let drawn = Initializer.orthogonal(gain: 3).tensor(
        shape, generator: Generator(seed: 2), dtype: .float64)
      let matrix = drawn.reshaped(to: [shape[0], -1])
      let isWide = matrix.shape[0] < matrix.shape[1]
      let products =
        isWide
        ? matrix.matrixProduct(matrix.transposed()) : matrix.transposed().matrixProduct(matrix)
      expectClose(
        products, Tensor.identity(products.shape[0], dtype: .float64) * 9, relative: 0,
        absolute: 1e-13)
    }
  }

  @Test("Equal generators draw the same, and float64 is drawn in float64")
  func determinism() {
    for (name, initializer, _, _) in Self.cases {
      let draws = (0..<2).map { _ in
        initializer.tensor([5, 7], generator: Generator(seed: 4))
      }
      #expect(draws[0].isIdentical(to: draws[1]), "\(name)")
    }
    let wide = Initializer.uniformFanIn.tensor(
      [5, 7], generator: Generator(seed: 4), dtype: .float64)
    #expect(!wide.isIdentical(to: wide.converted(to: .float32).converted(to: .float64)))
  }

  @Test("Biases follow the weight's fan in under PyTorch's default and are zero otherwise")
  func biases() {
    let generator = Generator(seed: 5)
    let bias = Initializer.uniformFanIn.bias(count: 5_000, fanIn: 16, generator: generator)
    let largest = bias.absolute().maximum().item
    #expect(largest <= 0.25 && largest > 0.249)
    #expect(
      Initializer.he(.normal).bias(count: 9, fanIn: 16, generator: generator).norm.item == 0)
  }
}
