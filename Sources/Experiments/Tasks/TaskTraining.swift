import Networks
import NormalizeAndProject
import Reinforcement
import RunStore
public import Torch
public import Training

/// The loop of every ``TaskRecipe``: a batch of the task at hand, a step, and at a task's end what it came to.
public struct TaskTraining<R: TaskRecipe>: TrainingRun {
  /// What decides the run beside its seed.
  public let configuration: R.Configuration
  /// The network with what changes it.
  public internal(set) var learner: Learner
  /// Updates completed.
  public internal(set) var updates = 0
  /// Updates of the whole run.
  public var totalUpdates: Int { configuration.tasks * configuration.updatesPerTask }
  /// The root of the run's random numbers; only ever split.
  public let generator: Generator

  let device: Device
  /// A batch of the task at hand that is not trained on.
  private(set) var probes: TaskBatch
  /// Declares effective learning rates of the weights that are scale-invariant.
  private let ledger: EffectiveLearningRateLedger
  private var recorder: DiagnosticRecorder
  private var online = OnlineTotals()
  private var hasEnded = false

  /// A run at its first update.
  init(_ configuration: R.Configuration, seed: Int, device: Device) throws {
    self.configuration = configuration
    self.device = device
    generator = Generator(seed: UInt64(bitPattern: Int64(seed)))
    let (inputs, outputs) = R.shape(configuration.settings)
    try ResourceError.refuse(
      configuration.network, inputShape: inputs, outputs: outputs, batch: configuration.batchSize)
    learner = try Self.learner(configuration, generator, startedAt: 0, device: device)
    probes = try Self.batch(configuration, generator, task: 0, "probes", device)
    ledger = learner.ledger(over: probes.inputs[0..<min(4, probes.inputs.shape[0])])
    recorder = try DiagnosticRecorder(
      configuration.recording.diagnostics,
      everyUpdates: configuration.recording.diagnosticsEveryUpdates)
    beginRecording()
  }

  /// The task that was last at work, the first before the first update.
  var task: Int { max(0, updates - 1) / configuration.updatesPerTask }

  /// Trains one update; see ``TrainingRun/next()``.
  public mutating func next() throws -> TrainingEvent? {
    guard updates < totalUpdates, !hasEnded else { return nil }
    do {
      return try update()
    } catch {
      let names = learner.parameters.map(\.name)
      guard let outcome = TrainingOutcome.status(of: error, names: names) else { throw error }
      hasEnded = true
      return TrainingEvent(updates: updates, task: task, outcome: outcome)
    }
  }

  private mutating func update() throws -> TrainingEvent {
    let (task, place) = updates.quotientAndRemainder(dividingBy: configuration.updatesPerTask)
    if place == 0 { try beginTask(task) }
    let recording = configuration.recording
    let endsTask = place + 1 == configuration.updatesPerTask
    let isMeasured =
      endsTask || (recording.everyUpdates > 0 && updates % recording.everyUpdates == 0)
    let isDiagnosed = recorder.isDue(after: updates + 1, endsTask: endsTask)

    let batch = try Self.batch(configuration, generator, task: task, "\(updates)", device)
    let outputs = learner.trainingOutputs(batch.inputs)
    let loss = R.loss(outputs, batch.targets)
    let value = loss.item
    guard value.isFinite else { throw TrainingDivergence(update: updates, .loss, value: value) }
    online.add(value, outputs, batch.targets)
    learner.position = .init(update: updates, task: task, updateInTask: place)
    let record = try learner.step(
      loss, inputs: batch.inputs, isMeasured: isMeasured || isDiagnosed
    ).record
    updates += 1

    var event = TrainingEvent(updates: updates, task: task, endsTask: endsTask)
    if isMeasured, let record {
      event.measurements += record.measurements(ledger, task: task, updates: updates)
    }
    if recording.everyUpdates > 0, isMeasured {
      event.measurements.append(
        MetricValue(.trainingLoss, task: task, updates: updates, value: value))
    }
    if endsTask {
      event.measurements += online.means.map {
        MetricValue($0.metric, task: task, updates: updates, value: $0.value)
      }
      let every = recording.checkpointEveryTasks
      event.isCheckpointDue = every > 0 && (task + 1) % every == 0
    }
    if isDiagnosed {
      let subject = diagnosticSubject(
        initial: recorder.initial, reference: recorder.reference, update: record)
      recorder.measure(subject, into: &event)
    }
    return event
  }

  private mutating func beginTask(_ task: Int) throws {
    online = OnlineTotals()
    guard task > 0 else { return }
    probes = try Self.batch(configuration, generator, task: task, "probes", device)
    if configuration.isFresh {
      learner = try Self.learner(configuration, generator, startedAt: task, device: device)
      beginRecording()
    } else {
      try learner.beginTask(.init(update: updates, task: task, updateInTask: 0))
      // Changes are measured over the same inputs, which may be others in every task.
      if recorder.isActive { recorder.rebase(diagnosticSubject()) }
    }
  }

  /// Takes the network as it is for what later measurements compare with.
  private mutating func beginRecording() {
    if recorder.isActive { recorder.begin(diagnosticSubject()) }
  }

  /// Network, optimizer, methods, initial norms, sums and what diagnostics compare with.
  public func snapshot() throws -> Snapshot {
    var snapshot = Snapshot()
    try learner.save(into: &snapshot)
    try snapshot.add("updates", updates)
    try snapshot.add("online", online)
    recorder.save(into: &snapshot)
    return snapshot
  }

  /// Goes on from a snapshot of the same configuration and seed; an error leaves the run as it was.
  public mutating func restore(_ snapshot: Snapshot) throws {
    let updates = try snapshot.value("updates", as: Int.self)
    guard (0...totalUpdates).contains(updates) else {
      throw SnapshotError("it is at update \(updates) of \(totalUpdates)")
    }
    let online = try snapshot.value("online", as: OnlineTotals.self)
    let task = max(0, updates - 1) / configuration.updatesPerTask
    let probes = try Self.batch(configuration, generator, task: task, "probes", device)
    // What drift is measured from: the parameters with which the learner of this task began.
    var (learner, recorder) = (learner, recorder)
    if configuration.isFresh, task > 0, recorder.comparesWithInitial {
      learner = try Self.learner(configuration, generator, startedAt: task, device: device)
      recorder.restart(learner.network)
    }
    try recorder.restore(snapshot)
    // Last, because it writes into the network; itself it is all or nothing.
    try learner.restore(snapshot)
    (self.learner, self.recorder, self.online, self.updates) = (learner, recorder, online, updates)
    self.probes = probes
  }

  /// A batch, on the run's device; equal names give equal batches.
  static func batch(
    _ configuration: R.Configuration, _ generator: Generator, task: Int, _ name: String,
    _ device: Device
  ) throws -> TaskBatch {
    let batch = try R.batch(
      TaskMoment(
        task: task, taskDraws: generator.split("tasks").split("task-\(task)"),
        draws: generator.split("batches").split(name)), configuration)
    return TaskBatch(
      inputs: batch.inputs.moved(to: device), targets: batch.targets.moved(to: device))
  }

  /// The learner as it starts at a task, which only arms that start anew do at any but the first.
  static func learner(
    _ configuration: R.Configuration, _ generator: Generator, startedAt task: Int,
    weights: Generator? = nil, device: Device
  ) throws -> Learner {
    let (inputs, outputs) = R.shape(configuration.settings)
    return try UsageError.ofMethods {
      try Learner(
        configuration.design, inputShape: inputs, outputs: outputs,
        weights: weights ?? generator.split("weights").split("task-\(task)"),
        methods: generator.split("methods"), updatesPerTask: configuration.updatesPerTask,
        device: device)
    }
  }
}

/// Sums over the batches of a task, each before its update.
private struct OnlineTotals: Codable {
  private var lossSum = 0.0
  private var batches = 0.0
  private var correct = 0.0
  private var labels = 0.0

  mutating func add(_ loss: Double, _ outputs: Tensor, _ targets: Tensor) {
    lossSum += loss
    batches += 1
    guard !targets.dtype.isFloatingPoint else { return }
    correct += withoutGradients { Accuracy.correctCount(outputs, targets).item }
    labels += Double(targets.elementCount)
  }

  /// Mean loss, and accuracy where targets are classes.
  var means: [(metric: Metric, value: Double)] {
    [(.onlineLoss, lossSum / batches)] + (labels > 0 ? [(.onlineAccuracy, correct / labels)] : [])
  }
}
