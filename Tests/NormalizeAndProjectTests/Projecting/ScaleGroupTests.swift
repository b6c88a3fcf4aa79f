import Networks
import NormalizeAndProject
import Testing
import Torch

@Suite("Parameters that are scaled together return to a joint norm")
struct ScaleGroupTests {
  let noisy = ScaleGroup()
  let norm = ScaleGroup()
  let bag: Bag

  init() {
    bag = Bag([
      "mean": .random([6, 4], role: .weight(fanIn: 4), group: noisy, seed: 1),
      "deviation": .random([6, 4], role: .noise, group: noisy, seed: 2),
      "bias": .random([6], role: .bias, group: noisy, seed: 3),
      "scale": Parameter(Tensor.ones([6], dtype: .float64), role: .scale, group: norm),
      "offset": Parameter(Tensor.zeros([6], dtype: .float64), role: .offset, group: norm),
    ])
  }

  func jointNorm(_ names: [String]) -> Double {
    names.map { bag[$0].norm }.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  @Test("A joint group keeps its members' ratio and returns to the joint initial norm")
  func jointGroup() throws {
    let nap = NaP(projection: Projection(roles: [.weight, .noise], grouping: .joint))
    let state = try ProjectionState(nap, parameters: bag.namedParameters)
    let members = ["mean", "deviation", "bias"]
    #expect(state.initialNorms.map(\.name) == members)
    let request = bag.request(joinedBy: state, update: 0)
    #expect(request.targetNorms.allSatisfy { $0 == nil })
    let initial = jointNorm(members)
    bag["mean"].scale(by: 3)
    bag["deviation"].scale(by: 0.5)
    let ratio = bag["mean"].norm / bag["deviation"].norm
    try state.apply(update: 0, learningRate: 0)
    #expect(abs(jointNorm(members) / initial - 1) < 1e-14)
    #expect(abs(bag["mean"].norm / bag["deviation"].norm / ratio - 1) < 1e-14)
  }

  @Test("Separate projection holds the ratio at its initial value instead")
  func separate() throws {
    let nap = NaP(projection: Projection(roles: [.weight, .noise]))
    let state = try ProjectionState(nap, parameters: bag.namedParameters)
    let initial = (bag["mean"].norm, bag["deviation"].norm, bag["bias"].norm)
    for name in ["mean", "deviation", "bias"] { bag[name].scale(by: name == "mean" ? 3 : 0.5) }
    try state.apply(update: 0, learningRate: 0)
    #expect(abs(bag["mean"].norm / initial.0 - 1) < 1e-14)
    #expect(abs(bag["deviation"].norm / initial.1 - 1) < 1e-14)
    #expect(abs(bag["bias"].norm / (0.5 * initial.2) - 1) < 1e-14)
  }

  @Test("Joint projection brings scale and offset to the square root of the features")
  func scaleAndOffset() throws {
    let nap = NaP(projection: .none, scaleAndOffset: .jointProjection)
    let state = try ProjectionState(nap, parameters: bag.namedParameters)
    bag["scale"].assign(.normal([6], generator: Generator(seed: 5), dtype: .float64))
    bag["offset"].assign(.normal([6], generator: Generator(seed: 6), dtype: .float64))
    let ratio = bag["scale"].norm / bag["offset"].norm
    try state.apply(update: 0, learningRate: 0)
    #expect(abs(jointNorm(["scale", "offset"]) - (6.0).squareRoot()) < 1e-14)
    #expect(abs(bag["scale"].norm / bag["offset"].norm / ratio - 1) < 1e-14)
    bag["scale"].scale(by: 0)
    bag["offset"].scale(by: 0)
    let error = #expect(throws: ProjectionError.self) {
      try state.apply(update: 1, learningRate: 0)
    }
    #expect(error?.description.contains("scale + offset") == true)
  }

  @Test("Decay draws scale and offset towards their initial values by rate times learning rate")
  func decay() throws {
    let nap = NaP(projection: .none, scaleAndOffset: .decay(rate: 10))
    let state = try ProjectionState(nap, parameters: bag.namedParameters)
    bag["scale"].assign(Tensor.full([6], value: 3, dtype: .float64))
    bag["offset"].assign(Tensor.full([6], value: -1, dtype: .float64))
    try state.apply(update: 0, learningRate: 0.01)
    #expect(relativeGap(bag["scale"].value.doubles, .init(repeating: 2.8, count: 6)) < 1e-15)
    #expect(relativeGap(bag["offset"].value.doubles, .init(repeating: -0.9, count: 6)) < 1e-15)
    try state.apply(update: 1, learningRate: 5)
    #expect(bag["scale"].value.doubles.allSatisfy { $0 == 1 }, "it never overshoots")
  }

  @Test("Free scales and offsets, and those of no treatment, are left alone")
  func free() throws {
    for treatment in [ScaleAndOffset.none, .free] {
      let nap = NaP(projection: .none, scaleAndOffset: treatment)
      let state = try ProjectionState(nap, parameters: bag.namedParameters)
      bag["scale"].assign(Tensor.full([6], value: 3, dtype: .float64))
      try state.apply(update: 0, learningRate: 1)
      #expect(bag["scale"].value.doubles.allSatisfy { $0 == 3 })
    }
  }
}
