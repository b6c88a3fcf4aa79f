import Networks
import NormalizeAndProject
import Testing
import Torch

@Suite("The initial norms live in the checkpoint")
struct ProjectionSavingTests {
  let nap = NaP(scaleAndOffset: .decay(rate: 1))
  let bag = Bag([
    "a.weight": .random([8, 5], role: .weight(fanIn: 5), seed: 1),
    "b.weight": .random([3, 8], role: .weight(fanIn: 8), seed: 2),
    "scale": .random([8], role: .scale, seed: 3),
  ])

  var saved: [String: Tensor] {
    get throws {
      let state = try ProjectionState(nap, parameters: bag.namedParameters)
      return Dictionary(uniqueKeysWithValues: state.savedTensors.map { ($0.name, $0.tensor) })
    }
  }

  @Test("A resumed projection returns to the norms of the first start, not of the restart")
  func restored() throws {
    let tensors = try saved
    #expect(
      tensors.keys.sorted() == [
        "initial_norm.a.weight", "initial_norm.b.weight", "initial_value.scale",
      ])
    #expect(tensors["initial_norm.a.weight"]?.dtype == .float64)
    let initial = bag["a.weight"].norm
    let scale = bag["scale"].value.doubles
    bag["a.weight"].scale(by: 2)
    bag["scale"].scale(by: 2)
    var resumed = try ProjectionState(nap, parameters: bag.namedParameters)
    try resumed.restore(tensors)
    try resumed.apply(update: 0, learningRate: 1)
    #expect(abs(bag["a.weight"].norm / initial - 1) < 1e-15)
    #expect(bag["scale"].value.doubles == scale)
    let again = Dictionary(uniqueKeysWithValues: resumed.savedTensors.map { ($0.name, $0.tensor) })
    for (name, tensor) in tensors {
      #expect(again[name]?.isIdentical(to: tensor) == true, "\(name)")
    }
  }

  @Test("What does not fit is refused by name, and nothing is taken")
  func refused() throws {
    var tensors = try saved
    tensors["initial_norm.a.weight"] = Tensor(5, dtype: .float64)
    tensors["initial_norm.b.weight"] = nil
    tensors["initial_norm.c.weight"] = Tensor(1, dtype: .float64)
    tensors["initial_value.scale"] = Tensor.zeros([3], dtype: .float64)
    var state = try ProjectionState(nap, parameters: bag.namedParameters)
    let before = state.initialNorms.map(\.norm)
    let error = #expect(throws: ProjectionError.self) { try state.restore(tensors) }
    for name in ["initial_norm.b.weight", "initial_norm.c.weight", "initial_value.scale"] {
      #expect(error?.description.contains(name) == true, "\(name)")
    }
    #expect(state.initialNorms.map(\.norm) == before)
    tensors = try saved
    tensors["initial_norm.a.weight"] = Tensor(.nan, dtype: .float64)
    #expect(throws: ProjectionError.self) { try state.restore(tensors) }
  }
}
