import Networks
import Plasticity
import Testing
import Torch

@Suite struct DeadUnitsTests {
  @Test func `a dense unit is dead when it is zero on every probe`() {
    // Units: x, −x, −1 (always below zero), x − 10 (never above on these probes).
    let weight = Parameter(
      Tensor([1, -1, 0, 1] as [Float], shape: [4, 1]), role: .weight(fanIn: 1))
    let bias = Parameter(Tensor([0, 0, -1, -10] as [Float]), role: .bias)
    let network = Sequential([
      .init("hidden", Linear(weight: weight, bias: bias)), .init("activation", ReLU()),
    ])
    let both = DeadUnits.measure(network, probes: Tensor([1, -2, 3] as [Float], shape: [3, 1]))
    #expect(both.layers.map(\.dead) == [2] && both.layers.map(\.count) == [4])
    #expect(both.fraction == 0.5)
    let positive = DeadUnits.measure(network, probes: Tensor([1, 2] as [Float], shape: [2, 1]))
    #expect(positive.layers[0].dead == 3)
  }

  @Test func `a channel is dead when it is zero at every position of every probe`() {
    let weight = Parameter(
      Tensor([1, -1] as [Float], shape: [2, 1, 1, 1]), role: .weight(fanIn: 1))
    let network = Sequential([Convolution2D(weight: weight, bias: nil), ReLU()])
    var pixels = [Float](repeating: 1, count: 2 * 4)
    #expect(
      DeadUnits.measure(network, probes: Tensor(pixels, shape: [2, 1, 2, 2])).fraction == 0.5)
    // One pixel of one probe below zero brings the second channel to life.
    pixels[6] = -1
    #expect(DeadUnits.measure(network, probes: Tensor(pixels, shape: [2, 1, 2, 2])).fraction == 0)
  }

  @Test func `smooth activations have no dead units`() {
    let network = Sequential([
      Linear(inputFeatures: 2, outputFeatures: 3, generator: Generator(seed: 1)), Tanh(),
    ])
    #expect(DeadUnits.measure(network, probes: Tensor.ones([2, 2])).fraction == 0)
  }

  @Test func `norms are Frobenius norms, each and together`() {
    let norms = Norms([
      Tensor([3, 4] as [Float]), Tensor([1, 2, 2, 4] as [Float], shape: [2, 2]),
    ])
    #expect(norms.each == [5, 5])
    #expect(abs(norms.total - 50.0.squareRoot()) < 1e-12)
  }
}
