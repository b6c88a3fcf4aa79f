import Networks
import NormalizeAndProject
import Testing
import Torch

/// METHOD section 2, T9 and T10.
@Suite("Scale and offset together, and the chance that a unit flips")
struct ScaleAndOffsetTests {
  /// How much the output changes when the first normalization's parameters are scaled.
  func change(_ activation: ActivationKind, scaling roles: [ParameterRole]) throws -> Double {
    let problem = try Problem(
      .exactLayer, activation: activation, scaleAndOffset: .jointProjection)
    for (index, parameter) in problem.network.parameters.enumerated()
    where [.scale, .offset].contains(parameter.role) {
      parameter.assign(
        TestNetwork.input(parameter.value.shape, seed: 40 + UInt64(index)) * 0.3
          + (parameter.role == .scale ? 1 : 0.2))
    }
    let before = problem.network(problem.input)
    let normalization = try #require(problem.network.elements.first { $0.layer is LayerNorm })
    for parameter in normalization.layer.parameters where roles.contains(parameter.role) {
      parameter.scale(by: 2.3)
    }
    return gap(problem.network(problem.input), before)
  }

  @Test("T9: σ and μ scale jointly without effect before ReLU; alone or before tanh they do not")
  func joint() throws {
    #expect(try change(.relu, scaling: [.scale, .offset]) < 1e-14)
    #expect(try change(.leakyRelu, scaling: [.scale, .offset]) < 1e-14)
    #expect(try change(.relu, scaling: [.scale]) > 1e-3)
    #expect(try change(.tanh, scaling: [.scale, .offset]) > 1e-3)
  }

  @Test("T9: projecting σ and μ jointly to √d leaves the function")
  func projected() throws {
    let problem = try Problem(.exactLayer, scaleAndOffset: .jointProjection)
    let nap = NaP(projection: .none, scaleAndOffset: .jointProjection)
    let state = try ProjectionState(nap, parameters: Array(problem.parameters.prefix(3)))
    let (scale, offset) = (problem.parameters[1].parameter, problem.parameters[2].parameter)
    #expect(scale.role == .scale && offset.role == .offset)
    scale.assign(TestNetwork.input([24], seed: 1) * 3)
    offset.assign(TestNetwork.input([24], seed: 2))
    let before = problem.network(problem.input)
    try state.apply(update: 0, learningRate: 0)
    let total = scale.norm * scale.norm + offset.norm * offset.norm
    #expect(abs(total - 24) < 1e-12)
    #expect(gap(problem.network(problem.input), before) < 1e-14)
  }

  @Test(
    "T10: a Gaussian step flips a unit with probability arctan(ησ/α²)/π", arguments: [1.0, 1.5])
  func flips(scale: Double) throws {
    // U units with D inputs each; the pre-activation of a unit and its change are Gaussian.
    let (unitCount, rate, deviation) = (400_000, 0.7, 1.0)
    let input_D = TestNetwork.input([4], seed: 50)
    let weights_UD = TestNetwork.input([unitCount, 4], seed: 51) * scale
    let gradients_UD = TestNetwork.input([unitCount, 4], seed: 52) * (deviation / scale)
    let before_U = weights_UD.matrixProduct(input_D)
    let after_U = (weights_UD - gradients_UD * rate).matrixProduct(input_D)
    let flipped = (before_U * after_U).less(than: 0.0).sum().item / Double(unitCount)
    let ratio = Tensor(rate * deviation / (scale * scale), dtype: .float64)
    let expected = ratio.arctangent().item / .pi
    // Four standard deviations of a share of 400,000 draws.
    let tolerance = 4 * (expected * (1 - expected) / Double(unitCount)).squareRoot()
    print("measured T10 at scale \(scale): \(flipped), expected \(expected)")
    #expect(abs(flipped - expected) < tolerance)
    if scale == 1 { #expect(abs(expected - 0.19440) < 1e-5) }
  }
}
