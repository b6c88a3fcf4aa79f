import Networks
import TensorTestSupport
import Testing
import Torch

@testable import Plasticity

@Suite("Dormant units and their recycling")
struct ReDoTests {
  @Test("the score is a unit's mean magnitude by the layer's mean; a silent layer scores zero")
  func score() {
    // Three units over two inputs, then two channels over positions.
    let outputs = Tensor([1.0, 0, 4, 3, 0, 4], shape: [2, 3])
    let scores = DormantUnits.scores(DormantUnits.meanMagnitudes(of: outputs)).doubles
    #expect(zip(scores, [1.0, 0, 2]).allSatisfy { abs($0 - $1) < 1e-15 })
    let image = Tensor([1.0, -1, 2, -2, 0, 0, 1, 1], shape: [1, 2, 2, 2])
    let channels = DormantUnits.scores(DormantUnits.meanMagnitudes(of: image)).doubles
    #expect(zip(channels, [1.5, 0.5]).allSatisfy { abs($0 - $1) < 1e-15 })
    let silent = Tensor.zeros([4, 3], dtype: .float64)
    #expect(
      DormantUnits.scores(DormantUnits.meanMagnitudes(of: silent)).doubles == [0, 0, 0])
  }

  @Test("measuring counts every activation layer, and changes nothing")
  func measure() throws {
    let network = try NetworkConfiguration(.cnn).build(
      inputShape: [3, 8, 8], classes: 4, generator: Generator(seed: 1))
    let probes = Tensor.normal([5, 3, 8, 8], generator: Generator(seed: 2))
    let before = network.parameters.map { $0.value.detached().cloned() }
    let found = DormantUnits.measure(network, probes: probes)
    #expect(found.layers.map(\.scores.count) == [32, 32, 32, 256])
    for layer in found.layers {
      #expect(abs(layer.scores.reduce(0, +) / Double(layer.scores.count) - 1) < 1e-5)
    }
    #expect(found.fraction(threshold: 1e9) == 1 && found.fraction(threshold: -1) == 0)
    let half = found.layers.reduce(0) { $0 + $1.dormantCount(threshold: 1) }
    #expect(half > 0 && half < 352)
    #expect(zip(network.parameters, before).allSatisfy { $0.value.isIdentical(to: $1) })
  }

  private func run(
    _ method: ReDo, _ kind: NetworkConfiguration, shape: [Int], seed: UInt64 = 3
  ) throws -> HookedRun {
    try HookedRun(
      InterventionSet([method]).hookChain(), network: kind, inputShape: shape, dtype: .float64,
      seed: seed)
  }

  /// A run whose unit 1 of the first hidden layer is dead before the first update.
  private func withDeadUnit(
    _ kind: NetworkConfiguration, shape: [Int], seed: UInt64
  ) throws -> HookedRun {
    var method = ReDo()
    method.threshold = 0
    method.everyUpdates = 4
    let run = try run(method, kind, shape: shape, seed: seed)
    let weight = run.parameters[0].parameter
    let bias = run.parameters[1].parameter
    withoutGradients {
      _ = weight.value.detached()[1].zeroInPlace()
      _ = bias.value.detached()[1].fillInPlace(with: -1)
    }
    return run
  }

  @Test(
    "a dead unit gets incoming weights, no bias, no outgoing weights and no moments; others keep theirs"
  )
  func dense() throws {
    var run = try withDeadUnit(.mlp([5, 4]), shape: [6], seed: 1)
    let weight = run.parameters[0].parameter
    try run.advance(3)
    #expect(weight.value[1].absolute().maximum().item == 0)
    var twin = try HookedRun(
      HookChain(), network: .mlp([5, 4]), inputShape: [6], dtype: .float64, seed: 1)
    var without = try run.state()
    without.tensors.removeAll { $0.name.hasPrefix("methods") }
    without.values = without.values.filter { !$0.key.hasPrefix("methods") }
    try twin.restore(without)
    try run.advance(1)
    try twin.advance(1)
    #expect((run.hooks.hooks[0] as? DormantUnitRecycler)?.memory.recycledCount == 1)
    let recycled = weight.value.detached()[1]
    #expect(recycled.absolute().minimum().item > 0)
    #expect(recycled.absolute().maximum().item <= 1 / 6.0.squareRoot())
    #expect(run.parameters[1].parameter.value[1].item == 0)
    let outgoing = run.parameters[2].parameter.value.detached()
    #expect(outgoing.selected(axis: 1, at: 1).absolute().maximum().item == 0)
    for slot in run.optimizer.state.slots {
      let tensors = slot.tensors.compactMap { $0 }
      #expect(tensors[0][1].absolute().maximum().item == 0)
      #expect(tensors[1][1].item == 0)
      #expect(tensors[2].selected(axis: 1, at: 1).absolute().maximum().item == 0)
      #expect(tensors[0][0].absolute().maximum().item > 0)
    }
    // Everything else is as without the method: the dead unit contributed nothing.
    for (one, other) in zip(run.parameters, twin.parameters) {
      let left = one.parameter.value.detached()
      let right = other.parameter.value.detached()
      for row in 0..<left.shape[0] {
        for column in 0..<(left.dimensionCount > 1 ? left.shape[1] : 1) {
          let isIncoming =
            ["hidden0.weight", "hidden0.bias"].contains(one.name) && row == 1
          let isOutgoing = one.name == "hidden1.weight" && column == 1
          guard !isIncoming, !isOutgoing else { continue }
          let a = left.dimensionCount > 1 ? left[row][column].item : left[row].item
          let b = right.dimensionCount > 1 ? right[row][column].item : right[row].item
          #expect(a == b, "\(one.name) \(row) \(column)")
        }
      }
    }
  }

  @Test("a weight between two recycled units is zero: cutting off comes after drawing")
  func between() throws {
    var method = ReDo()
    method.threshold = 1e9
    method.everyUpdates = 4
    var run = try run(method, .mlp([5, 4]), shape: [6])
    try run.advance(4)
    #expect(run.parameters[2].name == "hidden1.weight")
    #expect(run.parameters[2].parameter.value.absolute().maximum().item == 0)
    #expect(run.parameters[0].parameter.value.absolute().maximum().item > 0)
  }

  @Test("a dead channel is one unit, and a flatten spreads it over its positions")
  func convolutional() throws {
    var kind = NetworkConfiguration(.cnn)
    kind.channels = [3]
    kind.kernels = [3]
    kind.strides = [1]
    kind.hidden = [5]
    var run = try withDeadUnit(kind, shape: [2, 4, 4], seed: 2)
    try run.advance(4)
    #expect(run.parameters[0].parameter.value[1].absolute().minimum().item > 0)
    let outgoing = run.parameters[2].parameter.value.detached()
    #expect(outgoing.shape == [5, 48])
    let zeroed = (0..<48).filter {
      outgoing.selected(axis: 1, at: $0).absolute().maximum().item == 0
    }
    #expect(zeroed == Array(16..<32))
  }

  @Test("with a concatenated rectifier both halves of a unit are cleared")
  func concatenated() throws {
    var redo = ReDo()
    redo.threshold = 0.0
    redo.everyUpdates = 2
    var crelu = CReLUMethod()
    crelu.equalParameters = false
    var run = try HookedRun(
      InterventionSet([redo, crelu]).hookChain(), network: .mlp([5, 4]),
      inputShape: [6], dtype: .float64)
    withoutGradients {
      for place in [0, 1] { _ = run.parameters[place].parameter.value.detached()[1].zeroInPlace() }
      // Zero outgoing weights let no gradient in either.
      for column in [1, 6] {
        _ = run.parameters[2].parameter.value.detached().selected(axis: 1, at: column)
          .zeroInPlace()
      }
    }
    try run.advance(1)
    let outgoing = run.parameters[2].parameter.value.detached()
    #expect(outgoing.shape == [4, 10])
    // The first update gives the outgoing weights no gradient either: the unit is silent.
    try run.advance(1)
    for column in [1, 6] {
      #expect(outgoing.selected(axis: 1, at: column).absolute().maximum().item == 0)
    }
    #expect(run.parameters[0].parameter.value[1].absolute().minimum().item > 0)
  }

  @Test("the output layer is never recycled, whatever the threshold")
  func output() throws {
    var method = ReDo()
    method.threshold = 1e9
    method.everyUpdates = 1
    var run = try run(method, .mlp([5, 4]), shape: [6])
    let bias = run.parameters[5].parameter
    try run.advance(3)
    #expect(run.parameters[5].name == "output.bias")
    #expect(bias.value.absolute().minimum().item > 0)
    #expect(run.parameters[4].parameter.value.absolute().maximum().item == 0)
  }

  @Test("a network without hidden units, or that is no sequence, is refused with what is missing")
  func refused() {
    #expect {
      try run(ReDo(), .mlp([]), shape: [6])
    } throws: { "\($0)".contains("redo needs hidden units") }
    struct Bag: Module { var parts: [Part] { [] } }
    #expect {
      var chain = InterventionSet([ReDo()]).hookChain()
      try chain.begin(
        HookSite(
          network: Bag(), parameters: [], generator: Generator(seed: 1), redrawn: { _ in Bag() }))
    } throws: { "\($0)".contains("redo needs a network that is a Sequential") }
  }

  @Test("a unit in front of an injected head is cut off from each of its copies")
  func injected() throws {
    var redo = ReDo()
    redo.threshold = 1e9
    redo.everyUpdates = 5
    var injection = PlasticityInjection()
    injection.atUpdate = 3
    var run = try HookedRun(
      InterventionSet([redo, injection]).hookChain(), network: .mlp([5, 4]), inputShape: [6],
      dtype: .float64)
    try run.advance(5)
    let names = ["original", "learning", "frozen"].map { "head.\($0).hidden1.weight" }
    let readers = run.network.namedTensors.filter { names.contains($0.name) }
    #expect(readers.count == 3)
    #expect(readers.allSatisfy { $0.tensor.absolute().maximum().item == 0 })
  }
}
