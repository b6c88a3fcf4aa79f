import Networks
import TensorTestSupport
import Testing
import Torch

@Suite struct ResidualNetworkTests {
  static func network(_ generator: Generator = Generator(seed: 1)) -> Sequential {
    .resNet18(
      inputShape: [3, 7, 7], channels: [4, 6], blocks: [1, 1], classes: 5,
      source: ParameterSource(generator: generator, dtype: .float64))
  }

  @Test func `training, running statistics and evaluation are PyTorch's`() throws {
    let goldens = try Goldens("residual", in: .module)
    let network = Self.network()
    for (index, parameter) in network.parameters.enumerated() {
      let value = try goldens["parameter.\(index)"]
      #expect(value.shape == parameter.value.shape)
      parameter.assign(value)
    }
    #expect(!goldens.names.contains("parameter.\(network.parameters.count)"))
    func gap(_ found: Tensor, _ name: String) throws -> Double {
      let expected = try goldens[name]
      return (found.detached() - expected).norm.item / expected.norm.item
    }
    var output = try goldens["x.0"]
    var input = output
    for batch in 0..<3 {
      input = try goldens["x.\(batch)"].requiringGradient()
      output = NormalizationStatistics.training.during { network(input) }
      #expect(try gap(output, "out.\(batch)") < 1e-12)
    }
    let parameters = network.parameters
    let found = gradients(
      of: (output * (try goldens["seed.2"])).sum(),
      withRespectTo: [input] + parameters.map(\.value))
    #expect(try gap(found[0], "grad") < 1e-11)
    for index in parameters.indices {
      #expect(try gap(found[index + 1], "grad_parameter.\(index)") < 1e-11)
    }
    for (index, buffer) in network.buffers.enumerated() {
      #expect(try gap(buffer.value, "buffer.\(index)") < 1e-13)
    }
    #expect(try gap(network(goldens["x.0"]), "evaluated") < 1e-12)
  }

  @Test func `only training moves the running statistics`() {
    let network = Self.network()
    let input = Tensor.normal([4, 3, 7, 7], generator: Generator(seed: 5), dtype: .float64)
    let before = network.buffers.map { $0.value.doubles }
    let evaluated = network(input)
    let batch = NormalizationStatistics.batch.during { network(input) }
    #expect(network.buffers.map { $0.value.doubles } == before)
    let trained = NormalizationStatistics.training.during { network(input) }
    #expect(trained.isIdentical(to: batch))
    #expect(!trained.isIdentical(to: evaluated))
    #expect(zip(network.buffers, before).allSatisfy { $0.value.doubles != $1 })
  }

  @Test func `the standard network has ResNet-18's 11,173,962 parameters for CIFAR-10`() throws {
    let configuration = NetworkConfiguration(.resnet18)
    let network = try configuration.build(
      inputShape: [3, 32, 32], classes: 10, generator: Generator(seed: 0))
    #expect(network.parameterCount == 11_173_962)
    let weights = network.parameters.filter { $0.value.dimensionCount > 1 }
    #expect(weights.count == 21)
    let count = weights.reduce(0) { $0 + $1.value.elementCount }
    #expect(configuration.leastWeightCount(inputShape: [3, 32, 32], classes: 10) <= Double(count))
    #expect(
      configuration.leastWeightCount(inputShape: [3, 32, 32], classes: 10) > 0.95 * Double(count))
    let output = network(Tensor.zeros([2, 3, 32, 32]))
    #expect(output.shape == [2, 10])
  }

  @Test func `a stem of stride 2 adds the original's pool`() throws {
    var configuration = NetworkConfiguration(.resnet18)
    configuration.channels = [4, 4]
    configuration.convolutions = [1, 1]
    configuration.kernels = [7]
    configuration.strides = [2]
    let network = try configuration.build(
      inputShape: [3, 64, 64], classes: 10, generator: Generator(seed: 0))
    let shapes = network.outputs(Tensor.zeros([1, 3, 64, 64])).map(\.output.shape)
    #expect(shapes[0] == [1, 4, 32, 32])
    #expect(shapes[3] == [1, 4, 16, 16])
    #expect(shapes.suffix(2) == [[1, 4], [1, 10]])
  }

  @Test(arguments: [
    ("network.convolutions", "[2]"), ("network.kernels", "[]"), ("network.strides", "[0]"),
    ("network.activation", "crelu"), ("network.channels", "[]"),
  ])
  func `a field that cannot be used is named`(field: String, found: String) {
    var configuration = NetworkConfiguration(.resnet18)
    switch field {
    case "network.convolutions": configuration.convolutions = [2]
    case "network.kernels": configuration.kernels = []
    case "network.strides": configuration.strides = [0]
    case "network.activation": configuration.activation = .crelu
    default: configuration.channels = []
    }
    let error = #expect(throws: ConfigurationError.self) {
      try configuration.build(inputShape: [3, 32, 32], classes: 10, generator: Generator(seed: 0))
    }
    #expect(error?.description.contains(field) == true)
    #expect(error?.description.contains(found) == true)
  }

  @Test func `leaves, traces and rewriting go into the branches in the order of running`() throws {
    let network = Self.network()
    let names = network.leaves.map(\.name)
    #expect(
      names.prefix(4) == [
        "convolution0", "normalization0", "activation0", "stage0-block0.body.convolution0",
      ])
    #expect(names.contains("stage1-block0.shortcut.convolution0"))
    #expect(Set(names).count == names.count)
    let input = Tensor.normal([2, 3, 7, 7], generator: Generator(seed: 5), dtype: .float64)
    var seen: [String] = []
    let output = network.traced(input) { leaf, _, _ in seen.append(leaf.name) }
    #expect(seen == names)
    #expect(output.isIdentical(to: network(input)))
    let same = network.replacingLeaves { [.init($0.element, $0.layer)] }
    #expect(same(input).isIdentical(to: output))
    #expect(same.namedParameters.map(\.name) == network.namedParameters.map(\.name))
    #expect(
      names.allSatisfy { name in
        network.namedTensors.map(\.name).contains { $0.hasPrefix(name + ".") }
          || network.leaves.contains { $0.name == name && $0.layer.parts.isEmpty }
      })
  }
}
