public import Networks
public import NormalizeAndProject
public import Plasticity
public import Torch

/// A network with everything that changes it: optimizer, methods, projection.
///
/// What supervised recipes share between drawing a batch and measuring: building with insertion and
/// rewriting, and one update in the order gradients, methods, optimizer, methods, projection.
/// Without methods, or with ones that leave parameters alone after the update, the projection is part
/// of the optimizer's pass over memory.
public struct Learner {
  /// The configuration of a learner.
  public struct Design {
    /// The network as written, before any normalization is inserted.
    public var network: any NetworkBlueprint
    /// The method's three parts.
    public var nap: NaP
    /// The baseline methods.
    public var methods: InterventionSet
    /// How weights are updated.
    public var optimizer: OptimizerConfiguration
    /// How the learning rate moves.
    public var schedule: Schedule

    /// A design; see the properties.
    public init(
      network: any NetworkBlueprint, nap: NaP, methods: InterventionSet = InterventionSet(),
      optimizer: OptimizerConfiguration, schedule: Schedule = Schedule()
    ) {
      self.network = network
      self.nap = nap
      self.methods = methods
      self.optimizer = optimizer
      self.schedule = schedule
    }
  }

  /// What one update did.
  public struct Update {
    /// What the update did to each parameter, when it was asked for.
    public var record: StepRecord?
    /// The learning rate, every method's factor included.
    public var learningRate: Double
  }

  /// The configuration.
  public let design: Design
  /// The optimizer's configuration as the methods have it; see `Intervention.optimizer(_:)`.
  public let optimizerConfiguration: OptimizerConfiguration
  /// The network, rewritten and normalized.
  public let network: Sequential
  /// The parameters that training changes, in the optimizer's order.
  public let parameters: [NamedParameter]
  /// The optimizer with its state.
  public internal(set) var optimizer: any Optimizer
  /// The initial norms and their restoring.
  public internal(set) var projection: ProjectionState
  /// The baseline methods at work.
  public internal(set) var hooks: HookChain
  /// What methods multiply the learning rate of single parameters by; empty for 1.
  private let rateFactors: [Double]

  /// A learner at its first update.
  ///
  /// - Parameters:
  ///   - weights: draws the parameters; arms of one generator start with the same weights.
  ///   - methods: the root of the methods' random numbers.
  ///   - updatesPerTask: about how many updates a task has, where the run knows it.
  /// - Throws: configuration errors, ``UsageError`` for a network that lacks what a method needs, and
  ///   `ProjectionError` for a weight whose initial norm is zero.
  public init(
    _ design: Design, inputShape: [Int], outputs: Int, weights: Generator, methods: Generator,
    updatesPerTask: Int? = nil, device: Device
  ) throws {
    self.design = design
    var hooks = design.methods.hookChain()
    let build = { [hooks] (generator: Generator) throws -> Sequential in
      try Self.network(
        design, hooks, inputShape: inputShape, outputs: outputs, generator: generator,
        device: device)
    }
    do {
      network = try build(weights)
    } catch let error as InterventionError {
      throw UsageError(error.description)
    }
    parameters = network.trainableParameters
    optimizerConfiguration = try design.methods.optimizer(design.optimizer)
    optimizer = try optimizerConfiguration.make(for: parameters.map(\.parameter))
    projection = try ProjectionState(design.nap, network: network, parameters: parameters)
    do {
      try hooks.begin(
        HookSite(
          network: network, parameters: parameters, generator: methods,
          updatesPerTask: updatesPerTask, redrawn: { try build($0) }))
    } catch let error as InterventionError {
      throw UsageError(error.description)
    }
    self.hooks = hooks
    rateFactors = hooks.rateFactors(of: parameters)
  }

  static func network(
    _ design: Design, _ hooks: HookChain, inputShape: [Int], outputs: Int, generator: Generator,
    device: Device
  ) throws -> Sequential {
    let source = design.network.parameterSource(generator: generator, device: device)
    let plain = try hooks.rewritten(
      design.network.build(
        inputShape: inputShape, outputs: outputs, generator: generator, device: device),
      at: .plain, source: source)
    let normalized = try design.nap.normalized(plain, inputShape: inputShape)
    return try hooks.rewritten(normalized, at: .normalized, source: source)
  }

  /// Tells the methods that a later task begins.
  public mutating func beginTask(_ position: TrainingPosition) throws {
    guard !hooks.isEmpty else { return }
    var moment = moment(position)
    try hooks.atBoundary(&moment)
    optimizer = moment.optimizer
  }

  /// The network's outputs for a batch that is trained on: batch normalizations use the batch's statistics
  /// and move their running ones.
  public func trainingOutputs(_ inputs: Tensor) -> Tensor {
    NormalizationStatistics.training.during { network(inputs) }
  }

  /// One update from the loss of a batch.
  ///
  /// - Parameters:
  ///   - loss: a scalar computed from ``network``.
  ///   - lossValue: its value, which the caller has read already.
  ///   - inputs: what the network was given.
  ///   - position: where the run stands.
  ///   - isMeasured: whether the update's record is wanted.
  /// - Throws: ``/Networks/OptimizerError`` and `ProjectionError` as outcomes of training.
  public mutating func update(
    loss: Tensor, lossValue: Double, inputs: Tensor, at position: TrainingPosition, isMeasured: Bool
  ) throws -> Update {
    let measuring = isMeasured ? StepMeasuring(parameters) : nil
    var gradients = gradients(of: loss)
    var learningRate = design.schedule.rate(
      update: position.update, updateInTask: position.updateInTask,
      base: optimizerConfiguration.learningRate)
    var moment: TrainingMoment?
    if !hooks.isEmpty {
      learningRate *= hooks.learningRateFactor(at: position.update)
      var before = self.moment(position)
      before.gradients = gradients
      before.loss = lossValue
      before.inputs = inputs
      before.learningRate = learningRate
      try hooks.afterGradients(&before)
      gradients = before.gradients
      optimizer = before.optimizer
      moment = before
    }
    let radii =
      hooks.changesParameters ? [] : projection.radii(for: parameters, update: position.update)
    let jointRadii =
      hooks.changesParameters
      ? [] : projection.jointRadii(for: parameters, update: position.update)
    let report = try optimizer.step(
      UpdateRequest(
        parameters: parameters.map(\.parameter), gradients: gradients, learningRate: learningRate,
        gradientScale: optimizerConfiguration.gradientScale(for: gradients), radii: radii,
        jointRadii: jointRadii, rateFactors: rateFactors, isMeasured: isMeasured))
    if var after = moment {
      after.optimizer = optimizer
      try hooks.afterUpdate(&after)
      optimizer = after.optimizer
    }
    try projection.apply(
      update: position.update, learningRate: learningRate, restoredByOptimizer: !radii.isEmpty,
      jointlyRestoredByOptimizer: !jointRadii.isEmpty)
    return Update(
      record: report.flatMap {
        measuring?.record(
          $0, gradients: gradients, learningRate: learningRate, optimizer,
          rateFactors: rateFactors)
      }, learningRate: learningRate)
  }

  private func moment(_ position: TrainingPosition) -> TrainingMoment {
    TrainingMoment(
      update: position.update, task: position.task, updateInTask: position.updateInTask,
      parameters: parameters, learningRate: optimizerConfiguration.learningRate,
      optimizer: optimizer)
  }

  /// One gradient a parameter; zeros for a frozen one, and for one that the loss does not reach while
  /// others are frozen.
  private func gradients(of loss: Tensor) -> [Tensor] {
    let values = parameters.map(\.parameter.value)
    let active = parameters.indices.filter { parameters[$0].parameter.isTrainable }
    guard active.count < values.count else {
      return Torch.gradients(of: loss, withRespectTo: values)
    }
    let seed = withoutGradients { Tensor.onesLike(loss.detached()) }
    let found = Torch.gradients(
      of: [loss], seeds: [seed], withRespectTo: active.map { values[$0] })
    var gradients = values.map { Tensor.zerosLike($0.detached()) }
    for (index, gradient) in zip(active, found) {
      if let gradient { gradients[index] = gradient }
    }
    return gradients
  }
}
