import Networks
import Plasticity
import TensorTestSupport
import Testing
import Torch

@Suite("Methods of the head act on output layers alone, by their equations")
struct HeadMethodTests {
  private static let dense = NetworkConfiguration.mlp([12, 10])

  /// Parameters before and after some updates of gradient descent.
  private func values(
    _ method: (any Intervention)?, updates: Int = 1, momentum: Double = 0
  ) throws -> (before: [Tensor], after: [Tensor], run: HookedRun) {
    let hooks = InterventionSet(method.map { [$0] } ?? []).hookChain()
    var run = try HookedRun(
      hooks, dtype: .float64, optimizer: { SGD(for: $0, .init { $0.momentum = momentum }) })
    func copies() -> [Tensor] {
      withoutGradients { run.parameters.map { $0.parameter.value.detached().cloned() } }
    }
    let before = copies()
    try run.advance(updates)
    return (before, copies(), run)
  }

  /// Which parameters are the head's: its weight and its bias stand last.
  private func isHead(_ index: Int, _ run: HookedRun) -> Bool { index >= run.parameters.count - 2 }

  @Test(
    "head-rate multiplies the head's step, weight and bias, and no other", arguments: [0, 3, 10])
  func rate(factor: Double) throws {
    var method = HeadRate()
    method.factor = factor
    let own = try values(method)
    let plain = try values(nil)
    #expect(own.run.parameters.last?.parameter.role == .bias)
    for index in own.after.indices {
      let step = own.after[index] - own.before[index]
      let expected =
        (plain.after[index] - plain.before[index]) * (isHead(index, own.run) ? factor : 1)
      #expect(difference(step, expected) < 1e-15, "\(own.run.parameters[index].name)")
    }
    var wrong = HeadRate()
    wrong.factor = -1
    #expect(throws: ConfigurationError.self) { try wrong.validate() }
  }

  @Test("head-decay shrinks the output weight by rate times lambda, and nothing else")
  func decay() throws {
    var method = HeadDecay()
    method.coefficient = 2
    var bench = try Bench(method)
    let before = bench.values
    #expect(try bench.addedGradients().allSatisfy { $0.absolute().maximum().item == 0 })
    for (index, value) in bench.values.enumerated() {
      let factor = bench.parameters[index].parameter.role == .output ? 1 - Bench.rate * 2 : 1
      #expect(difference(value, before[index] * factor) < 1e-15, "\(index)")
    }
    let (start, end, run) = try values(method)
    let plain = try values(nil)
    for index in end.indices {
      let isDecayed = run.parameters[index].parameter.role == .output
      let expected = plain.after[index] - start[index] * (isDecayed ? 1e-2 * 2 : 0)
      #expect(difference(end[index], expected) < 1e-15, "\(run.parameters[index].name)")
    }
    method.coefficient = .nan
    #expect(throws: ConfigurationError.self) { try method.validate() }
  }

  @Test("head-projection returns the output weight to its initial norm, and leaves its direction")
  func projection() throws {
    let own = try values(HeadProjection())
    let plain = try values(nil)
    for index in own.after.indices {
      let isOutput = own.run.parameters[index].parameter.role == .output
      let factor = isOutput ? own.before[index].norm.item / plain.after[index].norm.item : 1
      #expect(difference(own.after[index], plain.after[index] * factor) < 1e-14)
    }
    let long = try values(HeadProjection(), updates: 20)
    let head = long.run.parameters.count - 2
    #expect(abs(long.after[head].norm.item / long.before[head].norm.item - 1) < 1e-14)
  }

  @Test("head-projection refuses a head of zeros, and reports one that training made unusable")
  func unusable() throws {
    let weight = Parameter(Tensor.zeros([2, 3], dtype: .float64), role: .output)
    let network = Sequential([Linear(weight: weight, bias: nil)] as [any Layer])
    var hook = HeadProjection().hook()
    let site = HookSite(
      network: network, parameters: network.trainableParameters, generator: Generator(seed: 1),
      redrawn: { _ in network })
    #expect(throws: InterventionError.self) { try hook.begin(site) }
    weight.assign(Tensor.ones([2, 3], dtype: .float64))
    try hook.begin(site)
    for (value, expected) in [
      (0.0, OptimizerError.zeroNorm(index: 0)), (.nan, .notFiniteNorm(index: 0)),
    ] {
      weight.assign(Tensor.full([2, 3], value: .real(value), dtype: .float64))
      var moment = TrainingMoment(
        update: 0, task: 0, updateInTask: 0, parameters: site.parameters, learningRate: 0.1,
        optimizer: SGD(for: [weight]))
      #expect(throws: expected) { try hook.afterUpdate(&moment) }
    }
  }

  @Test("head-scale multiplies the initial output weight, in every network that is drawn")
  func scale() throws {
    var method = HeadScale()
    method.factor = 4
    let own = try values(method, updates: 0)
    let plain = try values(nil, updates: 0)
    for index in own.before.indices {
      let factor = own.run.parameters[index].parameter.role == .output ? 4.0 : 1
      #expect(difference(own.before[index], plain.before[index] * factor) == 0)
    }
    // A head that is drawn again is as large.
    let hooks = InterventionSet([method, HeadReset()]).hookChain()
    var reset = try HookedRun(hooks, dtype: .float64, optimizer: { SGD(for: $0) })
    let head = reset.parameters.count - 2
    let norm = reset.parameters[head].parameter.norm
    try reset.advance(8)
    var moment = TrainingMoment(
      update: 8, task: 1, updateInTask: 0, parameters: reset.parameters, learningRate: 0.1,
      optimizer: reset.optimizer)
    try reset.hooks.atBoundary(&moment)
    #expect((0.5...2).contains(reset.parameters[head].parameter.norm / norm))
    for factor in [0, -1, Double.infinity] {
      method.factor = factor
      #expect(throws: ConfigurationError.self) { try method.validate() }
    }
  }

  @Test(
    "every one of them says when there is no output layer",
    arguments: [HeadRate.name, HeadDecay.name, HeadProjection.name, HeadScale.name])
  func lacking(name: String) throws {
    let method = try #require(Interventions.named(name))
    let hidden = Sequential(
      [
        Linear(
          weight: Parameter(Tensor.ones([2, 2]), role: .weight(fanIn: 2)), bias: nil)
      ] as [any Layer])
    var chain = InterventionSet([method]).hookChain()
    let error = #expect(throws: InterventionError.self) {
      _ = try chain.rewritten(
        hidden, at: .normalized,
        source: Self.dense.parameterSource(generator: Generator(seed: 1)))
      try chain.begin(
        HookSite(
          network: hidden, parameters: hidden.trainableParameters, generator: Generator(seed: 1),
          redrawn: { _ in hidden }))
    }
    #expect(error?.description.hasPrefix("\(name) found no output layer") == true)
    #expect(!method.knowsBoundaries)
  }

  @Test("factors of several methods are multiplied; without any there is no list")
  func factors() throws {
    struct Halving: Hook {
      let name = "halving"
      func rateFactors(of parameters: [NamedParameter]) -> [Double] {
        parameters.map { _ in 0.5 }
      }
    }
    let run = try HookedRun(InterventionSet([HeadRate()]).hookChain())
    let both = HookChain(run.hooks.hooks + [Halving()])
    let count = run.parameters.count
    #expect(
      both.rateFactors(of: run.parameters) == (0..<count).map { $0 < count - 2 ? 0.5 : 1.5 })
    #expect(HookChain().rateFactors(of: run.parameters).isEmpty)
    #expect(InterventionSet([HeadDecay()]).hookChain().rateFactors(of: run.parameters).isEmpty)
  }
}
