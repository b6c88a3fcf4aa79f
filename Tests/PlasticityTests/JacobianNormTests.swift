import Networks
import Plasticity
import Testing
import Torch

@Suite struct JacobianNormTests {
  private let generator = Generator(seed: 5)

  private func mlp(isLearned: Bool = false) -> Sequential {
    Sequential([
      Linear(inputFeatures: 6, outputFeatures: 8, generator: generator.split("a"), dtype: .float64),
      LayerNorm(shape: [8], isLearned: isLearned, dtype: .float64), ReLU(),
      Linear(
        inputFeatures: 8, outputFeatures: 3, isOutput: true, generator: generator.split("b"),
        dtype: .float64),
    ])
  }

  private func cnn(groups: Int) -> Sequential {
    Sequential([
      Convolution2D(
        inputChannels: 4, outputChannels: 6, kernel: 3, stride: 2, padding: 1, groups: groups,
        generator: generator.split("c"), dtype: .float64),
      LayerNorm(axes: .last(3), dtype: .float64), ReLU(), Flatten(),
      Linear(
        inputFeatures: 6 * 9, outputFeatures: 3, isOutput: true, generator: generator.split("d"),
        dtype: .float64),
    ])
  }

  /// The definition, one backward pass per example and output.
  private func defined(_ network: Sequential, _ probes: Tensor) -> Double {
    FusedKernels.disabled {
      var total = 0.0
      for example in 0..<probes.shape[0] {
        let output = network(probes[example..<example + 1])
        for unit in 0..<output.shape[1] {
          let gradients = gradients(
            of: output[0][unit], withRespectTo: network.parameters.map(\.value), retainGraph: true)
          total += gradients.reduce(0) { $0 + $1.squared().sum().item }
        }
      }
      return (total / Double(probes.shape[0])).squareRoot()
    }
  }

  @Test func `the exact norm of a dense network is the definition's`() throws {
    let probes = Tensor.normal([5, 6], generator: generator.split("x"), dtype: .float64)
    let network = mlp()
    let exact = try #require(JacobianNorm.exact(network, probes: probes))
    #expect(abs(exact / defined(network, probes) - 1) < 1e-12)
  }

  @Test(arguments: [1, 2]) func `the exact norm of convolutions is the definition's`(
    groups: Int
  ) throws {
    let probes = Tensor.normal([3, 4, 5, 5], generator: generator.split("x"), dtype: .float64)
    let network = cnn(groups: groups)
    let exact = try #require(JacobianNorm.exact(network, probes: probes))
    #expect(abs(exact / defined(network, probes) - 1) < 1e-12)
  }

  @Test func `a learned gain counts, and the estimate nears the definition`() throws {
    let probes = Tensor.normal([4, 6], generator: generator.split("x"), dtype: .float64)
    let network = mlp(isLearned: true)
    let exact = try #require(JacobianNorm.exact(network, probes: probes))
    #expect(abs(exact / defined(network, probes) - 1) < 1e-12)
    let estimate = JacobianNorm.estimate(
      network, probes: probes, draws: 3_000, generator: generator.split("signs"))
    #expect(abs(estimate / exact - 1) < 0.03)
  }

  @Test func `a parameter in two layers takes the estimate`() {
    let probes = Tensor.normal([4, 6], generator: generator.split("x"), dtype: .float64)
    let shared = Linear(
      inputFeatures: 6, outputFeatures: 6, generator: generator.split("s"), dtype: .float64)
    let network = Sequential([shared, ReLU(), shared])
    #expect(JacobianNorm.exact(network, probes: probes) == nil)
    let measured = JacobianNorm.measure(
      network, probes: probes, draws: 3_000, generator: generator.split("signs"))
    #expect(measured.method == .hutchinson(draws: 3_000))
    #expect(abs(measured.value / defined(network, probes) - 1) < 0.05)
  }

  @Test func `measuring changes neither parameters nor what they give`() {
    let probes = Tensor.normal([4, 6], generator: generator.split("x"), dtype: .float64)
    let network = mlp()
    let before = network.namedTensors.map { $0.tensor.cloned() }
    let output = withoutGradients { network(probes) }
    _ = JacobianNorm.measure(network, probes: probes, generator: generator)
    _ = DeadUnits.measure(network, probes: probes)
    for (tensor, old) in zip(network.namedTensors.map(\.tensor), before) {
      #expect(tensor.isIdentical(to: old))
    }
    #expect(withoutGradients { network(probes) }.isIdentical(to: output))
  }
}
