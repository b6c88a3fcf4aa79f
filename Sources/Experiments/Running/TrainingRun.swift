public import Foundation
public import RunStore
public import Training

/// A training loop as a sequence: each step trains one update and says what happened.
///
/// Recording, checkpointing, printing and stopping are done by whoever iterates.
public protocol TrainingRun {
  /// Updates completed.
  var updates: Int { get }
  /// Updates of the whole run.
  var totalUpdates: Int { get }

  /// What the run's numbers depend on that its configuration does not hold; `nil` where there is no such thing.
  ///
  /// Asked for before the first update and before a run goes on: it is kept with the run, which goes on under the same alone. What
  /// the run will need later is looked for here, so that what is missing is found now.
  ///
  /// - Throws: what cannot be had.
  func manifest() throws -> ProtocolManifest?

  /// Where files that the manifest tells of lie, by its groups; none unless given.
  var sources: [String: String] { get }

  /// ``manifest()``, with what a person should know of the run before its first update. Asked for in its place where a
  /// run is begun or taken up.
  ///
  /// - Throws: what cannot be had.
  func examination() throws -> RunExamination

  /// What a person should know of where the run stands, once it was restored; nothing unless it does not go on exactly.
  var remarks: [String] { get }

  /// Bytes of memory that the run takes later on beside what it has now, at most; 0 unless it collects something, such
  /// as a replay.
  var bytesToCome: Int { get }

  /// Trains one update and measures what is due after it; `nil` once the run has ended.
  mutating func next() throws -> TrainingEvent?

  /// Trains one update and leaves to ``evaluate()`` what takes a while and needs nothing but the state: whoever keeps
  /// checkpoints saves in between. All of ``next()`` unless the run says otherwise.
  ///
  /// - Throws: `StopRequest.Stopped` where it was asked to stop and the update would take long; the run is then of no further use,
  ///   its last checkpoint is.
  mutating func step() throws -> TrainingEvent?

  /// Whether ``evaluate()`` has something to measure; a part of what ``snapshot()`` saves. Never unless the run says otherwise.
  var owesEvaluation: Bool { get }

  /// Measures the state that the last update left; changes nothing that training depends on.
  ///
  /// - Throws: `StopRequest.Stopped` when it was asked to stop; the evaluation is then still owed, and the run goes on.
  mutating func evaluate() throws -> [MetricValue]

  /// Everything needed to go on from here, bit for bit.
  func snapshot() throws -> Snapshot

  /// Goes on from a snapshot of a run with the same configuration and seed. All or nothing: an error
  /// leaves the run as it was.
  mutating func restore(_ snapshot: Snapshot) throws

  /// The SHA-256 sum, as hexadecimal digits, of what in a snapshot runs code when it is restored, such as an environment's pickle;
  /// `nil` where nothing does, as in most runs.
  func codeSum(of snapshot: Snapshot) -> String?

  /// Says where ``saveCompanions(in:)`` will write, before the first update of a sitting, so that a run can write a little at a
  /// time.
  mutating func prepareCompanions(in folder: URL) throws

  /// Writes what is too large for a checkpoint, such as a replay, into a folder of its own, so that the next
  /// ``snapshot()`` can name it. Does nothing unless the run has such things.
  ///
  /// What earlier checkpoints name must stay whole.
  mutating func saveCompanions(in folder: URL) throws

  /// The run has come to its end: its last ``snapshot()`` need not name what only going on would need, and the next
  /// ``commitCompanions(in:)`` lets go of all of it.
  mutating func releaseCompanions()

  /// The checkpoint that names what was written is on the disk: what none names any more may go.
  mutating func commitCompanions(in folder: URL) throws

  /// As ``restore(_:)``, with the folder of what lies beside the checkpoint.
  mutating func restore(_ snapshot: Snapshot, companions folder: URL) throws
}

extension TrainingRun {
  /// As ``next()``.
  public mutating func step() throws -> TrainingEvent? { try next() }
  /// Never.
  public var owesEvaluation: Bool { false }
  /// Nothing.
  public mutating func evaluate() throws -> [MetricValue] { [] }
  /// None.
  public func manifest() throws -> ProtocolManifest? { nil }
  /// None.
  public var sources: [String: String] { [:] }
  /// Nothing runs.
  public func codeSum(of snapshot: Snapshot) -> String? { nil }
  /// The manifest alone.
  public func examination() throws -> RunExamination { RunExamination(manifest: try manifest()) }
  /// None.
  public var remarks: [String] { [] }
  /// None.
  public var bytesToCome: Int { 0 }
  /// Nothing.
  public mutating func prepareCompanions(in folder: URL) throws {}
  /// Nothing.
  public mutating func saveCompanions(in folder: URL) throws {}
  /// Nothing.
  public mutating func releaseCompanions() {}
  /// Nothing.
  public mutating func commitCompanions(in folder: URL) throws {}
  /// The snapshot alone.
  public mutating func restore(_ snapshot: Snapshot, companions folder: URL) throws {
    try restore(snapshot)
  }
}

extension TrainingRun {
  /// ``next()`` of a run that has ``step()`` and ``evaluate()``. What a checkpoint left owed comes as an event of its own.
  mutating func steppedAndEvaluated() throws -> TrainingEvent? {
    if owesEvaluation {
      let owed = try evaluate()
      return TrainingEvent(updates: updates, task: owed.first?.task ?? 0, measurements: owed)
    }
    guard var event = try step() else { return nil }
    if event.outcome == nil { event.measurements += try evaluate() }
    return event
  }
}

/// What was found of a run before its first update.
public struct RunExamination: Sendable {
  /// What its numbers depend on that its configuration does not hold; `nil` where there is no such thing.
  public var manifest: ProtocolManifest?
  /// What a person should know, a sentence each.
  public var remarks: [String]

  /// An examination; see the properties.
  public init(manifest: ProtocolManifest?, remarks: [String] = []) {
    self.manifest = manifest
    self.remarks = remarks
  }
}

/// What one update brought.
public struct TrainingEvent: Sendable {
  /// Updates completed, this one included.
  public var updates: Int
  /// The task of the update.
  public var task: Int
  /// Whether this was the task's last update.
  public var endsTask: Bool
  /// What was measured, often nothing.
  public var measurements: [MetricValue]
  /// Whether the recipe wants its state saved here.
  public var isCheckpointDue: Bool
  /// Whether the state saved here is to stay when a later one is saved.
  public var keepsCheckpoint: Bool
  /// How the run ended, `nil` while it goes on.
  public var outcome: RunStatus?

  /// An event; see the properties.
  public init(
    updates: Int, task: Int, endsTask: Bool = false, measurements: [MetricValue] = [],
    isCheckpointDue: Bool = false, keepsCheckpoint: Bool = false, outcome: RunStatus? = nil
  ) {
    self.updates = updates
    self.task = task
    self.endsTask = endsTask
    self.measurements = measurements
    self.isCheckpointDue = isCheckpointDue
    self.keepsCheckpoint = keepsCheckpoint
    self.outcome = outcome
  }
}
