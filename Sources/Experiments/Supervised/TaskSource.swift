public import Networks
import Plasticity
public import RunStore
public import Torch
public import Training

/// What a supervised run learns from, task by task: the batches, and what is recorded of a task beside losses and
/// weights.
public protocol TaskSource: Stateful {
  /// What is trained.
  var design: Learner.Design { get }
  /// The shape of one example.
  var inputShape: [Int] { get }
  /// The number of outputs.
  var outputs: Int { get }
  /// What compares outputs with targets.
  var loss: Loss { get }
  /// Whether network and optimizer are initialized again at every task.
  var isFresh: Bool { get }
  /// The updates of each task.
  var lengths: TaskLengths { get }
  /// What is measured, and when.
  var schedule: RecordingSchedule { get }
  /// Whether inputs are others in every task, so that changes are measured anew from its beginning.
  var changesInputs: Bool { get }

  /// Parts that a batch is computed in, one after another, whose gradients add up.
  var microBatches: Int { get }

  /// How outputs and losses are computed.
  var computation: Computation { get }

  /// λ of the average of weights that is kept; 0 for none.
  var averageDecay: Double { get }

  /// Begins a task; called for 0, 1, … in order, except in a resumed run.
  mutating func begin(_ task: Int) throws

  /// The batch of an update, on the run's device.
  mutating func batch(_ moment: LoopMoment) throws -> TaskBatch

  /// Examples of the task at hand by which a network is looked at.
  var probes: TaskBatch { get }
  /// The inputs on which units are counted.
  var unitProbes: Tensor { get }
  /// A few inputs over which the run's first network is audited for its effective rates.
  var firstInputs: Tensor { get }
  /// The inputs of the task (N, …), for which probe tasks have other targets.
  var taskInputs: Tensor { get }
  /// Examples of one batch.
  var batchSize: Int { get }

  /// Measurements within tasks, and at their ends.
  ///
  /// - Parameter loss: of the batch before the update.
  func measurements(_ network: Sequential, loss: Double, _ moment: LoopMoment) -> [MetricValue]

  /// What a network's state comes to after an update, once its checkpoint is written.
  func evaluation(
    _ network: Sequential, _ online: OnlineTotals, after moment: LoopMoment, generator: Generator
  ) throws -> [MetricValue]

  /// What a network with averaged weights comes to at an evaluation; names as ``evaluation(_:_:after:generator:)``.
  func averageResults(_ network: Sequential, after moment: LoopMoment) throws -> [MetricValue]

  /// Results of ``evaluation(_:_:after:generator:)`` at a task's end that are also diagnostics.
  func evaluatedMetrics(_ moment: LoopMoment) -> Set<Metric>

  /// Continues from what `save(into:)` saved in a task; `nil` before the first.
  mutating func restore(_ state: State, task: Int?) throws

  /// The facts that the run's numbers depend on beside its configuration.
  func manifest() throws -> ProtocolManifest?
  /// The files of the manifest.
  var files: [String: String] { get }
}

extension TaskSource {
  /// One.
  public var microBatches: Int { 1 }
  /// In the network's own type.
  public var computation: Computation { Computation() }
  /// None.
  public var averageDecay: Double { 0 }
  /// None.
  public func averageResults(
    _ network: Sequential, after moment: LoopMoment
  ) throws -> [MetricValue] { [] }
  /// The probes.
  public var unitProbes: Tensor { probes.inputs }
  /// The probes, where there are no other targets.
  public var taskInputs: Tensor { probes.inputs }
  /// The loss of the batch before the update.
  public func measurements(
    _ network: Sequential, loss: Double, _ moment: LoopMoment
  ) -> [MetricValue] {
    [moment.value(.trainingLoss, loss)]
  }
  /// What averaged weights are evaluated by, the entropy of attention where there is attention, and at the end of a
  /// task the mean results of its batches.
  public func evaluation(
    _ network: Sequential, _ online: OnlineTotals, after moment: LoopMoment, generator: Generator
  ) throws -> [MetricValue] {
    var values = try averageResults(network, after: moment)
    if moment.endsTask {
      values += online.results(updates: lengths.length(ofTask: moment.task)).map {
        moment.value($0.metric, $0.value)
      }
    }
    return values + attentionResults(network, moment)
  }

  /// The mean entropy of attention, and of each layer's; nothing without attention.
  func attentionResults(_ network: Sequential, _ moment: LoopMoment) -> [MetricValue] {
    let attention = AttentionEntropy.measure(network, probes: probes.inputs)
    guard let mean = attention.mean else { return [] }
    return [moment.value(.attentionEntropy, mean)]
      + attention.layers.map { moment.value(.attentionEntropy, of: $0.name, $0.entropy) }
  }
  /// None.
  public func evaluatedMetrics(_ moment: LoopMoment) -> Set<Metric> { [] }
  /// None.
  public func manifest() throws -> ProtocolManifest? { nil }
  /// None.
  public var files: [String: String] { [:] }
  /// As before the first task.
  public mutating func restore(_ state: State) throws { try restore(state, task: nil) }
}

/// What a supervised run records, and when; 0 for never.
public struct RecordingSchedule: Sendable {
  /// Updates from one measurement within tasks to the next.
  var everyUpdates = 0
  /// Names of diagnostics.
  var diagnostics: [String] = []
  /// Updates from one recording of diagnostics to the next.
  var diagnosticsEveryUpdates = 0
  /// When checkpoints and evaluations are due.
  var cadence = LoopCadence()
}

/// Sums over the batches of a task, each before its update.
public struct OnlineTotals: Codable, Equatable, Sendable {
  /// Right answers; none where targets are numbers.
  var correct = 0
  /// Examples whose targets are classes.
  var count = 0
  /// Sum of the batches' mean losses.
  var lossSum = 0.0

  /// Mean loss of a task of so many updates, and accuracy where targets are classes.
  func results(updates: Int) -> [(metric: Metric, value: Double)] {
    let accuracy = count > 0 ? [(Metric.onlineAccuracy, Double(correct) / Double(count))] : []
    return accuracy + [(.onlineLoss, lossSum / Double(updates))]
  }
}

/// The totals of a task, with numbers that still lie on the device.
struct OnlineRecord {
  private var known: OnlineTotals
  private var losses = PendingNumbers()
  private var correct = PendingNumbers()

  init(_ totals: OnlineTotals = OnlineTotals()) { known = totals }

  /// Takes in the mean loss of a batch. Reads nothing, but once in a thousand batches.
  mutating func add(_ loss: Tensor) {
    losses.append(loss)
    if losses.count >= 1_000 { self = OnlineRecord(totals) }
  }

  /// Takes in how many answers to a batch were right. Reads nothing.
  mutating func add(_ correct: [Tensor], of count: Int) {
    for number in correct { self.correct.append(number) }
    known.count += count
  }

  /// The number of right answers; `nil` where targets are numbers.
  static func correctCount(_ outputs: Tensor, _ targets: Tensor) -> Tensor? {
    areClasses(targets) ? withoutGradients { Accuracy.correctCount(outputs, targets) } : nil
  }

  static func areClasses(_ targets: Tensor) -> Bool { !targets.dtype.isFloatingPoint }

  /// The sums. Waits for the device.
  var totals: OnlineTotals {
    var (totals, losses, correct) = (known, losses, correct)
    totals.lossSum = losses.take().reduce(totals.lossSum, +)
    totals.correct += Int(correct.take().reduce(0, +))
    return totals
  }
}
