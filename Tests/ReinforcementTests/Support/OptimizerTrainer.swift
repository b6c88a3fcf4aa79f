import Networks
import Reinforcement
import TensorTestSupport
import Torch

/// A trainer of an optimizer alone: a schedule, a clip of the gradients, no method. Agents are tested with it, so that
/// what fails is theirs; programs train with a `Learner`.
struct OptimizerTrainer: NetworkTrainer {
  /// The network.
  let network: Sequential
  /// How weights are updated, the gradients' clip included.
  let configuration: OptimizerConfiguration
  /// How the learning rate moves.
  let schedule: Schedule
  private let parameters: [NamedParameter]
  private var optimizer: any Optimizer

  /// A trainer at its first update.
  ///
  /// - Throws: `ConfigurationError` naming the field that cannot be used.
  init(
    _ network: Sequential, configuration: OptimizerConfiguration, schedule: Schedule = .constant
  ) throws(ConfigurationError) {
    try schedule.validate()
    self.network = network
    self.configuration = configuration
    self.schedule = schedule
    parameters = network.trainableParameters
    optimizer = try configuration.make(for: parameters.map(\.parameter))
  }

  /// Takes one update; see ``NetworkTrainer``.
  ///
  /// - Throws: ``TrainingDivergence`` for a gradient that is not finite, where its norm is taken: with a clip, or when
  ///   norms are wanted.
  mutating func update(
    loss: Tensor, inputs: Tensor, at position: TrainingPosition, isMeasured: Bool
  ) throws -> NetworkUpdate {
    let gradients = gradients(of: loss, withRespectTo: parameters.map(\.parameter.value))
    let learningRate = schedule.rate(
      update: position.update, updateInTask: position.updateInTask,
      base: configuration.learningRate)
    let isNormWanted = isMeasured || configuration.gradientClip != nil
    let norm = isNormWanted ? GlobalNorm(of: gradients) : nil
    if let norm, !norm.value.isFinite {
      throw TrainingDivergence(update: position.update, .gradientNorm, value: norm.value)
    }
    let scale = configuration.gradientClip.flatMap { norm?.scale(limit: $0) } ?? 1
    let measuring = isMeasured ? StepMeasuring(parameters) : nil
    let report = try optimizer.step(
      UpdateRequest(
        parameters: parameters.map(\.parameter), gradients: gradients, learningRate: learningRate,
        gradientScale: scale, isMeasured: isMeasured))
    return NetworkUpdate(
      learningRate: learningRate,
      record: report.flatMap {
        measuring?.record($0, gradients: gradients, learningRate: learningRate, optimizer)
      })
  }

  /// Nothing to do: the schedule counts from the task's start where it is told to.
  mutating func beginTask(_ position: TrainingPosition) {}

  /// The parts `network` and `optimizer`.
  func save(into state: inout State) {
    state.add("network", network.namedTensors)
    state.add("optimizer", optimizer.state.namedTensors(parameters: parameters.map(\.name)))
  }

  /// Continues from what was saved. All or nothing.
  ///
  /// - Throws: `LoadingError` naming each tensor that does not fit.
  mutating func restore(_ state: State) throws {
    try allOrNothing(state) { trainer, state in
      try trainer.network.load(state.part("network").tensorsByName)
      var own = trainer.optimizer.state
      try own.load(
        state.part("optimizer").tensorsByName, parameters: trainer.parameters.map(\.name))
      trainer.optimizer.state = own
    }
  }
}
