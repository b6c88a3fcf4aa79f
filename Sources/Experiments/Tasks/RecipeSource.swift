public import Networks
public import RunStore
public import Torch
public import Training

/// A run of a ``TaskRecipe``.
public typealias TaskTraining = SupervisedTraining<RecipeSource>

/// The batches of a ``TaskRecipe``, which depend on the seed and their place alone.
public struct RecipeSource: TaskSource {
  public let design: Learner.Design
  public let inputShape: [Int]
  public let outputs: Int
  /// The recipe's.
  public let loss: Loss
  public let isFresh: Bool
  public let averageDecay: Double
  public let lengths: TaskLengths
  public let schedule: RecordingSchedule
  /// A batch of the task at hand that is not trained on.
  public private(set) var probes: TaskBatch

  /// A batch on the run's device; equal names give equal batches.
  private let named: (_ task: Int, _ name: String) throws -> TaskBatch

  /// The batches of a run before its first task.
  ///
  /// - Throws: ``ResourceError`` for a network that memory cannot hold, and what the recipe throws.
  init<R: TaskRecipe>(
    _ recipe: R.Type, _ configuration: R.Configuration, generator: Generator, device: Device
  ) throws {
    design = configuration.design
    (inputShape, outputs) = R.shape(configuration.settings)
    loss = R.loss
    isFresh = configuration.isFresh
    averageDecay = configuration.average.decay
    lengths = TaskLengths(
      Array(repeating: configuration.updatesPerTask, count: configuration.tasks))
    let recording = configuration.recording
    schedule = RecordingSchedule(
      everyUpdates: recording.everyUpdates, diagnostics: recording.diagnostics,
      diagnosticsEveryUpdates: recording.diagnosticsEveryUpdates,
      cadence: LoopCadence(checkpointTasks: recording.checkpointEveryTasks))
    try ResourceError.refuse(
      configuration.network, inputShape: inputShape, outputs: outputs,
      batch: configuration.batchSize)
    named = { task, name in
      let batch = try R.batch(
        TaskMoment(
          task: task, taskDraws: generator.split("tasks").split("task-\(task)"),
          draws: generator.split("batches").split(name)), configuration)
      return TaskBatch(
        inputs: batch.inputs.moved(to: device), targets: batch.targets.moved(to: device))
    }
    probes = try named(0, "probes")
  }

  /// They may be.
  public var changesInputs: Bool { true }
  /// Four of ``probes``.
  public var firstInputs: Tensor { probes.inputs[0..<min(4, batchSize)] }
  public var batchSize: Int { probes.inputs.shape[0] }

  /// Draws the task's probes.
  public mutating func begin(_ task: Int) throws { probes = try named(task, "probes") }

  /// The recipe's batch.
  public func batch(_ moment: LoopMoment) throws -> TaskBatch {
    try named(moment.task, "\(moment.update)")
  }

  /// The loss of ``probes``.
  public func averageResults(
    _ network: Sequential, after moment: LoopMoment
  ) -> [MetricValue] {
    let value = withoutGradients { loss(network(probes.inputs), probes.targets).item }
    return [moment.value(.testLoss, value)]
  }

  /// Mean loss of the task's batches, and accuracy where targets are classes; where an average of weights is kept, also
  /// the loss of ``probes`` to compare its with.
  public func evaluation(
    _ network: Sequential, _ online: OnlineTotals, after moment: LoopMoment, generator: Generator
  ) -> [MetricValue] {
    online.results(updates: lengths.length(ofTask: moment.task)).map {
      moment.value($0.metric, $0.value)
    } + (averageDecay > 0 ? averageResults(network, after: moment) : [])
  }

  /// Nothing: batches depend on the seed and their place.
  public func save(into state: inout State) {}

  /// Draws the task's probes.
  public mutating func restore(_ state: State, task: Int?) throws { try begin(task ?? 0) }
}
