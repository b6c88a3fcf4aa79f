public import RunStore
public import Torch

/// A training loop as a sequence: each step trains one update and says what happened.
///
/// The caller records, saves, prints and stops. A state is restored into a run of the same configuration and seed.
public protocol TrainingRun: Stateful {
  /// Updates completed.
  var updates: Int { get }
  /// Updates of the whole run.
  var totalUpdates: Int { get }

  /// The facts that the run's numbers depend on and that its configuration does not have, such as checksums of data;
  /// `nil` if there are none.
  ///
  /// Called before the first update and before a run is resumed. The store keeps the manifest, and the run continues
  /// only under the same one. Everything that the run needs later is checked here, so that missing files are found
  /// early.
  ///
  /// - Throws: the error of a file, environment or device that is missing.
  func manifest() throws -> ProtocolManifest?

  /// The files of the manifest, by its groups; none by default.
  var sources: [String: String] { get }

  /// ``manifest()`` and remarks on the run for a person. Called instead of it when a run starts or is resumed.
  ///
  /// - Throws: as ``manifest()``.
  func examination() throws -> RunExamination

  /// Remarks for a person after the run was restored; empty unless it does not continue to the same bytes.
  var remarks: [String] { get }

  /// The most bytes of memory that the run will need in addition to those it has now; 0 unless it collects something,
  /// such as a replay.
  var bytesToCome: Int { get }

  /// What one update takes in and computes, for rates; `nil`, the default, records none.
  var work: UpdateWork? { get }

  /// Trains one update and measures what is due after it; `nil` after the end of the run.
  mutating func next() throws -> TrainingEvent?

  /// Trains one update. Leaves slow measurements that need only the state to ``evaluate()``, so that the caller can
  /// save a checkpoint in between. By default the same as ``next()``.
  ///
  /// - Throws: `StopRequest.Stopped` if the run was asked to stop during a long update. The run must then be dropped
  ///   and resumed from its last checkpoint.
  mutating func step() throws -> TrainingEvent?

  /// Whether ``evaluate()`` has something to measure. The state says so. False by default.
  var owesEvaluation: Bool { get }

  /// Measures the state after the last update, without changing anything that training depends on.
  ///
  /// - Throws: `StopRequest.Stopped` if the run was asked to stop. The evaluation is then still due, and the run can
  ///   continue.
  mutating func evaluate() throws -> [MetricValue]

  /// The SHA-256, in hexadecimal digits, of the part of a state that runs code when it is restored, such as an
  /// environment's pickle; `nil` if no part does.
  func codeChecksum(of state: State) -> String?

  /// What is too large for a checkpoint; none by default. A state that was read from a checkpoint says by its `folder`
  /// where it lies.
  var largeState: [any LargeState] { get }
}

extension TrainingRun {
  /// As ``next()``.
  public mutating func step() throws -> TrainingEvent? { try next() }
  /// Never.
  public var owesEvaluation: Bool { false }
  /// Not known.
  public var work: UpdateWork? { nil }
  /// Nothing.
  public mutating func evaluate() throws -> [MetricValue] { [] }
  /// None.
  public func manifest() throws -> ProtocolManifest? { nil }
  /// None.
  public var sources: [String: String] { [:] }
  /// Nothing runs.
  public func codeChecksum(of state: State) -> String? { nil }
  /// The manifest alone.
  public func examination() throws -> RunExamination { RunExamination(manifest: try manifest()) }
  /// None.
  public var remarks: [String] { [] }
  /// None.
  public var bytesToCome: Int { 0 }
  /// None.
  public var largeState: [any LargeState] { [] }

  /// Everything needed to continue from here, bit for bit.
  public func snapshot() throws -> State { try State(of: self) }
}

extension TrainingRun {
  /// ``next()`` of a run that has ``step()`` and ``evaluate()``. An evaluation that was due at a checkpoint is an event
  /// of its own.
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

/// The result of checking a run before its first update.
public struct RunExamination: Sendable {
  /// See ``TrainingRun/manifest()``.
  public var manifest: ProtocolManifest?
  /// Remarks for a person, one sentence each.
  public var remarks: [String]

  /// An examination; see the properties.
  public init(manifest: ProtocolManifest?, remarks: [String] = []) {
    self.manifest = manifest
    self.remarks = remarks
  }
}

/// The result of one update.
public struct TrainingEvent: Sendable {
  /// Updates completed, this one included.
  public var updates: Int
  /// The task of the update.
  public var task: Int
  /// Whether this was the task's last update.
  public var endsTask: Bool
  /// The measurements, often none.
  public var measurements: [MetricValue]
  /// Whether the run is due to be saved.
  public var isCheckpointDue: Bool
  /// Whether this checkpoint is kept when a later one is saved.
  public var keepsCheckpoint: Bool
  /// How the run ended, `nil` while it continues.
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
