public import Foundation
public import RunStore
import Texts
public import Torch
import Training

/// Trains a run and records it: series in the store, checkpoints in the run's folder.
///
/// Series are written before the checkpoint that follows them. A resumed run deletes values that were recorded after
/// its checkpoint, so store and checkpoint always agree. The session holds the run's lock until the run ends, is
/// interrupted or fails. A state that is not finite never replaces a checkpoint: it is saved beside it as
/// ``Checkpoint/divergedFileName``.
public struct TrainingSession<R: Recipe> {
  /// What to train.
  public struct Request {
    /// The preset's name, for the record.
    public var preset: String
    /// The arm's name.
    public var arm: String
    /// The resolved configuration.
    public var configuration: R.Configuration
    /// The run's seed.
    public var seed: Int
    /// The device.
    public var device: Device
    /// The run's name; made from the rest when absent.
    public var name: String?
    /// The plan's entry that the run is for.
    public var entry: (comparison: Comparison, position: Int)?

    /// A request; see the properties.
    public init(
      preset: String, arm: String, configuration: R.Configuration, seed: Int, device: Device,
      name: String? = nil, entry: (comparison: Comparison, position: Int)? = nil
    ) {
      self.preset = preset
      self.arm = arm
      self.configuration = configuration
      self.seed = seed
      self.device = device
      self.name = name
      self.entry = entry
    }
  }

  /// The run's identifier in the store.
  public let run: StoreIdentifier
  /// The loop.
  public private(set) var training: R.Training
  /// Updates completed before this session.
  public let resumedAt: Int
  /// The updates of the last checkpoint, from which a resumed run starts; 0 without a checkpoint.
  public private(set) var savedAt: Int

  /// Remarks for a person before the first update, one sentence each.
  public private(set) var remarks: [String]

  /// The processes that train the run together; this one, of rank 0, records it.
  let parallel: DataParallel?
  let store: Store
  let identity: Checkpoint.Identity
  /// The lock of the run, released when it ends.
  private var lock: RunLock?
  /// Kept beside the claim.
  private var mark: RunsUnderWay.Mark?
  private let started = ContinuousClock.now
  private var meter: RateMeter
  private var pending: [MetricValue] = []
  private var flushed = ContinuousClock.now
  private var task = 0
  private var hasEnded = false
  private var isPrepared = false
  /// Seconds of earlier sessions.
  private let earlierSeconds: Double
  /// Whether an update was abandoned halfway. The state can then not be saved.
  private var isTorn = false

  /// Whether the checkpoint of an interrupted run has every update; false if it was stopped during a long update.
  public var isSaved: Bool { !isTorn }

  /// Whether the run is to be interrupted: as somebody asked, or as all processes have agreed.
  public var isStopDue: Bool { parallel?.isStopAgreed ?? StopRequest.isAsked }

  /// A command of `nap` about the run's store; see `Store.command(_:)`.
  public func command(_ words: String) -> String { store.command(words) }

  /// Seconds of this session, by a monotonic clock.
  public var wallSeconds: Double { (ContinuousClock.now - started) / .seconds(1) }

  /// The manifest: facts by name, by group; empty if there is none.
  public var manifest: [String: [String: String]] {
    (try? store.run(run))?.manifest?.groups ?? [:]
  }

  /// An event file of TensorBoard for what this session measures.
  ///
  /// - Throws: `StoreError` where it cannot be written.
  public func eventFile(below folder: URL) throws -> EventFile {
    try EventFile(store.run(run), below: folder, after: resumedAt > 0 ? resumedAt : nil)
  }

  /// Where the run's checkpoint lies.
  public var checkpointURL: URL {
    store.folder(of: run).appendingPathComponent(Checkpoint.fileName)
  }

  /// Records and starts a new run.
  public init(_ request: Request, store: Store) throws {
    let training = try R.started(
      request.configuration, seed: request.seed, device: request.device)
    let examination = try training.examination()
    let text = try JSONText.encode(request.configuration)
    let purpose: Run.Purpose =
      switch request.entry?.comparison.kind {
      case nil: .training
      case .comparison: .comparison
      case .sweep: .tuning
      }
    let run = Run(
      name: request.name, recipe: R.name, preset: request.preset, arm: request.arm,
      seed: request.seed, group: request.entry?.comparison.id, purpose: purpose,
      configuration: text, provenance: Self.provenance(request.device),
      manifest: examination.manifest)
    let lock = try store.lock(run.id)
    do {
      if let entry = request.entry {
        try store.start(run, asEntry: entry.position, of: entry.comparison.id)
      } else {
        try store.create(run)
      }
    } catch {
      store.discardFolder(of: lock, for: run.id)
      throw error
    }
    self.init(
      training: training, store: store, lock: lock, resumedAt: 0,
      identity: Checkpoint.Identity(
        recipe: R.name, preset: request.preset, arm: request.arm, seed: request.seed,
        configuration: text, updates: 0, run: run.id.text, napVersion: NapVersion.current),
      run: run.id, device: request.device, remarks: examination.remarks)
  }

  /// Resumes a stopped run at its checkpoint, or at its start if it has none, and deletes unfinished files that a
  /// killed writer left in its folder.
  ///
  /// - Parameter trustsState: whether to read a state that may run code even if the store has no record that this run
  ///   wrote it.
  /// - Parameter acceptsGap: whether to continue even if the store has lost values from before the checkpoint.
  /// - Parameter extending: the run's new length, if it goes on beyond its end.
  /// - Throws: ``CheckpointError`` if the checkpoint belongs to another run or configuration, and errors of reading it
  ///   or the store. Store and folder are then unchanged.
  public init(
    resuming run: Run, device: Device, store: Store, trustsState: Bool = false,
    acceptsGap: Bool = false, extending: RunExtension<R>? = nil
  ) throws {
    let lock = try store.lock(run.id)
    do {
      // Another process may have continued the run since it was looked up.
      let run = try store.run(run.id)
      guard run.status != .finished || extending != nil else {
        throw StoreError.wrongState(
          identifier: run.id.text, found: "finished", expected: "stopped",
          suggestion: "There is nothing to resume.")
      }
      let longer = try extending.map { try JSONText.encode($0.configuration) }
      let (training, remarks) = try Self.training(
        resuming: run, as: extending?.configuration, device: device, store: store,
        trustsState: trustsState, acceptsGap: acceptsGap)
      try store.resume(
        run.id, fromUpdates: training.updates, provenance: Self.provenance(device),
        configuration: longer, holding: lock)
      DurableFile.removeAbandoned(in: store.folder(of: run.id))
      self.init(
        training: training, store: store, lock: lock, resumedAt: training.updates,
        identity: Checkpoint.Identity(
          recipe: run.recipe, preset: run.preset, arm: run.arm, seed: run.seed,
          configuration: longer ?? run.configuration, updates: 0, run: run.id.text,
          napVersion: NapVersion.current), run: run.id, device: device,
        remarks: (extending?.remarks ?? []) + remarks)
    } catch {
      store.discardFolder(of: lock, for: run.id)
      throw error
    }
  }

  init(
    training: R.Training, store: Store, lock: RunLock, resumedAt: Int,
    identity: Checkpoint.Identity, run: StoreIdentifier, device: Device, remarks: [String]
  ) {
    meter = RateMeter(device)
    parallel = DataParallel.current
    self.remarks = remarks
    self.run = run
    self.training = training
    self.store = store
    self.lock = lock
    mark = RunsUnderWay.Mark(run, in: store)
    earlierSeconds = (try? store.lastPoint(SeriesKey(.seconds), of: run))?.value ?? 0
    self.resumedAt = resumedAt
    self.savedAt = resumedAt
    self.identity = identity
  }

  /// Trains one update, records its measurements, and saves if the run asks for it; `nil` after the run has finished.
  ///
  /// If the disk cannot be written, the run is recorded as failed where the store allows it, and the error is thrown.
  /// The last checkpoint stays.
  public mutating func next() throws -> TrainingEvent? {
    guard !hasEnded else { return nil }
    return try recordingFailure { session in
      if !session.isPrepared {
        let folder = session.store.folder(of: session.run)
        for large in session.training.largeState { try large.open(in: folder) }
        session.isPrepared = true
      }
      // A run that was stopped during an evaluation evaluates first.
      if session.training.owesEvaluation {
        return try session.evaluated(
          TrainingEvent(updates: session.training.updates, task: session.task))
      }
      let stepped: TrainingEvent?
      do {
        let start = ContinuousClock.now
        stepped = try session.training.step()
        session.meter.add(ContinuousClock.now - start)
      } catch is StopRequest.Stopped {
        session.isTorn = true
        return TrainingEvent(updates: session.training.updates, task: session.task)
      }
      guard var event = stepped else {
        let status = try session.end(as: .finished)
        return status == .finished
          ? nil
          : TrainingEvent(
            updates: session.training.updates, task: session.task, outcome: status)
      }
      session.task = event.task
      session.pending += event.measurements
      if !event.measurements.isEmpty {
        session.noteTime(task: event.task, updates: event.updates)
        if let work = session.training.work {
          session.pending += session.meter.values(work, after: event)
        }
      }
      if let outcome = event.outcome {
        event.outcome = try session.end(as: outcome)
        return event
      }
      if event.isCheckpointDue || event.keepsCheckpoint {
        if let outcome = try session.save() {
          event.outcome = try session.end(as: outcome)
          return event
        }
        if event.keepsCheckpoint { try session.keepCheckpoint() }
      }
      return try session.evaluated(event)
    }
  }

  /// Adds the evaluation of the state to an event, after its checkpoint, since it may take minutes. An evaluation that
  /// a request to stop ends is still due and is saved as such.
  private mutating func evaluated(_ event: TrainingEvent) throws -> TrainingEvent {
    var event = event
    do {
      let values = try whileOthersWait { try $0.evaluate() }
      event.measurements += values
      pending += values
      if let value = values.first {
        task = value.task
        noteTime(task: value.task, updates: value.updates)
      }
    } catch is StopRequest.Stopped {
    }
    if ContinuousClock.now - flushed > .seconds(2) { try flush() }
    return event
  }

  /// Gives the processes that train with this one the run and its state.
  ///
  /// - Throws: `ProcessError` naming a process that has other data.
  public mutating func share() throws {
    guard let parallel else { return }
    let start = SharedRun(
      recipe: identity.recipe, arm: identity.arm, seed: identity.seed,
      configuration: identity.configuration, manifest: try store.run(run).manifest)
    _ = try parallel.group.shared(JSONText.encode(start))
    try training.takeState(ofRank0: parallel.group)
  }

  /// Runs a part that only this process has to do. Others wait; they do not take it for lost, and requests to stop are
  /// agreed on afterwards.
  private mutating func whileOthersWait<Result>(
    _ body: (inout R.Training) throws -> Result
  ) throws -> Result {
    guard let parallel else { return try body(&training) }
    return try parallel.group.whileBusy { try StopRequest.ignoring { try body(&training) } }
  }

  private mutating func noteTime(task: Int, updates: Int) {
    pending.append(
      MetricValue(.seconds, task: task, updates: updates, value: earlierSeconds + wallSeconds))
  }

  /// Saves the run and records it as interrupted, so that it can be resumed. A run that was stopped during a long
  /// update stays at its last checkpoint, ``savedAt``.
  ///
  /// - Returns: the recorded status: another outcome if the state is not finite.
  @discardableResult
  public mutating func interrupt() throws -> RunStatus {
    guard !hasEnded else { return .interrupted }
    return try recordingFailure { try $0.end(as: .interrupted) }
  }

  private mutating func recordingFailure<Value>(
    _ body: (inout TrainingSession) throws -> Value
  ) throws -> Value {
    do {
      return try body(&self)
    } catch {
      hasEnded = true
      // Measurements before the fault may show its cause.
      try? flush()
      try? store.end(run, as: .failed(message: "\(error)"), wallSeconds: wallSeconds)
      (lock, mark) = (nil, nil)
      throw error
    }
  }

  private mutating func end(as wanted: RunStatus) throws -> RunStatus {
    hasEnded = true
    guard let parallel else { return try ended(as: wanted) }
    return try parallel.group.whileBusy { try ended(as: wanted) }
  }

  private mutating func ended(as wanted: RunStatus) throws -> RunStatus {
    var status = wanted
    switch wanted {
    case .interrupted where isTorn: try flush()
    case .running, .finished, .interrupted:
      status = try save(isLast: wanted == .finished) ?? wanted
    case .diverged, .notFinite, .failed: try flush()
    }
    if status != wanted || wanted.reason != nil {
      try write(training.snapshot(), to: Checkpoint.divergedFileName)
    }
    try store.end(run, as: status, wallSeconds: wallSeconds)
    (lock, mark) = (nil, nil)
    return status
  }

  private mutating func flush() throws {
    // Also without measurements: a missing store must be noticed early.
    try store.requirePresence()
    try store.append(pending, to: run)
    pending.removeAll(keepingCapacity: true)
    flushed = .now
  }

  /// Saves, or returns why the state must not be saved.
  private mutating func save(isLast: Bool = false) throws -> RunStatus? {
    guard let parallel else { return try written(isLast) }
    return try parallel.group.whileBusy { try written(isLast) }
  }

  private mutating func written(_ isLast: Bool) throws -> RunStatus? {
    try flush()
    let (folder, largeState) = (store.folder(of: run), training.largeState)
    var snapshot = try training.snapshot()
    if !isLast { try snapshot.write(largeState, in: folder) }
    if let outcome = TrainingOutcome.status(of: snapshot, updates: training.updates) {
      return outcome
    }
    if let sum = training.codeChecksum(of: snapshot) { try store.noteWrittenState(sum, by: run) }
    try write(snapshot, to: Checkpoint.fileName)
    savedAt = training.updates
    for large in largeState {
      if isLast { try large.discard(in: folder) } else { try large.commit(in: folder) }
    }
    return nil
  }

  private func write(_ snapshot: State, to name: String) throws {
    var identity = identity
    identity.updates = training.updates
    identity.recordedCount = try store.pointCount(of: run)
    try Checkpoint(identity: identity, snapshot: snapshot)
      .write(to: store.folder(of: run).appendingPathComponent(name))
  }

  static func provenance(_ device: Device) -> Provenance {
    .current(
      napVersion: NapVersion.current, libtorchVersion: Machine.libtorchVersion,
      device: "\(device)" + (Machine.isDeterministic ? " deterministic" : "")
        + (CaptureChoice.isOn ? " captured" : ""),
      threadCount: Machine.threadCount, processCount: DataParallel.current?.group.size)
  }
}
