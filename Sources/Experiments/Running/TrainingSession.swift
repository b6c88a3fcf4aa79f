public import Foundation
public import RunStore
public import Torch

/// A run being trained with its record kept: series in the store, checkpoints in the run's folder.
///
/// Series are written before the checkpoint that follows them, and a resumed run drops what was
/// recorded after its checkpoint, so that store and checkpoint always agree. The value holds the
/// run's lock until the run ends, is interrupted or fails. A state that is not finite never replaces a checkpoint: it goes
/// beside it as ``Checkpoint/divergedFileName``.
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
    /// Where to train.
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
  /// Updates completed before this sitting.
  public let resumedAt: Int
  /// The updates of the checkpoint that a resumed run would begin from; 0 for the run's start.
  public private(set) var savedAt: Int

  /// What a person should know before the first update, a sentence each.
  public private(set) var remarks: [String]

  let store: Store
  let identity: Checkpoint.Identity
  /// The claim on the run, given up when it ends.
  private var lock: RunLock?
  private let started = ContinuousClock.now
  private var pending: [MetricValue] = []
  private var flushed = ContinuousClock.now
  private var task = 0
  private var hasEnded = false
  private var isPrepared = false

  /// Seconds of this sitting, by a clock that nobody sets.
  public var wallSeconds: Double { (ContinuousClock.now - started) / .seconds(1) }

  /// What the run is measured in, facts by name, by group; empty where there is nothing to say.
  public var manifest: [String: [String: String]] {
    (try? store.run(run))?.manifest?.groups ?? [:]
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
      run: run.id, remarks: examination.remarks)
  }

  /// Takes up a stopped run at its checkpoint, or at its start when it has none, and clears away what
  /// a killed writer left in its folder.
  ///
  /// - Throws: ``CheckpointError`` when the checkpoint belongs to another run or configuration, and
  ///   whatever reading it or the store throws. Store and folder are then as they were.
  public init(resuming run: Run, device: Device, store: Store) throws {
    let lock = try store.lock(run.id)
    do {
      // Another process may have gone on with the run since it was looked up.
      let run = try store.run(run.id)
      guard run.status != .finished else {
        throw StoreError.wrongState(
          identifier: run.id.text, found: "finished", expected: "stopped",
          suggestion: "There is nothing to resume.")
      }
      let (training, remarks) = try Self.training(resuming: run, device: device, store: store)
      try store.resume(
        run.id, fromUpdates: training.updates, provenance: Self.provenance(device), holding: lock)
      DurableFile.removeAbandoned(in: store.folder(of: run.id))
      self.init(
        training: training, store: store, lock: lock, resumedAt: training.updates,
        identity: Checkpoint.Identity(
          recipe: run.recipe, preset: run.preset, arm: run.arm, seed: run.seed,
          configuration: run.configuration, updates: 0, run: run.id.text,
          napVersion: NapVersion.current), run: run.id, remarks: remarks)
    } catch {
      store.discardFolder(of: lock, for: run.id)
      throw error
    }
  }

  private init(
    training: R.Training, store: Store, lock: RunLock, resumedAt: Int,
    identity: Checkpoint.Identity, run: StoreIdentifier, remarks: [String]
  ) {
    self.remarks = remarks
    self.run = run
    self.training = training
    self.store = store
    self.lock = lock
    self.resumedAt = resumedAt
    self.savedAt = resumedAt
    self.identity = identity
  }

  /// Trains one update, records what it brought, and saves when the recipe asks for it; `nil` once
  /// the run has finished.
  ///
  /// When the disk refuses, the run is recorded as failed if the store still takes it, and the error
  /// is thrown; the last checkpoint stays.
  public mutating func next() throws -> TrainingEvent? {
    guard !hasEnded else { return nil }
    return try recordingFailure { session in
      if !session.isPrepared {
        try session.training.prepareCompanions(in: session.store.folder(of: session.run))
        session.isPrepared = true
      }
      guard var event = try session.training.next() else {
        let status = try session.end(as: .finished)
        return status == .finished
          ? nil
          : TrainingEvent(
            updates: session.training.updates, task: session.task, outcome: status)
      }
      session.task = event.task
      session.pending += event.measurements
      if let outcome = event.outcome {
        event.outcome = try session.end(as: outcome)
      } else if event.isCheckpointDue || event.keepsCheckpoint {
        if let outcome = try session.save() {
          event.outcome = try session.end(as: outcome)
        } else if event.keepsCheckpoint {
          try session.keepCheckpoint()
        }
      } else if !session.pending.isEmpty, ContinuousClock.now - session.flushed > .seconds(2) {
        try session.flush()
      }
      return event
    }
  }

  /// Saves and records the run as interrupted, so that it can be resumed.
  ///
  /// - Returns: what was recorded: another outcome when the state turns out not to be finite.
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
      // What was measured up to the fault may tell why it came.
      try? flush()
      try? store.end(run, as: .failed(message: "\(error)"), wallSeconds: wallSeconds)
      lock = nil
      throw error
    }
  }

  private mutating func end(as wanted: RunStatus) throws -> RunStatus {
    hasEnded = true
    var status = wanted
    switch wanted {
    case .running, .finished, .interrupted:
      status = try save(isLast: wanted == .finished) ?? wanted
    case .diverged, .notFinite, .failed: try flush()
    }
    if status != wanted || wanted.reason != nil {
      try write(training.snapshot(), to: Checkpoint.divergedFileName)
    }
    try store.end(run, as: status, wallSeconds: wallSeconds)
    lock = nil
    return status
  }

  private mutating func flush() throws {
    try store.append(pending, to: run)
    pending.removeAll(keepingCapacity: true)
    flushed = .now
  }

  /// Saves, or says why the state is not one to go on from.
  private mutating func save(isLast: Bool = false) throws -> RunStatus? {
    try flush()
    if isLast {
      training.releaseCompanions()
    } else {
      try training.saveCompanions(in: store.folder(of: run))
    }
    let snapshot = try training.snapshot()
    if let name = snapshot.firstNotFinite {
      return .notFinite(
        reason: "\(name) holds NaN or an infinity after update \(training.updates)")
    }
    try write(snapshot, to: Checkpoint.fileName)
    savedAt = training.updates
    try training.commitCompanions(in: store.folder(of: run))
    return nil
  }

  private func write(_ snapshot: Snapshot, to name: String) throws {
    var identity = identity
    identity.updates = training.updates
    try Checkpoint(identity: identity, snapshot: snapshot)
      .write(to: store.folder(of: run).appendingPathComponent(name))
  }

  /// The run as its record says, at its checkpoint when it has one.
  private static func training(
    resuming run: Run, device: Device, store: Store
  ) throws -> (training: R.Training, remarks: [String]) {
    let configuration = try StoredConfiguration.read(
      R.self, from: run.configuration, of: "run \(run.id)")
    var training = try R.started(configuration, seed: run.seed, device: device)
    let examination = try training.examination()
    try checkProtocol(of: run, against: examination.manifest, in: store.folder(of: run.id))
    let url = store.folder(of: run.id).appendingPathComponent(Checkpoint.fileName)
    guard FileManager.default.fileExists(atPath: url.path) else {
      return (training, examination.remarks)
    }
    let checkpoint = try Checkpoint(reading: url)
    let saved = checkpoint.identity
    guard saved.run == run.id.text, saved.recipe == run.recipe, saved.arm == run.arm,
      saved.seed == run.seed, saved.configuration == run.configuration
    else {
      let isSame = saved.run == run.id.text
      throw CheckpointError(
        path: url.path,
        expected: "the checkpoint of run \(run.id) (\(run.recipe)/\(run.arm)/\(run.seed))",
        found: "one of run \(Excerpt.of(saved.run)) (\(Excerpt.of(saved.recipe))/"
          + "\(Excerpt.of(saved.arm))/\(saved.seed))"
          + (isSame ? " with other settings" : ""),
        remedy: "put the run's own checkpoint back, or move the file away to train from the start")
    }
    try checkpoint.restore(into: &training, path: url.path)
    // What was said when the run began is not said again beside what came of it.
    return (training, training.remarks.isEmpty ? examination.remarks : training.remarks)
  }

  /// Runs from before manifests were kept have none, and are taken to agree.
  private static func checkProtocol(
    of run: Run, against manifest: ProtocolManifest?, in folder: URL
  ) throws(CheckpointError) {
    guard let kept = run.manifest, let manifest else { return }
    let differences = kept.differences(from: manifest)
    guard differences.isEmpty else {
      throw CheckpointError(
        path: folder.path, expected: "the worlds that run \(run.id) was begun in",
        found: "others (\(differences.joined(separator: "; ")), what it was begun in first)",
        remedy: "install what it was begun with, or train anew")
    }
  }

  /// Gives the checkpoint a second name that no later one takes away. What is written anew is another
  /// file under the first name, so the two never share bytes that change.
  private func keepCheckpoint() throws {
    let kept = Checkpoint.keptURL(in: store.folder(of: run), updates: training.updates)
    let files = FileManager.default
    try files.createDirectory(
      at: kept.deletingLastPathComponent(), withIntermediateDirectories: true)
    // Another run of the same updates may have left its own: it gives way only to a whole one.
    let temporary = kept.appendingPathExtension("part")
    try? files.removeItem(at: temporary)
    do {
      try files.linkItem(at: checkpointURL, to: temporary)
    } catch {
      try files.copyItem(at: checkpointURL, to: temporary)
    }
    guard rename(temporary.path, kept.path) == 0 else {
      throw CheckpointError(
        path: kept.path, expected: "a place for a checkpoint that stays",
        found: String(cString: strerror(errno)), remedy: "check the folder's permissions and space")
    }
  }

  private static func provenance(_ device: Device) -> Provenance {
    .current(
      napVersion: NapVersion.current, libtorchVersion: Machine.libtorchVersion,
      device: device.description, threadCount: Machine.threadCount)
  }
}
