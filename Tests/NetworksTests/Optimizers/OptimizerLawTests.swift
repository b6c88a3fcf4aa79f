import Networks
import TensorTestSupport
import Testing
import Torch

@Suite("Every optimizer keeps its laws")
struct OptimizerLawTests {
  @Test(
    "Bottom found, resumed bit for bit, types and frozen parameters kept, targetNorms kept or refused",
    arguments: [
      ("SGD", 0.1, OptimizerConfiguration(kind: .sgd)),
      ("SGD with momentum", 0.05, .init(kind: .sgd, momentum: 0.9)),
      ("SGD with Nesterov", 0.05, .init(kind: .sgd, momentum: 0.9, nesterov: true)),
      ("RMSProp", 0.02, .init(kind: .rmsprop)),
      ("RMSProp with momentum", 0.01, .init(kind: .rmsprop, momentum: 0.5)),
      ("Adam", 0.05, .init(kind: .adam)), ("AdamW", 0.05, .init(kind: .adamw)),
      ("Muon", 0.05, .init(kind: .muon, learningRate: 0.05, otherLearningRate: 0.05)),
      ("AdamH", 0.05, .init(kind: .adamh, learningRate: 0.05, otherLearningRate: 0.05)),
      ("MuonH", 0.05, .init(kind: .muonh, learningRate: 0.05, otherLearningRate: 0.05)),
    ])
  func laws(name: String, rate: Double, configuration: OptimizerConfiguration) throws {
    try expectOptimizerLaws(name, rate: rate, holdsNorms: configuration.kind.holdsNorms) {
      try configuration.make(for: $0)
    }
  }

  @Test("A request that does not fit is refused before anything changes")
  func mismatch() throws {
    let parameters = [Parameter(Tensor.ones([2]), role: .bias)]
    var optimizer = Adam(for: parameters)
    #expect(throws: OptimizerError.mismatch(state: 1, parameters: 1, gradients: 0, targetNorms: 0))
    {
      try optimizer.step(UpdateRequest(parameters: parameters, gradients: [], learningRate: 1))
    }
    #expect(throws: OptimizerError.mismatch(state: 1, parameters: 1, gradients: 1, targetNorms: 2))
    {
      try optimizer.step(
        UpdateRequest(
          parameters: parameters, gradients: [Tensor.ones([2])], learningRate: 1,
          targetNorms: [1, 1]))
    }
    #expect(optimizer.state.stepCount == 0)
    #expect(parameters[0].value.doubles == [1, 1])
  }

  @Test("Errors name the parameter")
  func errorsNameTheParameter() {
    let error = OptimizerError.zeroNorm(index: 1)
    #expect(error.description(names: ["a", "hidden0.weight"]).contains("hidden0.weight"))
    #expect(error.description.contains("parameter 1"))
  }

  @Test("The state of a copy is shared until it is copied by name")
  func copies() throws {
    let parameters = [Parameter(Tensor.ones([2]), role: .bias)]
    var optimizer = Adam(for: parameters)
    let kept = optimizer.state.copied()
    try optimizer.step(
      UpdateRequest(parameters: parameters, gradients: [Tensor.ones([2])], learningRate: 0.1))
    #expect(kept.slots[0].tensors[0]?.doubles == [0, 0])
    #expect(optimizer.state.slots[0].tensors[0]?.doubles != [0, 0])
  }

  @Test("State is saved under the parameter's name; a wrong one changes nothing")
  func savedNames() throws {
    let parameters = [Parameter(Tensor.ones([2]), role: .bias)]
    var optimizer = Adam(for: parameters)
    let names = optimizer.state.namedTensors(parameters: ["output.bias"]).map(\.name)
    #expect(
      names == [
        "step_count", "first_moment.output.bias",
        "second_moment.output.bias",
      ])
    var wrong = Dictionary(
      uniqueKeysWithValues: optimizer.state.namedTensors(parameters: ["output.bias"])
        .map { ($0.name, $0.tensor.adding(.integer(1))) })
    wrong["second_moment.output.bias"] = Tensor.ones([3])
    wrong["velocity.output.bias"] = Tensor.ones([2])
    do {
      try optimizer.state.load(wrong, parameters: ["output.bias"])
      Issue.record("a moment of another shape was loaded")
    } catch {
      #expect(error.problems.count == 2, "\(error)")
    }
    #expect(optimizer.state.stepCount == 0)
    #expect(optimizer.state.slots[0].tensors[0]?.doubles == [0, 0])
  }
}
