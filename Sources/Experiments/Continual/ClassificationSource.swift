import Datasets
public import Networks
public import RunStore
public import Torch
public import Training

/// A run of a ``ContinualRecipe``.
public typealias ContinualTraining = SupervisedTraining<ClassificationSource>

/// Examples with classes, which a stream changes from task to task, in batches of shuffled epochs.
public struct ClassificationSource: TaskSource {
  /// The configuration.
  public let configuration: ContinualConfiguration
  public let design: Learner.Design
  public let lengths: TaskLengths
  public let schedule: RecordingSchedule

  let task: ClassificationTask
  let device: Device
  /// The root of tasks, batches and probes.
  let draws: SeededGenerator
  /// Every example once: those of the probes, and of other tasks' probes, first.
  let probeOrder: [Int]
  var stream: any TaskStream
  /// The current task's; before the first task the examples with their true classes.
  var data: TaskData
  var sampler: BatchSampler

  /// The examples of a run before its first task.
  init(
    _ configuration: ContinualConfiguration, task: ClassificationTask, seed: Int, device: Device
  ) throws {
    self.configuration = configuration
    self.task = task
    self.device = device
    let recording = configuration.recording
    schedule = RecordingSchedule(
      everyUpdates: recording.everyUpdates, diagnostics: recording.diagnostics,
      diagnosticsEveryUpdates: recording.diagnosticsEveryUpdates,
      cadence: LoopCadence(
        checkpointTasks: recording.checkpointEveryTasks,
        checkpointUpdates: recording.checkpointEveryUpdates,
        keptTasks: recording.keepCheckpointEveryTasks,
        evaluationUpdates: recording.evaluateEveryUpdates))
    design = try configuration.design(vocabulary: task.vocabulary)
    try ResourceError.refuse(
      configuration.builtNetwork(vocabulary: task.vocabulary), inputShape: task.inputShape,
      outputs: task.classCount, batch: min(configuration.batchSize, task.count))
    draws = SeededGenerator(seed: UInt64(bitPattern: Int64(seed)))
    let stream = try configuration.stream.stream(
      task, tasks: configuration.tasks, draws: draws)
    self.stream = stream
    lengths = TaskLengths(
      (0..<configuration.tasks).map {
        configuration.updates(forExamples: stream.exampleCount(ofTask: $0))
      })
    data = task.data
    sampler = try BatchSampler(
      Self.plan(configuration, stream.exampleCount(ofTask: 0)), generator: draws.split("batches"))
    var probeDraws = draws.split("probes")
    probeOrder = Array(probeDraws.permutation(of: task.count))
  }

  /// Channels, height and width, or the number of tokens.
  public var inputShape: [Int] { task.inputShape }
  /// The number of classes.
  public var outputs: Int { task.classCount }
  /// Cross entropy.
  public var loss: Loss { .crossEntropy }
  public var isFresh: Bool { configuration.isFresh }
  /// Random labels stand over the same inputs.
  public var changesInputs: Bool { configuration.stream.kind != .randomLabels }
  /// As configured.
  public var averageDecay: Double { configuration.average.decay }
  /// Images of a batch, at most all.
  public var batchSize: Int { min(configuration.batchSize, data.training.count) }

  /// Begins a task of the stream.
  public mutating func begin(_ task: Int) throws {
    data = try stream.begin(task)
    guard data.training.count != sampler.plan.exampleCount else { return }
    // The order of other tasks does not depend on how long this one was.
    sampler = try BatchSampler(
      Self.plan(configuration, data.training.count),
      generator: draws.split("batches").split("task-\(task)"))
  }

  /// The next batch of the epoch.
  public mutating func batch(_ moment: LoopMoment) -> TaskBatch {
    let rows = Tensor(sampler.nextBatch().indices, device: device)
    return TaskBatch(inputs: data.training.inputs[rows], targets: data.training.labels[rows])
  }

  /// Labels, positions and generators.
  public func save(into state: inout State) throws {
    try state.add("batches", sampler.position)
    try stream.save(into: &state)
  }

  /// Continues in a task; an error changes nothing.
  public mutating func restore(_ state: State, task: Int?) throws {
    let position = try state.value("batches", as: BatchPosition.self)
    var stream = stream
    let data = try stream.restore(state, task: task)
    let count = stream.exampleCount(ofTask: task ?? 0)
    sampler = try BatchSampler(Self.plan(configuration, count), position: position)
    self.stream = stream
    if let data { self.data = data }
  }

  private static func plan(
    _ configuration: ContinualConfiguration, _ exampleCount: Int
  ) throws -> BatchPlan {
    try BatchPlan(
      exampleCount: exampleCount, batchSize: min(configuration.batchSize, exampleCount))
  }

  /// The checksums of the files of the examples; `nil` for examples without files.
  public func manifest() -> ProtocolManifest? { ProtocolManifest(task.files) }
  /// The paths of those files.
  public var files: [String: String] { task.files.mapValues(\.path) }
}
