public import Networks
import NormalizeAndProject
public import RunStore
public import Torch
public import Training

/// A run that learns from labelled examples or from numbers: a batch, a loss, a step of the learner.
///
/// Weights, batches and probes have their own generators, split from the seed by name. So arms of one seed see the same
/// tasks and batches and start from the same weights.
public struct SupervisedTraining<Source: TaskSource>: TaskLoop, CapturingRun {
  /// What it learns from.
  public internal(set) var source: Source
  /// The network with what changes it.
  public internal(set) var learner: Learner
  /// Where it stands.
  public var place = LoopPlace()
  /// The average of its weights, where one is kept.
  private(set) var average: WeightAverage?
  /// The root of the run's random numbers; only ever split.
  public let generator: Generator

  let device: Device
  /// The processes that share the batches; `nil` for one of its own.
  public let parallel: DataParallel?
  /// Declares effective learning rates of the weights that are scale-invariant.
  let ledger: EffectiveLearningRateLedger
  var recorder: DiagnosticRecorder
  /// Finds losses that are not finite.
  var watch = LossWatch()
  var online = OnlineRecord()

  /// What of an update is not replayed on a GPU, and why; `nil` while all is, or may be.
  public var captureProblem: String? { learner.captureProblem }
  /// The network, with normalizations inserted where the arm has them.
  public var network: Sequential { learner.network }
  /// The parameters that are trained.
  public var parameters: [NamedParameter] { learner.parameters }
  /// Batches of the source, and three forward passes of a model that tells its operations.
  public var work: UpdateWork? {
    let (examples, shape) = (source.batchSize, source.inputShape)
    let readsTokens = network.leaves.first?.layer is any TokenReadingLayer
    let model = source.design.network as? any ReferenceModel
    return UpdateWork(
      examples: examples, tokens: readsTokens ? examples * shape.reduce(1, *) : nil,
      operations: model.map {
        3 * Double(examples)
          * $0.forwardOperations(inputShape: shape, outputs: source.outputs)
      }, precision: source.computation.precision)
  }
  /// The updates of each task.
  public var lengths: TaskLengths { source.lengths }
  /// When checkpoints and evaluations are due.
  public var cadence: LoopCadence { source.schedule.cadence }

  /// A run at its first update.
  ///
  /// - Parameter generator: split from the seed by name for all random numbers but the source's.
  /// - Throws: configuration errors, ``ResourceError`` for a network that memory cannot hold, and `ProjectionError` for
  ///   a weight whose initial norm is zero.
  init(_ source: Source, generator: Generator, device: Device) throws {
    try source.computation.requirePrecision(on: device, capability: device.computeCapability)
    self.source = source
    self.generator = generator
    self.device = device
    parallel = DataParallel.current
    learner = try Self.learner(source, generator, startedAt: 0, device: device)
    average = Self.average(source, &learner)
    ledger = learner.ledger(over: source.firstInputs)
    recorder = try DiagnosticRecorder(
      source.schedule.diagnostics, everyUpdates: source.schedule.diagnosticsEveryUpdates)
    beginRecording()
  }

  /// Begins a task: its examples, and the learner where the arm starts anew.
  public mutating func begin(task: Int) throws {
    try watch.check()
    online = OnlineRecord()
    try source.begin(task)
    if source.changesInputs, recorder.isActive { recorder.rebase(diagnosticSubject()) }
    guard task > 0 else { return }
    if source.isFresh {
      learner = try Self.learner(source, generator, startedAt: task, device: device)
      average = Self.average(source, &learner)
      beginRecording()
    } else {
      try learner.beginTask(.init(update: updates, task: task, updateInTask: 0))
    }
  }

  /// Trains one update, with diagnostics, which need the update itself.
  public mutating func update(_ moment: LoopMoment) throws -> [MetricValue] {
    let every = source.schedule.everyUpdates
    let isMeasured = moment.endsTask || (every > 0 && moment.update % every == 0)
    let isDiagnosed = recorder.isDue(after: moment.update + 1, endsTask: moment.endsTask)
    let batch = try source.batch(moment)
    let loss = try accumulate(batch)
    try watch.observe(loss, update: moment.update)
    if isMeasured || isDiagnosed { try watch.check() }
    learner.position = moment.position
    let record = try learner.apply(isMeasured: isMeasured || isDiagnosed).record
    if moment.updates % Self.comparedEvery == 0 { try parallel?.requireEqual(learner) }

    var values: [MetricValue] = []
    if isMeasured, let record {
      values += record.measurements(ledger, task: moment.task, updates: moment.updates)
    }
    if isMeasured, every > 0 {
      values += source.measurements(network, loss: loss.item, moment)
    }
    if isDiagnosed {
      let subject = diagnosticSubject(
        initial: recorder.initial, reference: recorder.reference, update: record)
      values += recorder.readings(
        subject, moment, beside: values,
        except: moment.endsTask ? source.evaluatedMetrics(moment) : [])
    }
    return values
  }

  /// Updates between two comparisons of the weights of all processes, each of which reads them once.
  private static var comparedEvery: Int { 100 }

  /// Adds the gradients of a batch, and its results to the task's. Of several processes each computes its share.
  ///
  /// - Returns: the mean loss of the batch.
  private mutating func accumulate(_ batch: TaskBatch) throws -> Tensor {
    let (source, parallel, device) = (source, parallel, device)
    func computed(_ learner: inout Learner, _ batch: TaskBatch) throws -> [Tensor] {
      try Self.gradients(of: batch, into: &learner, source, parallel, device)
    }
    if batch.mixture != nil {
      learner.capture.refuse(
        "the fraction of mixed examples is another number of the host at every update")
    }
    let results =
      learner.capture.problem == nil
      ? try learner.accumulate(on: [batch.inputs, batch.targets]) {
        try computed(&$0, TaskBatch(inputs: $1[0], targets: $1[1]))
      } : try computed(&learner, batch)
    if results.count > 1 {
      online.add([results[1]], of: batch.part?.whole ?? batch.targets.elementCount)
    }
    online.add(results[0])
    return results[0]
  }

  /// Adds the gradients of a batch to a learner's, part by part.
  ///
  /// - Returns: the mean loss of the batch, and where targets are classes how many answers are right.
  private static func gradients(
    of batch: TaskBatch, into learner: inout Learner, _ source: Source, _ parallel: DataParallel?,
    _ device: Device
  ) throws -> [Tensor] {
    let parts = batch.parts(source.microBatches)
    var (losses, correct): ([Tensor], [Tensor]) = ([], [])
    for (index, part) in parts.enumerated() {
      let (own, rowCount) = parallel.map { part.share($0) } ?? (part, part.count)
      let (outputs, whole) = source.computation.during(on: device) {
        let outputs = learner.trainingOutputs(own.inputs)
        return (outputs, own.loss(source.loss, outputs))
      }
      let loss =
        rowCount < batch.wholeCount
        ? whole * (Double(rowCount) / Double(batch.wholeCount)) : whole
      learner.accumulate(loss, inputs: part.inputs, isLast: index == parts.count - 1)
      if rowCount > 0, let count = OnlineRecord.correctCount(outputs, own.mainTargets) {
        correct.append(count)
      }
      losses.append(loss.detached())
    }
    let loss = losses.count == 1 ? losses[0] : Tensor.stacked(losses).sum()
    let hasClasses = OnlineRecord.areClasses(batch.targets)
    guard parallel != nil || hasClasses else { return [loss] }
    let right =
      correct.count == 1
      ? correct[0]
      : correct.isEmpty ? Tensor(0) : withoutGradients { Tensor.stacked(correct).sum() }
    let sums = try parallel?.exchange([loss, right]) ?? [loss, right]
    return hasClasses ? sums : [sums[0]]
  }

  /// The results of a task at its end, and what else is due; of the average of weights in the scope `average`.
  public func evaluation(after moment: LoopMoment) throws -> [MetricValue] {
    let values = try source.evaluation(
      network, online.totals, after: moment, generator: generator)
    guard let average else { return values }
    let averaged = try average.during(network) {
      try source.averageResults(network, after: moment)
    }
    return values
      + averaged.map { moment.value($0.metric, of: Averaging.scope, $0.value) }
  }

  /// An average that begins at a learner's weights and follows them; `nil` where none is kept.
  private static func average(_ source: Source, _ learner: inout Learner) -> WeightAverage? {
    guard source.averageDecay > 0 else { return nil }
    let average = WeightAverage(of: learner.network, decay: source.averageDecay)
    learner.afterProjection = { average.take($0.network) }
    return average
  }

  /// Stores the network as the reference of later measurements.
  private mutating func beginRecording() {
    if recorder.isActive { recorder.begin(diagnosticSubject()) }
  }

  /// Network, optimizer, methods, initial norms, the source's state, totals and references of diagnostics.
  public func saveOwn(into state: inout State) throws {
    try learner.save(into: &state)
    if let average { try state.add(Averaging.scope, average) }
    try source.save(into: &state)
    try state.add("online", online.totals)
    try recorder.save(into: &state)
  }

  /// Continues from a state of the same configuration and seed; an error leaves the run as it was.
  public mutating func restoreOwn(_ state: State, updates: Int) throws {
    let online = try state.value("online", as: OnlineTotals.self)
    guard (0...online.count).contains(online.correct), online.count <= Int.max / 2 else {
      throw StateError("it counts \(online.correct) right answers of \(online.count)")
    }
    var source = source
    let task = lengths.lastTask(after: updates)
    try source.restore(state, task: task)
    // Drift is measured from the first parameters of this task's learner.
    var (learner, recorder, average) = (learner, recorder, average)
    if source.isFresh, let task, task > 0, recorder.comparesWithInitial {
      learner = try Self.learner(source, generator, startedAt: task, device: device)
      recorder.restart(learner.network)
    }
    // A new one, so that an error leaves the one at work as it was.
    average = Self.average(source, &learner)
    try average?.restore(state.part(Averaging.scope))
    try recorder.restore(state)
    // Last, because it writes into the network. It is all or nothing itself.
    try learner.restore(state)
    (self.source, self.learner, self.recorder) = (source, learner, recorder)
    self.average = average
    self.online = OnlineRecord(online)
  }

  /// The learner at the start of a task: the first one, or any of a fresh arm.
  static func learner(
    _ source: Source, _ generator: Generator, startedAt task: Int, weights: Generator? = nil,
    device: Device
  ) throws -> Learner {
    var learner = try UsageError.ofMethods {
      try Learner(
        source.design, inputShape: source.inputShape, outputs: source.outputs,
        weights: weights ?? generator.split("weights").split("task-\(task)"),
        methods: generator.split("methods"), updatesPerTask: source.lengths.meanLength,
        device: device)
    }
    learner.capture = GradientCapture(on: device, isWanted: CaptureChoice.isOn)
    return learner
  }

  /// The facts of the source.
  public func manifest() throws -> ProtocolManifest? { try source.manifest() }
  /// The files of the source.
  public var sources: [String: String] { source.files }
}
