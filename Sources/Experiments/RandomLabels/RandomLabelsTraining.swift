import Datasets
public import Networks
import NormalizeAndProject
import RunStore
public import Torch

/// The loop of ``RandomLabels``: draw labels, train, measure at the task's end, again.
///
/// Weights, labels, batches and probes draw from generators of their own, split from the seed by
/// name, so that arms of one seed see the same labels and batches and start from the same weights.
public struct RandomLabelsTraining: TrainingRun {
  /// What decides the run beside its seed.
  public let configuration: RandomLabelsConfiguration
  /// The run's seed.
  public let seed: Int
  /// Where it trains.
  public let device: Device
  /// The network, with normalizations inserted where the arm has them.
  public internal(set) var network: Sequential
  /// Updates completed.
  public internal(set) var updates = 0

  let task: ImageTask
  let root: Generator
  let probes: Tensor
  var parameters: [NamedParameter]
  var optimizer: any Optimizer
  var projection: ProjectionState
  var sampler: BatchSampler
  var labelGenerator: SeededGenerator
  var assignment: LabelAssignment?
  var labels: Tensor
  var online = OnlineTotals()
  var hasEnded = false

  /// Sums over the batches of a task, each before its update.
  struct OnlineTotals: Codable, Equatable {
    var correct = 0
    var count = 0
    var lossSum = 0.0
  }

  /// Updates of the whole run.
  public var totalUpdates: Int { configuration.tasks * configuration.updatesPerTask }

  /// A run at its first update.
  ///
  /// - Throws: configuration errors, and `ProjectionError` for a weight whose initial norm is zero.
  public init(
    _ configuration: RandomLabelsConfiguration, task: ImageTask, seed: Int, device: Device
  ) throws {
    self.configuration = configuration
    self.task = task
    self.seed = seed
    self.device = device
    root = Generator(seed: UInt64(bitPattern: Int64(seed)))
    let start = try Self.initialized(
      configuration, task: task, root: root, index: 0, device: device)
    network = start.network
    parameters = start.network.trainableParameters
    optimizer = start.optimizer
    projection = start.projection
    let draws = SeededGenerator(seed: UInt64(bitPattern: Int64(seed)))
    labelGenerator = draws.split("labels")
    sampler = try BatchSampler(
      BatchPlan(exampleCount: task.count, batchSize: min(configuration.batchSize, task.count)),
      generator: draws.split("batches"))
    var probeOrder = draws.split("probes")
    let rows = probeOrder.permutation(of: task.count)
      .prefix(min(configuration.recording.probeCount, task.count))
    probes = task.images[Tensor(Array(rows), device: device)]
    labels = Tensor.zeros([task.count], dtype: .int64, device: device)
  }

  /// Trains one update; see ``TrainingRun/next()``.
  public mutating func next() throws -> TrainingEvent? {
    guard updates < totalUpdates, !hasEnded else { return nil }
    let updateInTask = updates % configuration.updatesPerTask
    let taskIndex = updates / configuration.updatesPerTask
    if updateInTask == 0 { try beginTask(taskIndex) }
    let endsTask = updateInTask + 1 == configuration.updatesPerTask
    let every = configuration.recording.everyUpdates
    let isMeasured = endsTask || (every > 0 && updates % every == 0)

    let batch = sampler.nextBatch()
    let rows = Tensor(batch.indices, device: device)
    let batchLabels_B = labels[rows]
    let logits_BK = network(task.images[rows])
    let loss = logits_BK.crossEntropy(batchLabels_B)
    online.correct += withoutGradients {
      Accuracy.correctCount(logits_BK, batchLabels_B).integerItem
    }
    online.count += batch.indices.count
    let lossValue = loss.item
    guard lossValue.isFinite else {
      return end(.notFinite(reason: "the loss is \(lossValue) at update \(updates)"), taskIndex)
    }
    online.lossSum += lossValue

    let gradients = gradients(of: loss, withRespectTo: parameters.map(\.parameter.value))
    let learningRate = configuration.schedule.rate(
      update: updates, updateInTask: updateInTask, base: configuration.optimizer.learningRate)
    let radii = projection.radii(for: parameters, update: updates)
    var report: UpdateReport?
    do {
      report = try optimizer.step(
        UpdateRequest(
          parameters: parameters.map(\.parameter), gradients: gradients,
          learningRate: learningRate,
          gradientScale: configuration.optimizer.gradientScale(for: gradients), radii: radii,
          isMeasured: isMeasured))
      try projection.apply(
        update: updates, learningRate: learningRate, restoredByOptimizer: !radii.isEmpty)
    } catch let error as OptimizerError {
      return end(.notFinite(reason: error.description(names: parameters.map(\.name))), taskIndex)
    } catch let error as ProjectionError {
      return end(.notFinite(reason: "\(error)"), taskIndex)
    }
    updates += 1

    var event = TrainingEvent(updates: updates, task: taskIndex, endsTask: endsTask)
    if isMeasured, let report {
      event.measurements += updateMeasurements(
        report, gradients: gradients, learningRate: learningRate, task: taskIndex)
    }
    if endsTask {
      event.measurements += taskMeasurements(taskIndex)
      let checkpointEvery = configuration.recording.checkpointEveryTasks
      event.isCheckpointDue = checkpointEvery > 0 && (taskIndex + 1) % checkpointEvery == 0
    }
    return event
  }

  private mutating func end(_ outcome: RunStatus, _ task: Int) -> TrainingEvent {
    hasEnded = true
    return TrainingEvent(updates: updates, task: task, outcome: outcome)
  }

  private mutating func beginTask(_ index: Int) throws {
    online = OnlineTotals()
    if let current = assignment {
      assignment = try current.redrawn(
        share: configuration.relabeledShare, using: &labelGenerator)
    } else {
      assignment = try LabelAssignment(
        random: task.count, classCount: task.classCount, using: &labelGenerator)
    }
    labels = Tensor(assignment?.labels ?? [], device: device)
    guard configuration.isFresh, index > 0 else { return }
    let start = try Self.initialized(
      configuration, task: task, root: root, index: index, device: device)
    network = start.network
    parameters = start.network.trainableParameters
    optimizer = start.optimizer
    projection = start.projection
  }

  private static func initialized(
    _ configuration: RandomLabelsConfiguration, task: ImageTask, root: Generator, index: Int,
    device: Device
  ) throws -> (network: Sequential, optimizer: any Optimizer, projection: ProjectionState) {
    let plain = try configuration.network.build(
      inputShape: task.imageShape, classes: task.classCount,
      generator: root.split("weights").split("task-\(index)"), device: device)
    let network = try normalized(
      plain, inputShape: task.imageShape, normalization: configuration.nap.normalization,
      scaleAndOffset: configuration.nap.scaleAndOffset)
    let parameters = network.trainableParameters
    return (
      network, try configuration.optimizer.make(for: parameters.map(\.parameter)),
      try ProjectionState(configuration.nap, parameters: parameters)
    )
  }
}
