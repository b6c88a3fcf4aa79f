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
      (
        "AdamW with decay on weights", 0.05,
        .init(kind: .adamw, weightDecay: 1e-3, decayed: .weights)
      ),
      ("Muon", 0.05, .init(kind: .muon, learningRate: 0.05, otherLearningRate: 0.05)),
      ("AdamH", 0.05, .init(kind: .adamh, learningRate: 0.05, otherLearningRate: 0.05)),
      ("MuonH", 0.05, .init(kind: .muonh, learningRate: 0.05, otherLearningRate: 0.05)),
    ])
  func laws(name: String, rate: Double, configuration: OptimizerConfiguration) throws {
    try expectOptimizerLaws(name, rate: rate, holdsNorms: configuration.kind.holdsNorms) {
      try configuration.make(for: $0)
    }
  }

  private static let roles: [ParameterRole] = [
    .weight(fanIn: 3), .output, .noise, .residualOutput, .attentionLogit, .bias, .scale, .offset,
    .embedding,
  ]

  @Test(
    "Decay on weights leaves biases, scales, offsets and embeddings, and every other update is the same",
    arguments: [OptimizerConfiguration.Kind.sgd, .rmsprop, .adam, .adamw, .muon])
  func decayByRole(kind: OptimizerConfiguration.Kind) throws {
    /// What four updates do to one parameter of each role.
    func trained(_ decay: Double, _ decayed: DecayedParameters) throws -> [Tensor] {
      let draws = Generator(seed: 5)
      let parameters = Self.roles.map {
        Parameter(Tensor.normal([2, 3], generator: draws, dtype: .float64), role: $0)
      }
      var optimizer = try OptimizerConfiguration(
        kind: kind, weightDecay: decay, decayed: decayed
      ).make(for: parameters)
      for _ in 0..<4 {
        let gradients = parameters.map { _ in
          Tensor.normal([2, 3], generator: draws, dtype: .float64)
        }
        // Scale and offset have a joint norm, which is restored after both runs.
        try optimizer.step(
          UpdateRequest(
            parameters: parameters, gradients: gradients, learningRate: 0.1,
            jointTargetNorms: [JointTargetNorm(members: [6, 7], radius: 2)]))
      }
      return parameters.map { $0.value.detached() }
    }
    let (none, all) = (try trained(0, .all), try trained(0.3, .all))
    let weights = try trained(0.3, .weights)
    for (index, role) in Self.roles.enumerated() {
      let expected = DecayedParameters.weights.includes(role) ? all : none
      expectClose(weights[index], expected[index], relative: 1e-14, absolute: 1e-14, "\(role)")
      #expect(!none[index].isIdentical(to: all[index]), "\(role)")
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
