import Networks
import Plasticity
import TensorTestSupport
import Testing
import Torch

@Suite("Methods over whole runs are what PyTorch makes of them")
struct MethodGoldenTests {
  private static let rate = 0.05
  private let goldens: Goldens

  init() throws { goldens = try Goldens("methods", in: .module) }

  /// The goldens' network at their start: 6 - 5, a learned LayerNorm, ReLU, 4, ReLU, 3.
  private func network() throws -> Sequential {
    func start(_ name: String) throws -> Tensor { try goldens["start.\(name)"].cloned() }
    func linear(_ name: String, _ role: ParameterRole) throws -> Linear {
      Linear(
        weight: Parameter(try start("\(name).weight"), role: role),
        bias: Parameter(try start("\(name).bias"), role: .bias))
    }
    let norm = LayerNorm(shape: [5], dtype: .float64)
    try norm.scale?.assign(start("norm0.weight"))
    try norm.offset?.assign(start("norm0.bias"))
    return Sequential([
      .init("hidden0", try linear("hidden0", .weight(fanIn: 6))), .init("norm0", norm),
      .init("activation0", ReLU()), .init("hidden1", try linear("hidden1", .weight(fanIn: 5))),
      .init("activation1", ReLU()), .init("output", try linear("output", .output)),
    ])
  }

  /// The parameters after all of the goldens' updates.
  private func trained(
    _ methods: [any Intervention], optimizer make: ([Parameter]) -> any Optimizer = { SGD(for: $0) }
  ) throws -> (parameters: [NamedParameter], chain: HookChain) {
    let network = try network()
    let parameters = network.trainableParameters
    var chain = InterventionSet(methods).hookChain()
    try chain.begin(
      HookSite(
        network: network, parameters: parameters, generator: Generator(seed: 1),
        redrawn: { _ in network }))
    var optimizer = make(parameters.map(\.parameter))
    let (inputs, labels) = (try goldens["x"], try goldens["labels"])
    for update in 0..<inputs.shape[0] {
      let loss = network(inputs[update]).crossEntropy(labels[update])
      var moment = TrainingMoment(
        update: update, task: 0, updateInTask: update, parameters: parameters,
        gradients: gradients(of: loss, withRespectTo: parameters.map(\.parameter.value)),
        loss: loss.item, inputs: inputs[update], learningRate: Self.rate, optimizer: optimizer)
      try chain.afterGradients(&moment)
      optimizer = moment.optimizer
      try optimizer.step(
        UpdateRequest(
          parameters: parameters.map(\.parameter), gradients: moment.gradients,
          learningRate: moment.learningRate))
      moment.optimizer = optimizer
      try chain.afterUpdate(&moment)
      optimizer = moment.optimizer
    }
    return (parameters, chain)
  }

  private func expectGolden(
    _ name: String, _ parameters: [NamedParameter], within bound: Double = 1e-12
  ) throws {
    // PyTorch's names of a normalization's scale and offset.
    let theirs = ["norm0.scale": "norm0.weight", "norm0.offset": "norm0.bias"]
    #expect(parameters.count == 8)
    for named in parameters {
      let golden = try goldens["\(name)/\(theirs[named.name] ?? named.name)"]
      expectClose(
        named.parameter.value.detached(), golden, relative: bound, absolute: bound, named.name)
    }
  }

  @Test("spectral regularization, whose singular values PyTorch takes exactly")
  func spectral() throws {
    var method = SpectralRegularization()
    method.coefficient = 0.2
    method.iterations = 200
    try expectGolden("spectral-regularization", trained([method]).parameters, within: 1e-9)
  }

  @Test("Parseval regularization to the initial row norms")
  func parseval() throws {
    var method = ParsevalRegularization()
    method.coefficient = 0.3
    try expectGolden("parseval", trained([method]).parameters)
  }

  @Test("UPGD over gradient descent, with decay beside the gate")
  func upgd() throws {
    try expectGolden("upgd-sgd", trained([silentUPGD]).parameters)
  }

  private var silentUPGD: UPGD {
    var method = UPGD()
    method.utilityDecay = 0.9
    method.noise = 0
    method.decay = 0.1
    return method
  }

  @Test("UPGD over Adam, the authors' adaptive form")
  func adaptiveUPGD() throws {
    try expectGolden(
      "upgd-adam", trained([silentUPGD]) { Adam(for: $0, .init { $0.epsilon = 1e-5 }) }.parameters)
  }

  @Test("soft weight rescaling, with the factors gathered from the normalization on")
  func softRescaling() throws {
    var method = SoftWeightRescaling()
    method.coefficient = 0.3
    method.outputCoefficient = 0.6
    try expectGolden("soft-weight-rescaling", trained([method]).parameters)
  }

  @Test("hare and tortoise, both of them")
  func hareAndTortoise() throws {
    var method = HareTortoise()
    method.memory = 0.7
    method.everyUpdates = 3
    let (parameters, chain) = try trained([method])
    try expectGolden("hare-tortoise", parameters)
    for named in parameters where !named.name.hasPrefix("norm0") {
      let slow = chain.savedTensors.first {
        $0.name == "hare-tortoise.tortoise.\(named.name)"
      }
      expectClose(
        try #require(slow).tensor, try goldens["hare-tortoise/slow.\(named.name)"],
        relative: 1e-12, absolute: 1e-12, named.name)
    }
  }
}
