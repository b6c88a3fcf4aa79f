import Networks
import Plasticity
import Testing
import Torch

@Suite("Soft weight rescaling")
struct SoftWeightRescalingTests {
  private let inputs = Tensor.normal([5, 6], generator: Generator(seed: 2), dtype: .float64)

  private func linear(_ inputs: Int, _ outputs: Int, _ role: ParameterRole, _ seed: UInt64)
    -> Linear
  {
    let generator = Generator(seed: seed)
    return Linear(
      weight: Parameter(
        Tensor.normal([outputs, inputs], generator: generator, dtype: .float64), role: role),
      bias: Parameter(
        Tensor.normal([outputs], generator: generator.split("bias"), dtype: .float64), role: .bias))
  }

  private func network(_ normalizations: Int) -> Sequential {
    var layers: [any Layer] = [linear(6, 5, .weight(fanIn: 6), 1)]
    func norm(_ count: Int) -> LayerNorm {
      let norm = LayerNorm(shape: [count], epsilon: 0, dtype: .float64)
      for parameter in norm.parameters {
        parameter.assign(Tensor.normal([count], generator: Generator(seed: 9), dtype: .float64))
      }
      return norm
    }
    if normalizations > 1 { layers.append(norm(5)) }
    layers += [ReLU(), linear(5, 4, .weight(fanIn: 5), 2)]
    if normalizations > 0 { layers.append(norm(4)) }
    layers += [ReLU(), linear(4, 4, .weight(fanIn: 4), 3), ReLU(), linear(4, 3, .output, 4)]
    return Sequential(layers)
  }

  /// One rescaling after every parameter has grown, each by another factor; the outputs before and after it.
  private func outputs(
    _ network: Sequential, _ method: SoftWeightRescaling
  ) throws -> (before: Tensor, after: Tensor) {
    let parameters = network.trainableParameters
    var chain = InterventionSet([method]).hookChain()
    try chain.begin(
      HookSite(
        network: network, parameters: parameters, generator: Generator(seed: 1),
        redrawn: { _ in network }))
    withoutGradients {
      for (index, named) in parameters.enumerated() {
        _ = named.parameter.value.detached().multiplyInPlace(by: .real(1.5 + 0.25 * Double(index)))
      }
    }
    let before = withoutGradients { network(inputs) }
    var moment = TrainingMoment(
      update: 0, task: 0, updateInTask: 0, parameters: parameters, learningRate: 0.1,
      optimizer: SGD(for: parameters.map(\.parameter)))
    try chain.afterUpdate(&moment)
    return (before, withoutGradients { network(inputs) })
  }

  @Test(
    "leaves the outputs as they were but for one factor, with and without normalizations",
    arguments: [0, 1, 2])
  func proportional(normalizations: Int) throws {
    var method = SoftWeightRescaling()
    method.coefficient = 0.4
    method.outputCoefficient = 0.7
    let (before, after) = try outputs(network(normalizations), method)
    let ratio = withoutGradients { after / before }.doubles
    #expect(ratio[0] < 0.9 && ratio[0] > 0)
    #expect(ratio.allSatisfy { abs($0 / ratio[0] - 1) < 1e-12 }, "\(ratio)")
  }

  @Test("norms go a part of the way back, each layer's own, and with a part of one all of it")
  func norms() throws {
    for share in [0.25, 1] {
      var method = SoftWeightRescaling()
      method.coefficient = share
      method.outputCoefficient = share
      let network = network(0)
      let weights = network.parameters.filter { $0.value.dimensionCount > 1 }
      let initial = weights.map(\.norm)
      _ = try outputs(network, method)
      for (index, weight) in weights.enumerated() {
        // Weights stand at every second place among the parameters.
        let grown = initial[index] * (1.5 + 0.5 * Double(index))
        #expect(
          abs(weight.norm - (share * initial[index] + (1 - share) * grown)) < 1e-12 * grown)
      }
    }
  }

  @Test("a frozen layer and a layer of norm zero stay")
  func frozen() throws {
    let network = network(0)
    let first = network.parameters[0]
    let third = network.parameters[4]
    first.isTrainable = false
    third.assign(Tensor.zeros([4, 4], dtype: .float64))
    let before = first.value.detached().cloned()
    let parameters = network.namedParameters
    var chain = InterventionSet([SoftWeightRescaling()]).hookChain()
    try chain.begin(
      HookSite(
        network: network, parameters: parameters, generator: Generator(seed: 1),
        redrawn: { _ in network }))
    var moment = TrainingMoment(
      update: 0, task: 0, updateInTask: 0, parameters: parameters, learningRate: 0.1,
      optimizer: SGD(for: parameters.map(\.parameter)))
    try chain.afterUpdate(&moment)
    #expect(first.value.detached().isIdentical(to: before))
    #expect(third.value.absolute().maximum().item == 0)
  }
}
