import Foundation
import Networks
import TensorTestSupport
import Testing
import Torch

@Suite("Optimizers are made as configured")
struct OptimizerConfigurationTests {
  private let parameters = [Parameter(Tensor.ones([2]), role: .bias)]

  private static func muon(_ change: (inout MuonSettings) -> Void) -> MuonSettings {
    var settings = MuonSettings()
    change(&settings)
    return settings
  }

  @Test("Each kind makes its optimizer, with the state it needs")
  func kinds() throws {
    let expected: [(OptimizerConfiguration, [String])] = [
      (.init(kind: .sgd), []), (.init(kind: .sgd, momentum: 0.9), ["velocity"]),
      (.init(kind: .rmsprop), ["square_average"]),
      (.init(kind: .rmsprop, momentum: 0.5), ["square_average", "velocity"]),
      (.init(kind: .adam), ["first_moment", "second_moment"]),
      (.init(kind: .adamw), ["first_moment", "second_moment"]),
      (.init(kind: .adamh), ["first_moment", "second_moment"]),
      (.init(kind: .muon), ["momentum", "first_moment", "second_moment"]),
      (.init(kind: .muonh), ["momentum", "first_moment", "second_moment"]),
    ]
    for (configuration, slots) in expected {
      #expect(try configuration.make(for: parameters).state.slots.map(\.name) == slots)
    }
    let adamW = try OptimizerConfiguration(kind: .adamw).make(for: parameters)
    #expect((adamW as? Adam)?.isDecoupled == true)
    let muonH = try OptimizerConfiguration(kind: .muonh).make(for: parameters)
    #expect((muonH as? Muon)?.holdsNorms == true)
  }

  @Test("A configuration survives encoding; an absent clip stays absent")
  func coding() throws {
    for clip in [nil, 10.0] {
      var configuration = OptimizerConfiguration.rainbow
      configuration.gradientClip = clip
      let data = try JSONEncoder().encode(configuration)
      #expect(try JSONDecoder().decode(OptimizerConfiguration.self, from: data) == configuration)
    }
  }

  @Test("Settings of hidden matrices are in the text of the kinds that use them alone")
  func matrixSettings() throws {
    for kind in OptimizerConfiguration.Kind.allCases {
      var configuration = OptimizerConfiguration(kind: kind)
      let usesMuon = [.muon, .muonh].contains(kind)
      if kind.treatsMatricesApart { configuration.otherLearningRate = 0.25 }
      if usesMuon { configuration.muon.momentum = 0.5 }
      let data = try JSONEncoder().encode(configuration)
      #expect(try JSONDecoder().decode(OptimizerConfiguration.self, from: data) == configuration)
      let text = String(decoding: data, as: UTF8.self)
      #expect(text.contains("otherLearningRate") == kind.treatsMatricesApart, "\(kind)")
      #expect(text.contains("iterations") == usesMuon, "\(kind)")
    }
  }

  @Test("Text of earlier versions, with the settings of every kind, reads as the kind alone")
  func oldText() throws {
    for kind in OptimizerConfiguration.Kind.allCases {
      let old = """
        {"beta1":0.8,"beta2":0.95,"epsilon":1e-07,"gradientClip":3,"kind":"\(kind.rawValue)",\
        "learningRate":0.002,"momentum":0.7,"nesterov":true,"smoothing":0.9,"weightDecay":0.25}
        """
      let read = try JSONDecoder().decode(OptimizerConfiguration.self, from: Data(old.utf8))
      var expected = OptimizerConfiguration(kind: kind, learningRate: 0.002, gradientClip: 3)
      if kind == .sgd { expected.nesterov = true }
      if [.sgd, .rmsprop].contains(kind) { expected.momentum = 0.7 }
      if kind == .rmsprop { expected.smoothing = 0.9 }
      if kind != .sgd { expected.epsilon = 1e-7 }
      if ![.sgd, .rmsprop].contains(kind) { (expected.beta1, expected.beta2) = (0.8, 0.95) }
      if !kind.holdsNorms { expected.setWeightDecay(0.25) }
      #expect(read == expected, "\(kind)")
      let again = try JSONDecoder().decode(
        OptimizerConfiguration.self, from: JSONEncoder().encode(read))
      #expect(again == read, "\(kind)")
    }
  }

  @Test("A setting that a rule lacks stops; another rule takes over what it has, too")
  func kindChanges() async {
    var configuration = OptimizerConfiguration(kind: .adam, beta1: 0.5, weightDecay: 0.1)
    configuration.kind = .adamh
    #expect(configuration == OptimizerConfiguration(kind: .adamh, beta1: 0.5))
    configuration.kind = .sgd
    #expect(configuration == OptimizerConfiguration(kind: .sgd))
    await #expect(processExitsWith: .failure) {
      _ = OptimizerConfiguration(kind: .adam, momentum: 0.9)
    }
  }

  @Test("A value that cannot be used names its field")
  func refusals() {
    let unusable: [(OptimizerConfiguration, String)] = [
      (.init(learningRate: -1), "optimizer.learningRate"),
      (.init(learningRate: .nan), "optimizer.learningRate"),
      (.init(kind: .adam, beta1: 1), "optimizer.beta1"),
      (.init(kind: .adam, beta2: -0.1), "optimizer.beta2"),
      (.init(kind: .rmsprop, smoothing: 1.5), "optimizer.smoothing"),
      (.init(kind: .adam, epsilon: .infinity), "optimizer.epsilon"),
      (.init(kind: .adam, weightDecay: -1), "optimizer.weightDecay"),
      (.init(kind: .sgd, nesterov: true), "optimizer.momentum"),
      (.init(gradientClip: 0), "optimizer.gradientClip"),
      (.init(kind: .adamh, learningRate: 0), "optimizer.learningRate"),
      (.init(kind: .muon, otherLearningRate: -1), "optimizer.otherLearningRate"),
      (.init(kind: .muonh, muon: Self.muon { $0.momentum = 1 }), "optimizer.muon.momentum"),
      (.init(kind: .muon, muon: Self.muon { $0.iterations = 0 }), "optimizer.muon.iterations"),
    ]
    for (configuration, option) in unusable {
      let error = #expect(throws: ConfigurationError.self) {
        try configuration.make(for: parameters)
      }
      #expect(error?.option == option)
    }
  }

  @Test(
    "A step clips by the joint norm of all gradients, by loops and by operators",
    arguments: [DType.float64, .float32, .bfloat16])
  func clippedStep(dtype: DType) throws {
    let parameters = [3, 4].map { _ in
      Parameter(Tensor.ones([1], dtype: dtype), role: .bias)
    }
    var optimizer = SGD(for: parameters)
    try optimizer.step(
      UpdateRequest(
        parameters: parameters, gradients: [3.0, 4].map { Tensor([$0], dtype: dtype) },
        learningRate: 1, gradientClip: 2))
    // By 2 / 5 together.
    let tolerance = dtype == .bfloat16 ? 0.01 : 1e-6
    expectClose(parameters[0].value.detached(), Tensor([-0.2]), absolute: tolerance)
    expectClose(parameters[1].value.detached(), Tensor([-0.6]), absolute: tolerance)
    let types = [dtype, .float32]
    let mixed = zip([3.0, 4], types).map { Tensor([$0], dtype: $1) }
    expectClose(FusedOperators.clipScale(of: mixed, limit: 2).item, 0.4, absolute: 1e-12)
  }

  @Test("The global norm is that of all gradients, and scales only what is too long")
  func globalNorm() {
    let gradients = [Tensor([3.0, 0.0]), Tensor([4.0], dtype: .float32)]
    let norm = GlobalNorm(of: gradients)
    #expect(norm.value == 5)
    #expect(norm.scale(limit: 5) == 1 && norm.scale(limit: 7) == 1)
    expectClose(norm.scale(limit: 2), 0.4, absolute: 1e-15)
    for limit in [2, 5, 7] as [Double] {
      let own = [gradients[0], gradients[1].converted(to: .float64)]
      #expect(FusedOperators.clipScale(of: own, limit: limit).item == norm.scale(limit: limit))
    }
    #expect(GlobalNorm(of: [Tensor([Double.nan])]).scale(limit: 1).isNaN)
    #expect(GlobalNorm(of: [Tensor([Double.infinity])]).scale(limit: 1) == 0)
    // Squares of float32 numbers this large do not fit in float32.
    expectClose(
      GlobalNorm(of: [Tensor.full([4], value: 1e30)]).value, 2e30, relative: 1e-6, absolute: 0)
  }
}
