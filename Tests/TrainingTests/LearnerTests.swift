import Networks
import NormalizeAndProject
import Plasticity
import TensorTestSupport
import Testing
import Torch

@testable import Training

/// The training step.
@Suite struct LearnerTests {
  private let inputs = Tensor.normal(
    [12, 5], generator: Generator(seed: 3), dtype: .float64)
  private let labels = Tensor.integers(
    from: 0, to: 3, [12], generator: Generator(seed: 4))

  private static func plain(_ generator: Generator) -> Sequential {
    Sequential.mlp(
      inputFeatures: 5, hidden: [8, 8], classes: 3,
      source: ParameterSource(generator: generator, dtype: .float64))
  }

  private func learner(
    _ nap: NaP = .both, methods: InterventionSet = InterventionSet(), rate: Double = 0.05
  ) throws -> Learner {
    try Learner(
      inputShape: [5], seed: 1, nap: nap, methods: methods,
      optimizer: OptimizerConfiguration(learningRate: rate), build: Self.plain)
  }

  private func loss(_ learner: Learner, _ rows: Range<Int> = 0..<12) -> Tensor {
    Loss.crossEntropy(learner.trainingOutputs(inputs[rows]), labels[rows])
  }

  private func values(_ learner: Learner) -> [Tensor] {
    learner.parameters.map { $0.parameter.value.detached().cloned() }
  }

  @Test("A step is what one writes by hand: gradients, optimizer, projection, to the bit")
  func byHand() throws {
    var learner = try learner()
    let network = try NaP.both.normalized(
      Self.plain(Generator(seed: 1).split("weights")), inputShape: [5])
    let parameters = network.trainableParameters
    let projection = try ProjectionState(.both, parameters: parameters)
    var optimizer = Adam(for: parameters.map(\.parameter))
    for update in 0..<5 {
      try learner.step(loss(learner))
      let loss = Loss.crossEntropy(network(inputs), labels)
      var request = UpdateRequest(
        parameters: parameters.map(\.parameter),
        gradients: gradients(of: loss, withRespectTo: parameters.map(\.parameter.value)),
        learningRate: 0.05)
      projection.join(&request, update: update)
      try optimizer.step(request)
      try projection.apply(after: request, update: update)
    }
    for (own, other) in zip(learner.parameters, parameters) {
      #expect(own.parameter.value.isIdentical(to: other.parameter.value), "\(own.name)")
    }
    #expect(learner.position == TrainingPosition(update: 5, updateInTask: 5))
  }

  @Test("Gradients of two halves of a batch add up to those of the whole")
  func accumulation() throws {
    var (whole, halves) = (try learner(), try learner())
    whole.accumulate(loss(whole))
    halves.accumulate(loss(halves, 0..<6) * 0.5)
    halves.accumulate(loss(halves, 6..<12) * 0.5)
    for (one, other) in zip(whole.gradients, halves.gradients) {
      expectClose(one, other, relative: 1e-12, absolute: 1e-15)
    }
    _ = try whole.apply()
    _ = try halves.apply()
    for (one, other) in zip(values(whole), values(halves)) {
      expectClose(one, other, relative: 1e-9, absolute: 1e-12)
    }
    #expect(whole.gradients.isEmpty && halves.gradients.isEmpty)
  }

  @Test("Between the halves of a step gradients may be exchanged, and the step is theirs")
  func between() throws {
    var learner = try learner()
    let before = values(learner)
    learner.accumulate(loss(learner))
    learner.gradients = learner.gradients.map { Tensor.zerosLike($0) }
    _ = try learner.apply()
    for (old, new) in zip(before, values(learner)) {
      // Nothing but the projection's rounding.
      expectClose(new, old, relative: 1e-15, absolute: 1e-15)
    }
  }

  @Test(
    "After the projection the weights have their initial norms, within the optimizer's pass or behind it",
    arguments: [InterventionSet(), InterventionSet([HeadProjection()])])
  func afterProjection(methods: InterventionSet) throws {
    var learner = try learner(methods: methods)
    #expect(learner.hooks.changesParameters == !methods.isEmpty)
    var drifts: [Double] = []
    learner.afterProjection = { learner in
      let norms = Dictionary(
        uniqueKeysWithValues: learner.parameters.map { ($0.name, $0.parameter.norm) })
      drifts += learner.projection.initialNorms.map { abs((norms[$0.name] ?? 0) / $0.norm - 1) }
    }
    for _ in 0..<3 { try learner.step(loss(learner)) }
    #expect(drifts.count == 6 && drifts.allSatisfy { $0 < 1e-14 })
    struct Objection: Error {}
    learner.afterProjection = { _ in throw Objection() }
    #expect(throws: Objection.self) { try learner.step(loss(learner)) }
  }

  @Test("Methods act on networks of one's own, see the loss, and are saved")
  func methods() throws {
    var regularizer = L2Regularization()
    regularizer.coefficient = 0.5
    var (with, without) = (
      try learner(methods: InterventionSet([regularizer])), try learner()
    )
    for _ in 0..<3 {
      try with.step(loss(with), inputs: inputs)
      try without.step(loss(without))
    }
    #expect(zip(values(with), values(without)).contains { !$0.isIdentical(to: $1) })
    var snapshot = State()
    try with.save(into: &snapshot)
    var restored = try learner(methods: InterventionSet([regularizer]))
    try restored.restore(snapshot)
    restored.position = with.position
    try with.step(loss(with), inputs: inputs)
    try restored.step(loss(restored), inputs: inputs)
    for (one, other) in zip(values(with), values(restored)) {
      #expect(one.isIdentical(to: other))
    }
  }

  @Test("A schedule that cannot be is refused before anything is built")
  func schedules() throws {
    var schedule = Schedule()
    schedule.warmUpUpdates = -1
    #expect(throws: ConfigurationError.self) {
      try Learner(
        inputShape: [5], seed: 1, optimizer: OptimizerConfiguration(), schedule: schedule,
        build: Self.plain)
    }
  }

  @Test("A recorder is handed the records that it wants, and what it throws ends the step")
  func recorder() throws {
    var learner = try learner()
    var seen: [Int: Double] = [:]
    learner.recorder = RateRecorder(learner.ledger(over: inputs[0..<4]), everyUpdates: 3) {
      seen[$0] = $1.compactMap(\.declared.value).reduce(0, +)
    }
    var twin = try self.learner()
    for _ in 0..<7 {
      try learner.step(loss(learner))
      try twin.step(loss(twin))
    }
    #expect(seen.keys.sorted() == [0, 3, 6])
    #expect(seen.values.allSatisfy { $0 > 0 })
    for (own, other) in zip(values(learner), values(twin)) { #expect(own.isIdentical(to: other)) }
    struct Full: Error {}
    learner.recorder = RateRecorder(learner.ledger(over: inputs[0..<4]), everyUpdates: 1) { _, _ in
      throw Full()
    }
    #expect(throws: Full.self) { try learner.step(loss(learner)) }
  }
}
