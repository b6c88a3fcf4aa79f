import Networks
import Plasticity
import Testing
import Torch

@Suite("A method that finds nothing to act on says so")
struct IdleMethodTests {
  private func network(
    _ configuration: NetworkConfiguration, _ methods: [any Intervention], learnsScales: Bool = false
  ) throws -> Sequential {
    let generator = Generator(seed: 1)
    let source = configuration.parameterSource(generator: generator)
    let chain = InterventionSet(methods).hookChain()
    let plain = try chain.rewritten(
      configuration.build(inputShape: [6], classes: 4, generator: generator), at: .plain,
      source: source)
    guard learnsScales else { return plain }
    return InterventionLawTests.normalized(plain, image: false)
  }

  private func idle(
    _ method: any Intervention, _ configuration: NetworkConfiguration = .mlp([8]),
    learnsScales: Bool = false, tasks: Int? = 10, updates: Int? = 10_000
  ) throws -> [String] {
    let network = try network(configuration, [method], learnsScales: learnsScales)
    return InterventionSet([method]).idleMethods(
      on: InterventionSubject(network: network, taskCount: tasks, updateCount: updates)
    ).map(\.description)
  }

  @Test("with its defaults, in a network with everything and a long run, every method has work")
  func busy() throws {
    for kind in Interventions.all {
      #expect(try idle(kind.init(), learnsScales: true) == [], "\(kind)")
    }
  }

  @Test("scale decay without learned scales")
  func scales() throws {
    let found = try idle(ScaleDecay())
    #expect(
      found == [
        "scale-decay: this network learns no scale of a normalization; normalize and set "
          + "nap.scaleAndOffset=free, or leave scale-decay out"
      ])
    let network = try network(.mlp([8]), [], learnsScales: true)
    for parameter in network.parameters where parameter.role == .scale {
      parameter.isTrainable = false
    }
    #expect(ScaleDecay().idleReason(on: InterventionSubject(network: network)) != nil)
  }

  @Test("methods of hidden weights and of nonlinearities in a network without hidden layers")
  func hiddenLayers() throws {
    let linear = NetworkConfiguration.mlp([])
    for method in [ParsevalRegularization(), RateRescaling()] as [any Intervention] {
      #expect(try idle(method, linear).first?.contains("no hidden weight") == true)
    }
    #expect(try idle(Hyperball(), linear).first?.contains("no hidden matrix") == true)
    for method in [LeakyReLUMethod(), CReLUMethod(), FourierFeaturesMethod()]
      as [any Intervention]
    {
      #expect(try idle(method, linear).first?.contains("no nonlinearity") == true)
    }
    var l2 = L2Regularization()
    var initial = L2Initial()
    var decay = WeightDecay()
    var noise = NoisyUpdates()
    var shrink = ShrinkAndPerturb()
    (l2.parameters, initial.parameters, decay.parameters) = (.hidden, .hidden, .hidden)
    (noise.parameters, shrink.parameters) = (.hidden, .hidden)
    for method in [l2, initial, decay, noise, shrink, RowNormalization()] as [any Intervention] {
      #expect(
        try idle(method, linear).first?.contains("methods.\(method.name).parameters") == true,
        "\(method.name)")
      #expect(try idle(method) == [])
    }
  }

  @Test("methods of boundaries in a run of one task, and periods longer than the run")
  func schedules() throws {
    for method in [FullReset(), LayerReset(), HeadReset(), ShrinkAndPerturb()]
      as [any Intervention]
    {
      #expect(
        try idle(method, tasks: 1).first?.contains("task boundaries and the run has one task")
          == true)
      #expect(try idle(method, tasks: nil) == [])
    }
    var reset = HeadReset()
    reset.everyUpdates = 50
    #expect(try idle(reset, tasks: 1) == [])
    #expect(try idle(reset, tasks: 1, updates: 50) == [])
    var hare = HareTortoise()
    hare.everyUpdates = 50
    for (method, first) in [
      (reset, 50), (hare, 50), (ReDo(), 100), (PlasticityInjection(), 1_000),
      (ContinualBackpropagation(), 101), (SelfNormalizedResets(), 100),
    ] as [(any Intervention, Int)] {
      #expect(
        try idle(method, updates: first - 1).first?.contains("first acts after \(first) updates")
          == true, "\(method.name)")
      #expect(try idle(method, updates: first) == [], "\(method.name)")
      #expect(try idle(method, updates: nil) == [], "\(method.name)")
    }
  }
}
