import Networks
import Plasticity
import TensorTestSupport
import Testing
import Torch

@Suite("Resets draw what they name anew, and nothing else")
struct ResetTests {
  /// Names that differ between a run with the method and one without, just after the first boundary's
  /// reset; and both runs.
  private func changed(
    _ methods: [any Intervention], updates: Int = 8
  ) throws -> (parameters: [String], moments: [String], run: HookedRun) {
    var run = try HookedRun(InterventionSet(methods).hookChain(), dtype: .float64)
    try run.advance(updates)
    let before = try run.state()
    var moment = TrainingMoment(
      update: updates, task: 1, updateInTask: 0, parameters: run.parameters, learningRate: 0,
      optimizer: run.optimizer)
    try run.hooks.atBoundary(&moment)
    run.optimizer = moment.optimizer
    let after = try run.state()
    let differing = zip(before.tensors, after.tensors).filter {
      !$0.tensor.isIdentical(to: $1.tensor)
    }.map(\.0.name)
    return (
      differing.filter { $0.hasPrefix("network.") }.map { String($0.dropFirst(8)) },
      differing.filter { $0.hasPrefix("optimizer.") }, run
    )
  }

  @Test("the head: the output layer's weight and bias, with their moments")
  func head() throws {
    let (parameters, moments, run) = try changed([HeadReset()])
    #expect(parameters == ["output.weight", "output.bias"])
    #expect(
      Set(moments) == [
        "optimizer.first_moment.output.weight", "optimizer.first_moment.output.bias",
        "optimizer.second_moment.output.weight", "optimizer.second_moment.output.bias",
      ])
    #expect(run.optimizer.state.stepCount == 8)
    let bound = 1 / 10.0.squareRoot()
    let weight = try #require(run.parameters.first { $0.name == "output.weight" })
    #expect(weight.parameter.value.absolute().maximum().item <= bound)
    for slot in run.optimizer.state.slots {
      #expect(slot.tensors[4]?.absolute().maximum().item == 0)
      #expect(try #require(slot.tensors[0]).absolute().maximum().item > 0)
    }
  }

  @Test("the last layers, as many as asked")
  func layers() throws {
    var method = LayerReset()
    #expect(
      try changed([method]).parameters == [
        "hidden1.weight", "hidden1.bias", "output.weight", "output.bias",
      ])
    method.layers = 1
    #expect(try changed([method]).parameters == ["output.weight", "output.bias"])
    method.layers = 4
    #expect {
      try changed([method])
    } throws: { "\($0)".contains("lower methods.reset-layers.layers") }
  }

  @Test("everything, with the optimizer's count of steps")
  func full() throws {
    let (parameters, _, run) = try changed([FullReset()])
    #expect(parameters == run.network.namedTensors.map(\.name))
    #expect(run.optimizer.state.stepCount == 0)
    for slot in run.optimizer.state.slots {
      #expect(slot.tensors.allSatisfy { $0?.absolute().maximum().item == 0 })
    }
  }

  @Test("a full reset at a boundary starts as any other network of that initializer does")
  func fresh() throws {
    let (_, _, run) = try changed([FullReset()])
    let bound = 1 / 6.0.squareRoot()
    let weight = run.parameters[0].parameter.value.detached()
    #expect(weight.absolute().maximum().item <= bound)
    #expect(weight.absolute().maximum().item > 0.9 * bound)
  }

  @Test("through an injected head its copies are reset alike, so that they stay equal")
  func injected() throws {
    for method in [HeadReset() as any Intervention, LayerReset(), FullReset()] {
      let (parameters, _, run) = try changed([method, PlasticityInjection()])
      #expect(parameters.contains("head.original.output.weight"), "\(method.name)")
      let head = try #require(run.network.elements.last?.layer as? InjectedHead)
      for (one, other) in zip(head.learning.namedTensors, head.frozen.namedTensors) {
        #expect(one.tensor.isIdentical(to: other.tensor), "\(method.name) \(one.name)")
      }
      #expect(
        !head.original.namedTensors[0].tensor.isIdentical(to: head.frozen.namedTensors[0].tensor))
    }
    var one = LayerReset()
    one.layers = 1
    let names = try changed([one, PlasticityInjection()]).parameters
    #expect(
      Set(names) == [
        "head.original.output.weight", "head.original.output.bias", "head.learning.output.weight",
        "head.learning.output.bias", "head.frozen.output.weight", "head.frozen.output.bias",
      ])
  }

  @Test("every so many updates instead of at boundaries")
  func periodic() throws {
    var method = HeadReset()
    method.everyUpdates = 5
    #expect(!method.knowsBoundaries && HeadReset().knowsBoundaries)
    var run = try HookedRun(InterventionSet([method]).hookChain(), dtype: .float64)
    try run.advance(4)
    let weight = try #require(run.parameters.first { $0.name == "output.weight" }).parameter
    let before = weight.value.detached().cloned()
    try run.advance(1)
    // More than an update of Adam at 1e-2 could move it.
    #expect(difference(weight.value, before) > 0.05)
    let after = weight.value.detached().cloned()
    try run.advance(4)
    #expect(difference(weight.value, after) < 0.05)
  }
}
