public import Networks
public import NormalizeAndProject
public import Plasticity
public import Torch

/// The training step: a network with everything that changes it, which is an optimizer, baseline methods and the
/// projection.
///
///     var learner = try Learner(inputShape: [1, 28, 28], seed: 0, optimizer: .init(learningRate: 1e-3)) { … }
///     for batch in batches {
///       try learner.step(Loss.crossEntropy(learner.trainingOutputs(batch.inputs), batch.labels))
///     }
///
/// An update has two halves. ``accumulate(_:inputs:isLast:)`` adds the gradients of a loss to ``gradients``; several
/// calls add up. ``apply(isMeasured:)`` takes the step: methods that act on gradients, the optimizer, methods that act
/// on parameters, the projection, ``afterProjection``. Between the halves gradients may be scaled or clipped.
/// ``step(_:inputs:isMeasured:)`` is both halves. A learner that is made within ``DataParallel/during(_:)`` shares its
/// batches with other processes: then ``apply(isMeasured:)`` first takes the sums of gradients over them.
///
/// Where no method changes parameters, the projection is part of the optimizer's pass over memory.
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

  /// How the learning rate moves.
  public let schedule: Schedule
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
  /// Where the next update stands. ``apply(isMeasured:)`` counts it on; a loop with tasks, or one that continues, sets
  /// it.
  public var position = TrainingPosition(update: 0, updateInTask: 0)
  /// The gradients of the update in progress, one for each of ``parameters``; empty before the first
  /// ``accumulate(_:inputs:isLast:)``. They may share storage with the recorded graph: replace them, do not write into
  /// them.
  public var gradients: [Tensor] = []
  /// Called last in an update: the weights have the norms that the projection restores. For averages of weights and the
  /// like; it must not change parameters.
  public var afterProjection: ((Learner) throws -> Void)?
  /// Is handed what every update did.
  public var recorder: (any Recorder)?
  /// Replays updates on a GPU; off at first.
  public var capture = GradientCapture(on: .cpu, isWanted: false)
  /// Replays the other half of updates whose gradients ``capture`` replays.
  var stepCapture = StepCapture()
  /// Sums gradients over the processes of ``DataParallel/current``, as it was when the learner was made.
  let reduction: GradientReduction?
  /// What methods multiply the learning rate of single parameters by; empty for 1.
  private let rateFactors: [Double]
  /// What the methods see of the batch.
  var (batchLosses, batchInputs): ([Tensor], Tensor?) = ([], nil)
  /// Of updates by ``update(loss:inputs:at:isMeasured:)``.
  var watch = LossWatch()

  /// A learner at its first update.
  ///
  /// - Parameters:
  ///   - weights: draws the parameters; arms of one generator start with the same weights.
  ///   - methods: the root of the methods' random numbers.
  ///   - updatesPerTask: about how many updates a task has, where the run knows it.
  /// - Throws: configuration errors, `InterventionError` for a network that lacks what a method needs, and
  ///   `ProjectionError` for a weight whose initial norm is zero.
  public init(
    _ design: Design, inputShape: [Int], outputs: Int, weights: Generator, methods: Generator,
    updatesPerTask: Int? = nil, device: Device
  ) throws {
    let hooks = design.methods.hookChain()
    try self.init(
      nap: design.nap, methods: design.methods, optimizer: design.optimizer,
      schedule: design.schedule, hooks, weights: weights, draws: methods,
      updatesPerTask: updatesPerTask
    ) {
      try Self.network(
        design, hooks, inputShape: inputShape, outputs: outputs, generator: $0, device: device)
    }
  }

  /// A learner of a network of one's own at its first update.
  ///
  /// - Parameters:
  ///   - inputShape: the shape of one example.
  ///   - seed: decides weights and the methods' random numbers.
  ///   - nap: the method's three parts; `.both` inserts normalizations and projects.
  ///   - build: the network as written; draws its parameters from the generator that it is given.
  /// - Throws: what `build` throws, and as the other initializer.
  public init(
    inputShape: [Int], seed: UInt64, nap: NaP = .both,
    methods: InterventionSet = InterventionSet(), optimizer: OptimizerConfiguration,
    schedule: Schedule = Schedule(), device: Device = .cpu,
    build: @escaping (Generator) throws -> Sequential
  ) throws {
    let random = Generator(seed: seed)
    try schedule.validate()
    let hooks = methods.hookChain()
    try self.init(
      nap: nap, methods: methods, optimizer: optimizer, schedule: schedule, hooks,
      weights: random.split("weights"), draws: random.split("methods"), updatesPerTask: nil
    ) { generator in
      try Self.prepared(
        build(generator), nap, hooks, inputShape: inputShape,
        source: ParameterSource(generator: generator, device: device))
    }
  }

  private init(
    nap: NaP, methods: InterventionSet, optimizer: OptimizerConfiguration, schedule: Schedule,
    _ hooks: HookChain, weights: Generator, draws: Generator, updatesPerTask: Int?,
    build: @escaping (Generator) throws -> Sequential
  ) throws {
    self.schedule = schedule
    network = try build(weights)
    parameters = network.trainableParameters
    optimizerConfiguration = try methods.optimizer(optimizer)
    reduction = DataParallel.current.map(GradientReduction.init)
    self.optimizer = try Self.optimizer(
      optimizerConfiguration, for: parameters, reduction?.parallel)
    projection = try ProjectionState(nap, network: network, parameters: parameters)
    self.hooks = hooks
    try self.hooks.begin(
      HookSite(
        network: network, parameters: parameters, generator: draws,
        updatesPerTask: updatesPerTask, redrawn: { try build($0) }))
    rateFactors = self.hooks.rateFactors(of: parameters)
  }

  /// An optimizer at its first update, shared out over processes where that is asked for.
  static func optimizer(
    _ configuration: OptimizerConfiguration, for parameters: [NamedParameter],
    _ parallel: DataParallel?
  ) throws -> any Optimizer {
    guard let parallel, parallel.shardsOptimizer else {
      return try configuration.make(for: parameters.map(\.parameter))
    }
    return try ShardedOptimizer(
      configuration, for: parameters.map(\.parameter), group: parallel.group)
  }

  /// The network of a design, rewritten and normalized.
  package static func network(
    _ design: Design, _ hooks: HookChain, inputShape: [Int], outputs: Int, generator: Generator,
    device: Device
  ) throws -> Sequential {
    try prepared(
      design.network.build(
        inputShape: inputShape, outputs: outputs, generator: generator, device: device),
      design.nap, hooks, inputShape: inputShape,
      source: design.network.parameterSource(generator: generator, device: device))
  }

  /// A network as written, rewritten by the methods and normalized.
  private static func prepared(
    _ network: Sequential, _ nap: NaP, _ hooks: HookChain, inputShape: [Int],
    source: ParameterSource
  ) throws -> Sequential {
    let plain = try hooks.rewritten(network, at: .plain, source: source)
    let normalized = try nap.normalized(plain, inputShape: inputShape)
    return try hooks.rewritten(normalized, at: .normalized, source: source)
  }

  /// Tells the methods that a later task begins at ``position``.
  public mutating func beginTask() throws {
    guard !hooks.isEmpty else { return }
    var moment = moment()
    try hooks.atBoundary(&moment)
    optimizer = moment.optimizer
  }

  /// The network's outputs for a batch that is trained on: batch normalizations use the batch's statistics
  /// and move their running ones.
  public func trainingOutputs(_ inputs: Tensor) -> Tensor {
    let parallel = reduction?.parallel
    return SynchronizedStatistics.over(
      parallel?.synchronizesStatistics == true ? parallel?.group : nil
    ) {
      NormalizationStatistics.training.during { network(inputs) }
    }
  }

  /// One update from the loss of a batch: ``accumulate(_:inputs:isLast:)``, then ``apply(isMeasured:)``.
  @discardableResult
  public mutating func step(
    _ loss: Tensor, inputs: Tensor? = nil, isMeasured: Bool = false
  ) throws -> Update {
    accumulate(loss, inputs: inputs)
    return try apply(isMeasured: isMeasured)
  }

  /// Adds the gradients of a loss to ``gradients``.
  ///
  /// Nothing is read from the device.
  ///
  /// - Parameters:
  ///   - loss: a scalar computed from ``network``. The gradients of several batches add up: weigh each by its share.
  ///   - inputs: what the network was given, for methods that look at activations. Over several processes the inputs of
  ///     all, the same in each, so that methods do the same.
  ///   - isLast: whether ``apply(isMeasured:)`` follows. Of several processes, only this one's gradients are
  ///   communicated.
  public mutating func accumulate(_ loss: Tensor, inputs: Tensor? = nil, isLast: Bool = true) {
    if isLast, let reduction {
      let active = activePlaces
      reduction.begin(
        loss, active.map { parameters[$0].parameter.value },
        adding: gradients.isEmpty ? [] : active.map { gradients[$0] })
    } else {
      let added = gradients(of: loss)
      gradients =
        gradients.isEmpty ? added : withoutGradients { zip(gradients, added).map { $0 + $1 } }
    }
    guard !hooks.isEmpty else { return }
    batchLosses.append(loss.detached())
    batchInputs = inputs
  }

  /// Takes the step that ``gradients`` ask for, and forgets them.
  ///
  /// Nothing is read from the device, unless the update is measured or a method cannot do without
  /// (`docs/using.md` names these).
  ///
  /// - Parameter isMeasured: whether the update's record is wanted.
  /// - Throws: ``/Networks/OptimizerError`` and `ProjectionError` as outcomes of training; what ``afterProjection`` and
  ///   ``recorder`` throw. On devices other than the CPU a norm that cannot be restored is told of at the next measured
  ///   update.
  /// - Precondition: ``accumulate(_:inputs:isLast:)`` was called.
  @discardableResult
  public mutating func apply(isMeasured: Bool = false) throws -> Update {
    if let reduction { try takeSums(of: reduction) }
    precondition(gradients.count == parameters.count, "apply without the gradients of a loss")
    let place = position
    let isMeasured = isMeasured || recorder?.wants(place) == true
    defer { (gradients, batchLosses, batchInputs) = ([], [], nil) }
    let measuring = isMeasured ? StepMeasuring(parameters) : nil
    var learningRate = schedule.rate(
      update: position.update, updateInTask: position.updateInTask,
      base: optimizerConfiguration.learningRate)
    var moment: TrainingMoment?
    if !hooks.isEmpty {
      learningRate *= hooks.learningRateFactor(at: position.update)
      var before = self.moment()
      before.gradients = gradients
      before.losses = batchLosses
      before.inputs = batchInputs
      before.learningRate = learningRate
      before.isMeasured = isMeasured
      try hooks.afterGradients(&before)
      gradients = before.gradients
      optimizer = before.optimizer
      moment = before
    }
    var request = UpdateRequest(
      parameters: parameters.map(\.parameter), gradients: gradients, learningRate: learningRate,
      gradientClip: optimizerConfiguration.gradientClip,
      rateFactors: rateFactors, isMeasured: isMeasured)
    if !hooks.changesParameters { projection.join(&request, update: position.update) }
    var report: UpdateReport?
    if try !replaysStep(request) {
      report = try optimizer.step(request)
      if var after = moment {
        after.optimizer = optimizer
        try hooks.afterUpdate(&after)
        optimizer = after.optimizer
      }
      try projection.apply(after: request, update: position.update)
    }
    let record = report.flatMap {
      measuring?.record(
        $0, gradients: gradients, learningRate: learningRate, optimizer, rateFactors: rateFactors)
    }
    position.update += 1
    position.updateInTask += 1
    try afterProjection?(self)
    let update = Update(record: record, learningRate: learningRate)
    try recorder?.record(update, at: place)
    return update
  }

  private func moment() -> TrainingMoment {
    TrainingMoment(
      update: position.update, task: position.task, updateInTask: position.updateInTask,
      parameters: parameters, learningRate: optimizerConfiguration.learningRate,
      optimizer: optimizer)
  }

  private var activePlaces: [Int] {
    parameters.indices.filter { parameters[$0].parameter.isTrainable }
  }

  /// Puts the sums over processes in the place of ``gradients`` and of the losses that methods see; running statistics
  /// become those of rank 0.
  private mutating func takeSums(of reduction: GradientReduction) throws {
    guard let sums = try reduction.finish() else { return }
    var all = parameters.map(\.parameter.value)
    let active = activePlaces
    if active.count < all.count { all = all.map { .zerosLike($0.detached()) } }
    for (index, sum) in zip(active, sums) { all[index] = sum }
    gradients = all
    if !hooks.isEmpty {
      batchLosses = try reduction.parallel.exchange([
        withoutGradients { Tensor.stacked(batchLosses).sum() }
      ])
    }
    guard !reduction.parallel.synchronizesStatistics else { return }
    try reduction.share(buffers)
  }

  /// One gradient for each parameter; zeros for a frozen one, and for one that the loss does not reach while
  /// others are frozen.
  private func gradients(of loss: Tensor) -> [Tensor] {
    let values = parameters.map(\.parameter.value)
    let active = activePlaces
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
