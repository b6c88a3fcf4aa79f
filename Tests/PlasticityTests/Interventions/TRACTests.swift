import Foundation
import Networks
import TensorTestSupport
import Testing
import Torch

@testable import Plasticity

@Suite("TRAC")
struct TRACTests {
  @Test(
    "erfi agrees with its integral and with tabled values",
    arguments: [0.0, 1e-9, 0.1, 0.5.squareRoot(), 1, 2.5, 5, 5.99, 6.01, 8, 20])
  func erfi(x: Double) {
    // Simpson's rule on exp(t² − x²), which stays small.
    let count = 200_000
    let step = x / Double(count)
    var sum = 0.0
    for index in 0...count {
      let t = Double(index) * step
      let weight = index == 0 || index == count ? 1.0 : (index % 2 == 0 ? 2 : 4)
      sum += weight * exp(t * t - x * x)
    }
    let expected = 2 / Double.pi.squareRoot() * sum * step / 3 * exp(x * x)
    let found = imaginaryErrorFunction(x)
    #expect(abs(found - expected) <= 1e-11 * abs(expected), "\(found) \(expected)")
    #expect(imaginaryErrorFunction(-x) == -found)
  }

  @Test("erfi of 1 is 1.6504257587975429 (Abramowitz & Stegun), and it is infinite far out")
  func tabled() {
    #expect(abs(imaginaryErrorFunction(1) - 1.6504257587975429) < 1e-15)
    #expect(imaginaryErrorFunction(30) == .infinity)
  }

  /// The algorithm on plain numbers: one parameter, gradient descent, loss `½ (θ − target)²`.
  private func reference(
    start: Double, target: Double, rate: Double, epsilon: Double, updates: Int
  ) -> [Double] {
    let discounts = TRAC().discounts
    var variances = discounts.map { _ in 0.0 }
    var sums = discounts.map { _ in epsilon }
    var theta = start
    var displacement = 0.0
    var path: [Double] = []
    for _ in 0..<updates {
      let gradient = theta - target
      let h = gradient * displacement
      displacement -= rate * gradient
      var scale = 0.0
      for (index, beta) in discounts.enumerated() {
        variances[index] = beta * beta * variances[index] + h * h
        sums[index] = beta * sums[index] - h
        scale +=
          epsilon / imaginaryErrorFunction(1 / 2.0.squareRoot())
          * imaginaryErrorFunction(
            sums[index] / (2.0.squareRoot() * variances[index].squareRoot() + epsilon))
      }
      theta = start + max(0, scale) * displacement
      path.append(theta)
    }
    return path
  }

  @Test("follows the algorithm on a quadratic, and gets there without a rate that fits")
  func quadratic() throws {
    let weight = Parameter(Tensor([2.0], shape: [1]), role: .weight(fanIn: 1))
    var bare = TRAC()
    bare.epsilon = 1e-4
    let named = [NamedParameter(name: "weight", parameter: weight)]
    var chain = InterventionSet([bare]).hookChain()
    try chain.begin(
      HookSite(
        network: Sequential([any Layer]()), parameters: named, generator: Generator(seed: 1),
        redrawn: { _ in Sequential([any Layer]()) }))
    var optimizer: any Optimizer = SGD(for: [weight])
    let expected = reference(start: 2, target: 5, rate: 0.01, epsilon: 1e-4, updates: 300)
    for (update, wanted) in expected.enumerated() {
      var moment = TrainingMoment(
        update: update, task: 0, updateInTask: update, parameters: named,
        gradients: [withoutGradients { weight.value.detached() - 5.0 }], learningRate: 0.01,
        optimizer: optimizer)
      try chain.afterGradients(&moment)
      optimizer = moment.optimizer
      try optimizer.step(
        UpdateRequest(
          parameters: [weight], gradients: moment.gradients, learningRate: moment.learningRate))
      moment.optimizer = optimizer
      try chain.afterUpdate(&moment)
      optimizer = moment.optimizer
      #expect(abs(weight.value.item - wanted) < 1e-9 * max(1, abs(wanted)), "\(update)")
    }
    let last = expected.suffix(50)
    #expect(last.allSatisfy { abs($0 - 5) < abs(2 - 5) }, "\(last)")
  }

  @Test("what others change lasts: the next scaled point starts from it")
  func external() throws {
    var run = try HookedRun(InterventionSet([TRAC()]).hookChain(), dtype: .float64)
    try run.advance(3)
    let weight = run.parameters[0].parameter
    withoutGradients { _ = weight.value.detached().addInPlace(0.5) }
    let moved = weight.value.detached().cloned()
    try run.advance(1)
    // The scale is still of the order of ε, so that training itself hardly moves anything.
    #expect(difference(weight.value, moved) < 1e-6)
  }
}
