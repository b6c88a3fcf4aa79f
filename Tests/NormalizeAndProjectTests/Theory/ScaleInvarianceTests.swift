import Networks
import NormalizeAndProject
import Testing
import Torch

/// METHOD section 2, T1 to T5, in float64 with ε = 0.
@Suite("A normalized layer does not depend on its scale")
struct ScaleInvarianceTests {
  static let normalizations = [Normalization.exactLayer, .exactRMS]

  @Test(
    "T1: the gradient is orthogonal to a normalized weight, not to the output's",
    arguments: normalizations)
  func orthogonality(normalization: Normalization) throws {
    let problem = try Problem(normalization)
    for (named, gradient) in zip(problem.parameters, problem.gradients()) {
      let weight = named.parameter.value.detached()
      let cosine = (gradient * weight).sum().item / (gradient.norm.item * weight.norm.item)
      switch named.parameter.role {
      case .weight: #expect(abs(cosine) < 1e-15, "\(named.name)")
      case .output: #expect(abs(cosine) > 1e-2, "\(named.name)")
      default: break
      }
    }
  }

  @Test(
    "T2: scaling one layer by c divides its gradient by c and leaves the others",
    arguments: normalizations)
  func gradientScaling(normalization: Normalization) throws {
    let problem = try Problem(normalization)
    let before = problem.gradients()
    problem.hidden[0].scale(by: 3.7)
    for (index, (old, new)) in zip(before, problem.gradients()).enumerated() {
      #expect(gap(index == 0 ? new * 3.7 : new, old) < 1e-13, "\(problem.parameters[index].name)")
    }
    #expect(gap(problem.gradients()[0], before[0]) > 0.5)
  }

  @Test(
    "T3: gradient descent with c²η from cW is η from W; with cη it is not",
    arguments: normalizations)
  func descentStep(normalization: Normalization) throws {
    func lossAfter(scale: Double, rate: Double) throws -> Double {
      let problem = try Problem(normalization)
      for weight in problem.hidden { weight.scale(by: scale) }
      problem.descend(problem.rates(rest: 0.1) { _ in rate })
      return problem.loss
    }
    let reference = try lossAfter(scale: 1, rate: 0.1)
    #expect(abs(try lossAfter(scale: 3, rate: 0.9) - reference) < 1e-14)
    #expect(abs(try lossAfter(scale: 3, rate: 0.3) - reference) > 1e-5)
  }

  @Test("T4: a sign step of cη from cW is one of η from W", arguments: normalizations)
  func signStep(normalization: Normalization) throws {
    func lossAfter(scale: Double, rate: Double) throws -> Double {
      let problem = try Problem(normalization)
      for weight in problem.hidden { weight.scale(by: scale) }
      let gradients = problem.gradients()
      for (named, gradient) in zip(problem.parameters, gradients) {
        let isHidden = Projection.hiddenWeights.includes(named.parameter)
        named.parameter.assign(
          named.parameter.value.detached() - gradient.sign() * (isHidden ? rate : 0.01))
      }
      return problem.loss
    }
    let reference = try lossAfter(scale: 1, rate: 0.01)
    #expect(abs(try lossAfter(scale: 3, rate: 0.03) - reference) < 1e-14)
    #expect(abs(try lossAfter(scale: 3, rate: 0.01) - reference) > 1e-5)
  }

  @Test("T4: Adam follows from cW with rate cη if its ε is divided by c, and only then")
  func adam() throws {
    // Six updates of the hidden weights alone: the moments, which start at zero, scale with 1/c.
    func lossAfter(scale: Double, epsilon: Double) throws -> Double {
      let problem = try Problem()
      for weight in problem.hidden { weight.scale(by: scale) }
      var adam = Adam(for: problem.hidden, .init { $0.epsilon = epsilon })
      for _ in 0..<6 {
        let gradients = Array(problem.gradients().prefix(2))
        try adam.step(
          UpdateRequest(
            parameters: problem.hidden, gradients: gradients, learningRate: 0.01 * scale))
      }
      return problem.loss
    }
    let reference = try lossAfter(scale: 1, epsilon: 1e-3)
    #expect(abs(try lossAfter(scale: 4, epsilon: 1e-3 / 4) - reference) < 1e-12)
    #expect(abs(try lossAfter(scale: 4, epsilon: 1e-3) - reference) > 1e-6)
  }

  @Test(
    "T5: gradient descent lets a norm only grow, by the square of the step",
    arguments: normalizations)
  func normGrowth(normalization: Normalization) throws {
    let problem = try Problem(normalization)
    for _ in 0..<20 {
      let before = problem.hidden.map { $0.norm * $0.norm }
      let steps = problem.gradients().prefix(2).map { 0.3 * $0.norm.item }
      problem.descend(problem.rates(rest: 0.3) { _ in 0.3 })
      for (index, weight) in problem.hidden.enumerated() {
        let expected = before[index] + steps[index] * steps[index]
        #expect(abs(weight.norm * weight.norm / expected - 1) < 1e-14)
        #expect(weight.norm * weight.norm > before[index])
      }
    }
  }

  @Test("Projection leaves the function as it is, exactly at ε = 0")
  func functionIsUnchanged() throws {
    for (epsilon, range) in [(0.0, 0...1e-13), (1e-5, 1e-9...1e-2)] {
      let problem = try Problem(Normalization(epsilon: epsilon))
      let projection = try ProjectionState(.both, parameters: problem.parameters)
      for weight in problem.hidden { weight.scale(by: 0.2) }
      let before = problem.network(problem.input)
      try projection.apply(update: 0, learningRate: 0)
      #expect(range.contains(gap(problem.network(problem.input), before)), "ε = \(epsilon)")
    }
  }
}
