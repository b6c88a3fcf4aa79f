import Environments
import Networks
import NormalizeAndProject
import Reinforcement
import TensorTestSupport
import Testing
import Torch

/// Rainbow's network.
private func rainbow(
  actions: Int = 18, hiddenWidth: Int = 512, torso: Torso = .nature
) -> AgentNetworkConfiguration {
  var configuration = AgentNetworkConfiguration()
  configuration.torso = torso
  configuration.hiddenWidth = hiddenWidth
  configuration.isNoisy = true
  configuration.isDueling = true
  configuration.distribution = .categorical51
  return configuration
}

private let frames = ObservationSpace(shape: [1, 84, 84], element: .uint8, stack: 4)
private let cells = ObservationSpace(shape: [4, 10, 10], element: .float32)

@Suite("Networks of value agents")
struct AgentNetworkTests {
  @Test("Rainbow has 7,495,785 parameters with 18 actions")
  func parameterCount() throws {
    let network = try rainbow().build(
      observations: frames, actions: 18, generator: Generator(seed: 1))
    #expect(network.parameterCount == 7_495_785)
    let pixels = Tensor.integers(
      from: 0, to: 256, [2, 4, 84, 84], generator: Generator(seed: 2), dtype: .uint8)
    let logits = Noise.frozen(seed: 1).during { network(pixels) }
    #expect(logits.shape == [2, 18, 51])
    #expect(logits.dtype == .float32)
  }

  @Test(
    "With a 1 appended a normalized network sees how large a vector is, and its audit stays the same"
  )
  func appendedOne() throws {
    let space = ObservationSpace(shape: [4], element: .float32)
    let input = Tensor.normal([5, 4], generator: Generator(seed: 2))
    for appends in [false, true] {
      var configuration = rainbow(actions: 2, hiddenWidth: 8, torso: .mlp)
      configuration.torsoWidths = [16]
      configuration.appendsOne = appends
      configuration.isNoisy = false
      var nap = NaP.both
      nap.normalization.epsilon = 1e-12
      let plain = try configuration.build(
        observations: space, actions: 2, generator: Generator(seed: 1))
      #expect(plain(input).shape == [5, 2, 51])
      let network = try nap.normalized(plain, inputShape: [4])
      let (small, large) = (network(input), network(input * 3))
      let difference = (small - large).absolute().maximum().item
      #expect(appends ? difference > 1e-3 : difference < 1e-5, "\(difference)")
      let report = try audit(network, input: input)
      #expect(report.isNormalizeAndProject, "\(report)")
      var policy = PolicyNetworkConfiguration()
      (policy.torso, policy.torsoWidths, policy.hiddenWidth) = (.mlp, [16], 8)
      policy.appendsOne = appends
      #expect(
        try policy.buildActorCritic(
          observations: space, actions: 2, generator: Generator(seed: 1))(input).shape == [5, 3])
      let images = try configuration.build(
        observations: ObservationSpace(shape: [1, 3, 3], element: .uint8), actions: 2,
        generator: Generator(seed: 1))
      #expect(images(Tensor.ones([2, 1, 3, 3])).shape == [2, 2, 51])
    }
  }

  @Test("Every kind gives (B, A, N), and refuses observations that it cannot see")
  func shapes() throws {
    for (distribution, last) in [
      (ValueDistribution.scalar, 1), (.categorical51, 51), (.quantile(), 200),
      (.implicitQuantile(), QuantileFractions.midpointCount),
    ] {
      for isDueling in [false, true] {
        for isNoisy in [false, true] {
          var configuration = AgentNetworkConfiguration()
          configuration.torso = .minAtar
          configuration.hiddenWidth = 16
          configuration.distribution = distribution
          configuration.isDueling = isDueling
          configuration.isNoisy = isNoisy
          let network = try configuration.build(
            observations: cells, actions: 6, generator: Generator(seed: 1))
          #expect(network(Tensor.ones([3, 4, 10, 10])).shape == [3, 6, last])
          let normal = try NaP.both.normalized(network, inputShape: cells.stackedShape)
          #expect(normal(Tensor.ones([3, 4, 10, 10])).shape == [3, 6, last])
        }
      }
    }
    #expect(throws: ConfigurationError.self) {
      try rainbow().build(observations: cells, actions: 6, generator: Generator(seed: 1))
    }
  }

  @Test("NaP normalizes before each of Rainbow's five nonlinearities and drops the biases there")
  func insertion() throws {
    let plain = try rainbow().build(
      observations: frames, actions: 6, generator: Generator(seed: 1))
    let network = try NaP.both.normalized(plain, inputShape: frames.stackedShape)
    let leaves = network.leaves
    let activations = leaves.indices.filter { leaves[$0].layer is any Activation }
    #expect(activations.count == 5)
    for index in activations { #expect(leaves[index - 1].layer is LayerNorm) }
    #expect(leaves.filter { $0.layer is LayerNorm }.count == 5)
    let biases = network.namedParameters.filter { $0.parameter.role == .bias }.map(\.name)
    #expect(
      biases == ["dueling.advantage.output.deviation_bias", "dueling.value.output.deviation_bias"])
  }

  @Test(
    "The projection brings hidden noisy layers back jointly, apart, or their mean alone; heads never",
    arguments: Projection.NoisyWeights.allCases)
  func projection(_ treatment: Projection.NoisyWeights) throws {
    let nap = NaP(projection: Projection(noisyWeights: treatment))
    let plain = try rainbow(hiddenWidth: 12, torso: .minAtar).build(
      observations: cells, actions: 3, generator: Generator(seed: 1))
    let network = try nap.normalized(plain, inputShape: cells.stackedShape)
    let projection = try ProjectionState(nap, network: network)
    let before = Dictionary(
      uniqueKeysWithValues: network.namedParameters.map { ($0.name, $0.parameter.norm) })
    let generator = Generator(seed: 5)
    for named in network.namedParameters {
      let value = named.parameter.value.detached()
      named.parameter.assign(
        value + Tensor.normal(value.shape, generator: generator) * 0.02)
    }
    let moved = Dictionary(
      uniqueKeysWithValues: network.namedParameters.map { ($0.name, $0.parameter.norm) })
    try projection.apply(update: 0, learningRate: 1e-3)
    for named in network.namedParameters {
      let (first, between, last) = (
        try #require(before[named.name]), try #require(moved[named.name]), named.parameter.norm
      )
      let isHidden = named.name.contains("hidden.")
      switch (isHidden, named.parameter.role, treatment) {
      case (true, _, .joint): #expect(abs(last / between - 1) > 1e-3)
      case (true, _, .separate), (true, .weight, .meanOnly):
        expectClose(last, first, relative: 1e-5, named.name)
      case (true, _, .meanOnly): #expect(last == between)
      case (false, .weight, _): expectClose(last, first, relative: 1e-5, named.name)
      case (false, _, _): #expect(last == between, "\(named.name)")
      }
    }
    guard treatment == .joint else { return }
    for branch in ["advantage", "value"] {
      func joint(_ norms: [String: Double]) throws -> Double {
        let mean = try #require(norms["dueling.\(branch).hidden.weight"])
        let deviation = try #require(norms["dueling.\(branch).hidden.deviation"])
        return (mean * mean + deviation * deviation).squareRoot()
      }
      let after = Dictionary(
        uniqueKeysWithValues: network.namedParameters.map { ($0.name, $0.parameter.norm) })
      expectClose(try joint(after), try joint(before), relative: 1e-6)
      let ratios = try ["weight", "deviation"].map { part in
        let name = "dueling.\(branch).hidden.\(part)"
        return try #require(after[name]) / #require(moved[name])
      }
      expectClose(ratios[0], ratios[1], relative: 1e-5, "one factor for both")
    }
  }

  @Test(
    "The audit calls Rainbow with NaP what it is, and names what is missing in the plain network")
  func audited() throws {
    let projection = Projection(noisyWeights: .joint)
    let plain = try rainbow(hiddenWidth: 12, torso: .minAtar).build(
      observations: cells, actions: 3, generator: Generator(seed: 1))
    let network = try NaP(projection: projection).normalized(
      plain, inputShape: cells.stackedShape)
    let input = Tensor.normal([4, 4, 10, 10], generator: Generator(seed: 3))
    let noise = Noise.frozen(seed: 7)
    let report = try audit(network, input: input, projecting: .roles(projection)) { input in
      noise.during { network(input) }
    }
    #expect(report.isNormalizeAndProject, "\(report)")
    let verdicts = report.rows.compactMap(\.verdict)
    #expect(
      verdicts == [
        .exact, .joint(with: ["dueling.advantage.hidden.deviation"]),
        .joint(with: ["dueling.value.hidden.deviation"]),
      ])
    #expect(report.rows.allSatisfy { $0.advice == nil })
    let bare = try audit(plain, input: input, projecting: .roles(projection)) { input in
      noise.during { plain(input) }
    }
    #expect(!bare.isNormalizeAndProject)
    #expect(bare.refusals.count == 3)
  }

  @Test("The audit calls normalized IMPALA and implicit quantiles Normalize-and-Project")
  func auditedOptions() throws {
    for (torso, distribution) in [
      (Torso.impala, ValueDistribution.scalar), (.mlp, .implicitQuantile()),
    ] {
      var configuration = AgentNetworkConfiguration()
      configuration.torso = torso
      configuration.torsoWidths = [10]
      configuration.hiddenWidth = 12
      configuration.distribution = distribution
      let network = try NaP.both.normalized(
        try configuration.build(observations: cells, actions: 3, generator: Generator(seed: 1)),
        inputShape: cells.stackedShape)
      let input = Tensor.normal([2, 4, 10, 10], generator: Generator(seed: 3))
      let report = try audit(network, input: input)
      #expect(report.isNormalizeAndProject, "\(report)")
    }
  }
}
