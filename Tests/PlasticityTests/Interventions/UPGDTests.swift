import Foundation
import Networks
import TensorTestSupport
import Testing
import Torch

@testable import Plasticity

@Suite("Utility-based perturbed gradient descent")
struct UPGDTests {
  private func expectClose(_ left: [Double], _ right: [Double]) {
    #expect(zip(left, right).allSatisfy { abs($0 - $1) < 1e-14 }, "\(left) \(right)")
    #expect(left.count == right.count)
  }

  /// One update of gradient descent at rate ½ on two parameters of two elements each.
  private func updated(
    _ method: UPGD, values: [[Double]], gradients: [[Double]]
  ) throws -> (parameters: [NamedParameter], site: HookSite) {
    let named = values.enumerated().map { index, values in
      NamedParameter(
        name: "weight\(index)",
        parameter: Parameter(Tensor(values, shape: [2]), role: .weight(fanIn: 2)))
    }
    let site = HookSite(
      network: Sequential([any Layer]()), parameters: named, generator: Generator(seed: 5),
      redrawn: { _ in Sequential([any Layer]()) })
    var hook = UtilityGate(configuration: method)
    hook.begin(site)
    var moment = TrainingMoment(
      update: 0, task: 0, updateInTask: 0, parameters: named,
      gradients: gradients.map { Tensor($0, shape: [2]) }, learningRate: 0.5,
      optimizer: SGD(for: named.map(\.parameter)))
    hook.afterGradients(&moment)
    try moment.optimizer.step(
      UpdateRequest(
        parameters: named.map(\.parameter), gradients: moment.gradients, learningRate: 0.5))
    hook.afterUpdate(&moment)
    return (named, site)
  }

  @Test(
    "each weight moves by what the gate of its utility lets through, the maximum taken over all")
  func gate() throws {
    var method = UPGD()
    method.utilityDecay = 0
    method.noise = 0
    method.decay = 0
    // Utilities -g W: 2, -1 and 4, 0; their maximum is 4.
    let (parameters, _) = try updated(
      method, values: [[1, 1], [-2, 0]], gradients: [[-2, 1], [2, 3]])
    func gate(_ utility: Double) -> Double { 1 - 1 / (1 + exp(-utility / 4)) }
    expectClose(
      parameters[0].parameter.value.doubles, [1 + 2 * gate(2), 1 - 1 * gate(-1)])
    // A weight of no utility takes the optimizer's own step, 0.5 * 3.
    expectClose(parameters[1].parameter.value.doubles, [-2 - 2 * gate(4), 0 - 1.5])
  }

  @Test(
    "noise of deviation rate times sigma goes through the same gate, another for each parameter")
  func noise() throws {
    var method = UPGD()
    method.utilityDecay = 0
    method.decay = 0
    method.factor = 1
    method.noise = 0.3
    let values = [[1.0, 1], [-2.0, 0.5]]
    let gradients = [[-2.0, 1], [2.0, 3]]
    let (noisy, site) = try updated(method, values: values, gradients: gradients)
    method.noise = 0
    let (still, _) = try updated(method, values: values, gradients: gradients)
    for (index, utilities) in [[2.0, -1], [4.0, -1.5]].enumerated() {
      let draw = site.parameters[index].normalNoise(site.generator.split("update-0")).doubles
      let moved = zip(
        noisy[index].parameter.value.doubles, still[index].parameter.value.doubles
      ).map { $0 - $1 }
      expectClose(
        moved, zip(draw, utilities).map { -0.5 * 0.3 * $0 * (1 - 1 / (1 + exp(-$1 / 4))) })
      #expect(draw.allSatisfy { $0 != 0 })
    }
  }

  @Test("the corrected mean is divided by the maximum of the means as they are")
  func correction() throws {
    var method = UPGD()
    method.utilityDecay = 0.75
    method.noise = 0
    method.decay = 0
    let (parameters, _) = try updated(
      method, values: [[1, 1], [-2, 0]], gradients: [[-2, 1], [2, 3]])
    // After one update the means are a quarter, and corrected they are whole again: 2 / (4 / 4).
    expectClose(
      parameters[0].parameter.value.doubles,
      [1 + 2 * (1 - 1 / (1 + exp(-2))), 1 - (1 - 1 / (1 + exp(1)))])
  }

  @Test("decay is not held back, and without any utility the step is the optimizer's")
  func decay() throws {
    var method = UPGD()
    method.noise = 0
    method.decay = 0.2
    let (parameters, _) = try updated(
      method, values: [[0, 0], [0, 0]], gradients: [[-2, 1], [2, 3]])
    expectClose(parameters[0].parameter.value.doubles, [1, -0.5])
    method.decay = 0.2
    let (idle, _) = try updated(
      method, values: [[1, -3], [2, 4]], gradients: [[0, 0], [0, 0]])
    expectClose(idle[0].parameter.value.doubles, [0.9, -2.7])
  }
}
