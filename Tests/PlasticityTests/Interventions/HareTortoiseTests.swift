import Networks
import TensorTestSupport
import Testing
import Torch

@testable import Plasticity

@Suite("Hare and tortoise")
struct HareTortoiseTests {
  private func hook(_ method: HareTortoise, updatesPerTask: Int?) -> SlowAverage {
    let network = Sequential([any Layer]())
    var hook = SlowAverage(configuration: method)
    hook.begin(
      HookSite(
        network: network, parameters: [], generator: Generator(seed: 1),
        updatesPerTask: updatesPerTask, redrawn: { _ in network }))
    return hook
  }

  @Test("the period is 7/10 of a task unless set, and the average reaches back over half of it")
  func defaults() {
    #expect(hook(HareTortoise(), updatesPerTask: 150).period == 105)
    #expect(hook(HareTortoise(), updatesPerTask: nil).period == 1_000)
    #expect(hook(HareTortoise(), updatesPerTask: nil).average == 0.998)
    #expect(abs(hook(HareTortoise(), updatesPerTask: 150).average - (1 - 2.0 / 105)) < 1e-15)
    var method = HareTortoise()
    method.everyUpdates = 40
    method.memory = 0.9
    #expect(hook(method, updatesPerTask: 150).period == 40)
    #expect(hook(method, updatesPerTask: 150).average == 0.9)
    method.everyUpdates = 1
    method.memory = nil
    #expect(hook(method, updatesPerTask: nil).average == 0)
  }

  @Test("buffers are averaged and returned with the parameters, and the optimizer's tensors stay")
  func buffers() throws {
    var method = HareTortoise()
    method.everyUpdates = 2
    method.memory = 0.5
    var network = NetworkConfiguration(.resnet18)
    network.channels = [4, 6]
    network.convolutions = [1, 1]
    var run = try HookedRun(
      InterventionSet([method]).hookChain(), network: network, inputShape: [2, 6, 6])
    var plain = try HookedRun(HookChain(), network: network, inputShape: [2, 6, 6])
    let start = run.network.namedTensors.map { $0.tensor.cloned() }
    try run.advance(1)
    try plain.advance(1)
    let first = plain.network.namedTensors.map { $0.tensor.cloned() }
    #expect(zip(run.network.namedTensors, first).allSatisfy { $0.tensor.isIdentical(to: $1) })
    try run.advance(1)
    try plain.advance(1)
    let second = plain.network.namedTensors
    for index in start.indices {
      let slow = withoutGradients { start[index] * 0.25 + first[index] * 0.25 }
      expectClose(
        run.network.namedTensors[index].tensor,
        withoutGradients { slow + second[index].tensor * 0.5 }, second[index].name)
    }
    for (one, other) in zip(run.optimizer.state.slots, plain.optimizer.state.slots) {
      for (left, right) in zip(one.tensors, other.tensors) {
        let (left, right) = (try #require(left), try #require(right))
        #expect(left.isIdentical(to: right))
      }
    }
  }
}
