import Foundation
import Networks
import NormalizeAndProject
import TensorTestSupport
import Testing
import Torch

@Suite("The examples for PyTorch and JAX train as we do")
struct PythonLoopTests {
  @Test("Twenty updates of Examples/pytorch/nap.py: the losses, weights, norms and angles are ours")
  func pytorch() throws {
    let goldens = try Goldens("python_loops", in: .module)
    let network = try normalized(
      TestNetwork.mlp([24, 20], activation: .relu), inputShape: [6],
      normalization: Normalization(.layer))
    let parameters = network.namedParameters
    #expect(
      parameters.map(\.name) == [
        "hidden0.weight", "hidden1.weight", "output.weight", "output.bias",
      ])
    for named in parameters { named.parameter.assign(try goldens["initial.\(named.name)"]) }
    let projection = try ProjectionState(.both, parameters: parameters)
    var optimizer = try OptimizerConfiguration(kind: .adam).make(for: parameters.map(\.parameter))
    let (input, labels) = (try goldens["input"], try goldens["labels"])
    let losses = try goldens["losses"].doubles
    #expect(losses.count == 20 && losses[19] < 0.5 * losses[0], "it learns")
    for (update, expected) in losses.enumerated() {
      let before = parameters.map { $0.parameter.value.detached() * 1 }
      let loss = network(input).crossEntropy(labels)
      #expect(abs(loss.item - expected) < 1e-12, "update \(update)")
      var request = UpdateRequest(
        parameters: parameters.map(\.parameter),
        gradients: gradients(of: loss, withRespectTo: parameters.map(\.parameter.value)),
        learningRate: 0.05)
      projection.join(&request, update: update)
      try optimizer.step(request)
      try projection.apply(after: request, update: update)
      guard update == losses.count - 1 else { continue }
      for (named, before) in zip(parameters, before) {
        let value = named.parameter.value.detached()
        #expect(gap(value, try goldens["final.\(named.name)"]) < 1e-12, "\(named.name)")
        guard named.name.hasPrefix("hidden") else { continue }
        let cosine = (before * value).sum().item / (before.norm.item * value.norm.item)
        #expect(abs(acos(cosine) - (try goldens["angle.\(named.name)"].doubles[0])) < 1e-9)
        #expect(abs(value.norm.item / before.norm.item - 1) < 1e-13)
      }
    }
  }
}
