import Datasets
public import Networks
import NormalizeAndProject
import Reinforcement
public import RunStore
public import Torch
public import Training

/// The loop of every ``ContinualRecipe``: begin a task, train, measure at its end, repeat.
///
/// Weights, tasks, batches and probes have their own generators, split from the seed by name. So arms of one seed see
/// the same labels and batches and start from the same weights.
public struct ContinualTraining: TrainingRun {
  /// The configuration.
  public let configuration: ContinualConfiguration
  /// The run's seed.
  public let seed: Int
  /// The device.
  public let device: Device
  /// The network with what changes it.
  public internal(set) var learner: Learner
  /// The network, with normalizations inserted where the arm has them.
  public var network: Sequential { learner.network }
  /// Updates completed.
  public internal(set) var updates = 0

  let task: ClassificationTask
  let root: Generator
  /// Every example once: those of the probes, and of other tasks' probes, first.
  let probeOrder: [Int]
  /// Declares effective learning rates of the weights that are scale-invariant.
  let ledger: EffectiveLearningRateLedger
  var recorder: DiagnosticRecorder
  var parameters: [NamedParameter] { learner.parameters }
  let lengths: TaskLengths
  var stream: any TaskStream
  /// The current task's; before the first task the examples with their true classes.
  var data: TaskData
  var sampler: BatchSampler
  var online = OnlineTotals()
  var hasEnded = false
  /// Whether an evaluation is due.
  public internal(set) var owesEvaluation = false

  /// Sums over the batches of a task, each before its update.
  struct OnlineTotals: Codable, Equatable {
    var correct = 0
    var count = 0
    var lossSum = 0.0
  }

  /// Updates of the whole run.
  public var totalUpdates: Int { lengths.total }

  /// A run at its first update.
  ///
  /// - Throws: configuration errors, ``ResourceError`` for a network that memory cannot hold, and `ProjectionError` for
  ///   a weight whose initial norm is zero.
  public init(
    _ configuration: ContinualConfiguration, task: ClassificationTask, seed: Int, device: Device
  ) throws {
    self.configuration = configuration
    self.task = task
    self.seed = seed
    self.device = device
    root = Generator(seed: UInt64(bitPattern: Int64(seed)))
    let network = try configuration.builtNetwork(vocabulary: task.vocabulary)
    try ResourceError.refuse(
      network, inputShape: task.inputShape, outputs: task.classCount,
      batch: min(configuration.batchSize, task.count))
    let draws = SeededGenerator(seed: UInt64(bitPattern: Int64(seed)))
    let stream = try configuration.stream.stream(
      task, relabeledShare: configuration.relabeledShare, tasks: configuration.tasks, draws: draws)
    self.stream = stream
    lengths = TaskLengths(
      (0..<configuration.tasks).map {
        configuration.updates(forExamples: stream.exampleCount(ofTask: $0))
      })
    learner = try Self.learner(
      configuration, task: task, lengths: lengths, root: root, index: 0, device: device)
    data = task.data
    sampler = try BatchSampler(
      Self.plan(configuration, stream.exampleCount(ofTask: 0)),
      generator: draws.split("batches"))
    var probeDraws = draws.split("probes")
    let order = Array(probeDraws.permutation(of: task.count))
    probeOrder = order
    ledger = learner.ledger(over: task.inputs[Tensor(Array(order.prefix(4)), device: device)])
    recorder = try DiagnosticRecorder(
      configuration.recording.diagnostics,
      everyUpdates: configuration.recording.diagnosticsEveryUpdates)
    beginRecording()
  }

  /// Trains one update; see ``TrainingRun/next()``.
  public mutating func next() throws -> TrainingEvent? { try steppedAndEvaluated() }

  /// Trains one update, with diagnostics, which need the update itself; see ``TrainingRun/step()``.
  public mutating func step() throws -> TrainingEvent? {
    guard updates < totalUpdates, !hasEnded else { return nil }
    do {
      return try update()
    } catch {
      let names = parameters.map(\.name)
      guard let outcome = TrainingOutcome.status(of: error, names: names) else { throw error }
      hasEnded = true
      return TrainingEvent(
        updates: updates, task: lengths.place(after: updates).task, outcome: outcome)
    }
  }

  private mutating func update() throws -> TrainingEvent {
    let (taskIndex, updateInTask) = lengths.place(after: updates)
    if updateInTask == 0 { try beginTask(taskIndex) }
    let endsTask = updateInTask + 1 == lengths.length(ofTask: taskIndex)
    let every = configuration.recording.everyUpdates
    let isMeasured = endsTask || (every > 0 && updates % every == 0)
    let isDiagnosed = recorder.isDue(after: updates + 1, endsTask: endsTask)

    let batch = sampler.nextBatch()
    let rows = Tensor(batch.indices, device: device)
    let batchLabels_B = data.training.labels[rows]
    let inputs = data.training.inputs[rows]
    let logits_BK = learner.trainingOutputs(inputs)
    let loss = logits_BK.crossEntropy(batchLabels_B)
    online.correct += withoutGradients {
      Accuracy.correctCount(logits_BK, batchLabels_B).integerItem
    }
    online.count += batch.indices.count
    let lossValue = loss.item
    guard lossValue.isFinite else {
      throw TrainingDivergence(update: updates, .loss, value: lossValue)
    }
    online.lossSum += lossValue

    learner.position = .init(update: updates, task: taskIndex, updateInTask: updateInTask)
    let update = try learner.step(
      loss, inputs: inputs, isMeasured: isMeasured || isDiagnosed)
    updates += 1

    var event = TrainingEvent(updates: updates, task: taskIndex, endsTask: endsTask)
    if isMeasured, let record = update.record {
      event.measurements += record.measurements(ledger, task: taskIndex, updates: updates)
    }
    if isMeasured, every > 0 {
      event.measurements += measurementsWithinTask(loss: lossValue, task: taskIndex)
    }
    if endsTask {
      let checkpointEvery = configuration.recording.checkpointEveryTasks
      event.isCheckpointDue = checkpointEvery > 0 && (taskIndex + 1) % checkpointEvery == 0
      let keepEvery = configuration.recording.keepCheckpointEveryTasks
      event.keepsCheckpoint = keepEvery > 0 && (taskIndex + 1) % keepEvery == 0
    }
    let recording = configuration.recording
    if isDue(every: recording.checkpointEveryUpdates) { event.isCheckpointDue = true }
    owesEvaluation = endsTask || isDue(every: recording.evaluateEveryUpdates)
    if isDiagnosed {
      let subject = diagnosticSubject(
        initial: recorder.initial, reference: recorder.reference, update: update.record)
      recorder.measure(subject, into: &event, except: endsTask ? metrics(ofTaskEnd: taskIndex) : [])
    }
    return event
  }

  /// The results of a task at its end, and loss and accuracy over all examples if they are due.
  public mutating func evaluate() throws -> [MetricValue] {
    guard owesEvaluation, updates > 0 else { return [] }
    let (task, before) = lengths.place(after: updates - 1)
    let endsTask = before + 1 == lengths.length(ofTask: task)
    let every = configuration.recording.evaluateEveryUpdates
    var values = endsTask ? try taskMeasurements(task) : []
    if isDue(every: every) || (endsTask && every > 0) {
      values += try evaluationMeasurements(task, includesTest: !endsTask)
    }
    owesEvaluation = false
    return values
  }

  private func isDue(every updates: Int) -> Bool { updates > 0 && self.updates % updates == 0 }

  private mutating func beginTask(_ index: Int) throws {
    online = OnlineTotals()
    data = try stream.begin(index)
    if data.training.count != sampler.plan.exampleCount {
      // The order of other tasks does not depend on how long this one was.
      sampler = try BatchSampler(
        Self.plan(configuration, data.training.count),
        generator: SeededGenerator(seed: UInt64(bitPattern: Int64(seed))).split("batches")
          .split("task-\(index)"))
    }
    if configuration.stream.kind != .randomLabels, recorder.isActive {
      let subject = diagnosticSubject()
      recorder.rebase(subject)
    }
    guard index > 0 else { return }
    if configuration.isFresh {
      learner = try learner(startedAt: index)
      beginRecording()
    } else {
      try learner.beginTask(.init(update: updates, task: index, updateInTask: 0))
    }
  }

  /// Stores the network as the reference of later measurements.
  private mutating func beginRecording() {
    guard recorder.isActive else { return }
    let subject = diagnosticSubject()
    recorder.begin(subject)
  }

  static func plan(
    _ configuration: ContinualConfiguration, _ exampleCount: Int
  ) throws -> BatchPlan {
    try BatchPlan(
      exampleCount: exampleCount, batchSize: min(configuration.batchSize, exampleCount))
  }

  /// The learner at the start of a task: the first one, or any of a fresh arm.
  func learner(startedAt index: Int) throws -> Learner {
    try Self.learner(
      configuration, task: task, lengths: lengths, root: root, index: index, device: device)
  }

  static func learner(
    _ configuration: ContinualConfiguration, task: ClassificationTask, lengths: TaskLengths,
    root: Generator, index: Int, weights: Generator? = nil, device: Device
  ) throws -> Learner {
    try UsageError.ofMethods {
      try Learner(
        configuration.design(vocabulary: task.vocabulary), inputShape: task.inputShape,
        outputs: task.classCount, weights: weights ?? root.split("weights").split("task-\(index)"),
        methods: root.split("methods"), updatesPerTask: lengths.total / configuration.tasks,
        device: device)
    }
  }
}
