public import Networks
public import RunStore
public import Torch

/// The loop of every recipe of this package: begin a task, update, say what was measured and what is due to be saved.
///
/// A run says what an update is (``update(_:)``), supervised or an agent's; this says when tasks begin and end, which
/// errors are outcomes of training, when checkpoints and evaluations are due, and where a saved run stands.
public protocol TaskLoop: TrainingRun {
  /// Where the run stands.
  var place: LoopPlace { get set }
  /// The updates of each task.
  var lengths: TaskLengths { get }
  /// When checkpoints and evaluations are due.
  var cadence: LoopCadence { get }
  /// The parameters that are trained, which errors name.
  var parameters: [NamedParameter] { get }

  /// Begins a task, the first one included, before its first update.
  mutating func begin(task: Int) throws

  /// Trains one update.
  ///
  /// - Returns: what was measured.
  /// - Throws: outcomes of training, and `StopRequest.Stopped` for a long update that is abandoned.
  mutating func update(_ moment: LoopMoment) throws -> [MetricValue]

  /// What is measured with the weights after an update, once its checkpoint is written.
  func evaluation(after moment: LoopMoment) throws -> [MetricValue]

  /// Adds everything but ``place``.
  func saveOwn(into state: inout State) throws

  /// Continues from ``saveOwn(into:)``, after so many updates. All or nothing.
  mutating func restoreOwn(_ state: State, updates: Int) throws
}

/// Where a ``TaskLoop`` stands.
public struct LoopPlace: Sendable {
  /// Updates completed.
  public internal(set) var updates = 0
  /// Whether an evaluation is due.
  public internal(set) var owesEvaluation = false
  /// Whether training ended before the last update.
  var hasEnded = false

  /// Before the first update.
  public init() {}
}

/// One update of a ``TaskLoop``.
public struct LoopMoment: Sendable {
  /// Updates completed before it.
  public let update: Int
  /// The task.
  public let task: Int
  /// Updates of the task before it.
  public let updateInTask: Int
  /// Whether it is the task's last.
  public let endsTask: Bool

  /// Updates completed after it.
  public var updates: Int { update + 1 }

  /// A measurement after it.
  func value(_ metric: Metric, of scope: String = "", _ value: Double) -> MetricValue {
    MetricValue(metric, scope: scope, task: task, updates: updates, value: value)
  }

  /// Where it is for methods and schedules.
  var position: TrainingPosition {
    TrainingPosition(update: update, task: task, updateInTask: updateInTask)
  }
}

/// When a ``TaskLoop`` saves and evaluates; 0 for never.
public struct LoopCadence: Sendable {
  /// Tasks from one checkpoint to the next.
  var checkpointTasks = 0
  /// Updates from one checkpoint to the next.
  var checkpointUpdates = 0
  /// Tasks from one checkpoint that is kept to the next.
  var keptTasks = 0
  /// Updates from one evaluation to the next.
  var evaluationUpdates = 0
  /// Whether the end of a task is evaluated, too.
  var evaluatesTasks = true

  static func isDue(_ count: Int, every: Int) -> Bool { every > 0 && count % every == 0 }
}

extension TaskLoop {
  /// Updates completed.
  public var updates: Int { place.updates }
  /// Updates of the whole run.
  public var totalUpdates: Int { lengths.total }
  /// Whether an evaluation is due.
  public var owesEvaluation: Bool { place.owesEvaluation }

  /// Trains one update and evaluates; see ``TrainingRun/next()``.
  public mutating func next() throws -> TrainingEvent? { try steppedAndEvaluated() }

  /// Trains one update; see ``TrainingRun/step()``.
  public mutating func step() throws -> TrainingEvent? {
    guard updates < totalUpdates, !place.hasEnded else { return nil }
    let moment = moment(updates)
    do {
      if moment.updateInTask == 0 { try begin(task: moment.task) }
      let values = try update(moment)
      place.updates += 1
      return event(after: moment, values)
    } catch {
      let names = parameters.map(\.name)
      guard let outcome = TrainingOutcome.status(of: error, names: names) else { throw error }
      place.hasEnded = true
      return TrainingEvent(updates: updates, task: moment.task, outcome: outcome)
    }
  }

  private mutating func event(after moment: LoopMoment, _ values: [MetricValue]) -> TrainingEvent {
    let tasks = moment.task + 1
    place.owesEvaluation =
      (moment.endsTask && cadence.evaluatesTasks)
      || LoopCadence.isDue(updates, every: cadence.evaluationUpdates)
    return TrainingEvent(
      updates: updates, task: moment.task, endsTask: moment.endsTask, measurements: values,
      isCheckpointDue: (moment.endsTask && LoopCadence.isDue(tasks, every: cadence.checkpointTasks))
        || LoopCadence.isDue(updates, every: cadence.checkpointUpdates),
      keepsCheckpoint: moment.endsTask && LoopCadence.isDue(tasks, every: cadence.keptTasks))
  }

  /// What is due of the state; see ``TrainingRun/evaluate()``.
  public mutating func evaluate() throws -> [MetricValue] {
    guard owesEvaluation, updates > 0 else { return [] }
    let values = try evaluation(after: moment(updates - 1))
    place.owesEvaluation = false
    return values
  }

  /// The update after so many completed ones.
  func moment(_ updates: Int) -> LoopMoment {
    let (task, before) = lengths.place(after: updates)
    return LoopMoment(
      update: updates, task: task, updateInTask: before,
      endsTask: before + 1 == lengths.length(ofTask: task))
  }

  /// Adds everything that the run needs to continue.
  public func save(into state: inout State) throws {
    try saveOwn(into: &state)
    try state.add("updates", updates)
    state.owesEvaluation = owesEvaluation
  }

  /// Continues from a state of the same configuration and seed; an error leaves the run as it was.
  public mutating func restore(_ state: State) throws {
    let updates = try state.value("updates", as: Int.self)
    guard (0...totalUpdates).contains(updates) else {
      throw StateError("it is at update \(updates) of \(totalUpdates)")
    }
    try restoreOwn(state, updates: updates)
    place = LoopPlace()
    place.updates = updates
    place.owesEvaluation = state.owesEvaluation
  }
}

extension State {
  /// Whether the state was saved before it was evaluated, which is then the first thing to do.
  public var owesEvaluation: Bool {
    get { values["evaluation"] == "\"owed\"" }
    set { values["evaluation"] = newValue ? "\"owed\"" : nil }
  }
}
