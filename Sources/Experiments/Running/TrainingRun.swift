public import Foundation
public import RunStore

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

  /// Trains one update; `nil` once the run has ended.
  mutating func next() throws -> TrainingEvent?

  /// Everything needed to go on from here, bit for bit.
  func snapshot() throws -> Snapshot

  /// Goes on from a snapshot of a run with the same configuration and seed. All or nothing: an error
  /// leaves the run as it was.
  mutating func restore(_ snapshot: Snapshot) throws

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
  /// None.
  public func manifest() throws -> ProtocolManifest? { nil }
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
