import Networks
import Testing
import Torch

@Suite("Sequences")
struct SequentialTests {
  private func network(_ seed: UInt64 = 1) throws -> Sequential {
    try NetworkConfiguration.mlp([6, 5]).build(
      inputShape: [4], classes: 3, generator: Generator(seed: seed))
  }

  @Test("The outputs of all layers, one by one, end in the network's")
  func outputs() throws {
    let network = try network()
    let input = Tensor.normal([2, 4], generator: Generator(seed: 2))
    let outputs = network.outputs(input)
    #expect(
      outputs.map(\.name) == [
        "flatten", "hidden0", "activation0", "hidden1", "activation1", "output",
      ])
    #expect(try #require(outputs.last).output.isIdentical(to: network(input)))
    #expect(outputs[1].output.shape == [2, 6] && outputs[2].layer is ReLU)
  }

  @Test("Saved tensors that do not fit change nothing and are all named")
  func misfits() throws {
    let network = try network()
    var saved = Dictionary(
      uniqueKeysWithValues: network.namedTensors.map { ($0.name, $0.tensor + 1) })
    saved["hidden1.weight"] = Tensor.ones([5, 7])
    saved["output.bias"] = Tensor.ones([3], dtype: .float64)
    saved["hidden0.bias"] = nil
    saved["extra"] = Tensor.ones([1])
    let before = network.namedTensors.map { $0.tensor.cloned() }
    let error = #expect(throws: LoadingError.self) { try network.load(saved) }
    let problems = try #require(error).problems
    #expect(problems.count == 4)
    for name in ["hidden1.weight", "output.bias", "hidden0.bias", "extra"] {
      #expect(problems.contains { $0.hasPrefix(name) }, "\(problems)")
    }
    for (old, new) in zip(before, network.namedTensors) {
      #expect(old.isIdentical(to: new.tensor), "\(new.name)")
    }
  }

  @Test("A shared parameter is listed once, under its first name")
  func sharedParameters() {
    let shared = Linear(inputFeatures: 3, outputFeatures: 3, generator: Generator(seed: 1))
    let network = Sequential([.init("a", shared), .init("b", shared)])
    #expect(network.namedParameters.map(\.name) == ["a.weight", "a.bias"])
    #expect(network.parameterCount == 12)
  }

  @Test("Freezing leaves the trainable ones")
  func freezing() throws {
    let network = try network()
    network.parameters[0].isTrainable = false
    #expect(network.trainableParameters.count == network.parameters.count - 1)
    network.setTrainable(false)
    #expect(network.trainableParameters.isEmpty)
  }
}
