public import Foundation
public import RunStore
public import Torch

/// A run being trained with its record kept: series in the store, checkpoints in the run's folder.
///
/// Series are written before the checkpoint that follows them, and a resumed run drops what was
/// recorded after its checkpoint, so that store and checkpoint always agree.
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

  let store: Store
  let identity: Checkpoint.Identity
  private let started = Date()
  private var pending: [MetricValue] = []
  private var flushed = Date()
  private var hasEnded = false

  /// Seconds of this sitting.
  public var wallSeconds: Double { Date().timeIntervalSince(started) }

  /// Where the run's checkpoint lies.
  public var checkpointURL: URL {
    store.folder(of: run).appendingPathComponent(Checkpoint.fileName)
  }

  /// Records and starts a new run.
  public init(_ request: Request, store: Store) throws {
    let training = try R.start(request.configuration, seed: request.seed, device: request.device)
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
      configuration: text, provenance: Self.provenance(request.device))
    if let entry = request.entry {
      try store.start(run, asEntry: entry.position, of: entry.comparison.id)
    } else {
      try store.create(run)
    }
    self.init(
      run: run.id, training: training, store: store, resumedAt: 0,
      identity: Checkpoint.Identity(
        recipe: R.name, preset: request.preset, arm: request.arm, seed: request.seed,
        configuration: text, updates: 0, run: run.id.text, napVersion: NapVersion.current))
    try FileManager.default.createDirectory(
      at: store.folder(of: run.id), withIntermediateDirectories: true)
  }

  /// Takes up a stopped run at its checkpoint, or at its start when it has none.
  ///
  /// - Throws: ``CheckpointError`` when the checkpoint belongs to another run or configuration, and
  ///   whatever reading it or the store throws.
  public init(resuming run: Run, device: Device, store: Store) throws {
    let configuration = try StoredConfiguration.read(
      R.self, from: run.configuration, of: "run \(run.id)")
    var training = try R.start(configuration, seed: run.seed, device: device)
    let url = store.folder(of: run.id).appendingPathComponent(Checkpoint.fileName)
    var updates = 0
    if FileManager.default.fileExists(atPath: url.path) {
      let checkpoint = try Checkpoint(reading: url)
      let saved = checkpoint.identity
      guard saved.run == run.id.text, saved.recipe == run.recipe, saved.arm == run.arm,
        saved.seed == run.seed, saved.configuration == run.configuration
      else {
        throw CheckpointError(
          path: url.path, expected: "the checkpoint of run \(run.id) (\(run.name))",
          found: "one of run \(saved.run) (\(saved.recipe)/\(saved.arm)/\(saved.seed))",
          remedy: "put the run's own checkpoint back, or train anew")
      }
      try checkpoint.restore(into: &training, path: url.path)
      updates = saved.updates
    }
    try store.resume(run.id, fromUpdates: updates, provenance: Self.provenance(device))
    self.init(
      run: run.id, training: training, store: store, resumedAt: updates,
      identity: Checkpoint.Identity(
        recipe: run.recipe, preset: run.preset, arm: run.arm, seed: run.seed,
        configuration: run.configuration, updates: 0, run: run.id.text,
        napVersion: NapVersion.current))
    try FileManager.default.createDirectory(
      at: store.folder(of: run.id), withIntermediateDirectories: true)
  }

  private init(
    run: StoreIdentifier, training: R.Training, store: Store, resumedAt: Int,
    identity: Checkpoint.Identity
  ) {
    self.run = run
    self.training = training
    self.store = store
    self.resumedAt = resumedAt
    self.identity = identity
  }

  /// Trains one update, records what it brought, and saves when the recipe asks for it; `nil` once
  /// the run has ended.
  ///
  /// When the disk refuses, the run is recorded as failed if the store still takes it, and the error
  /// is thrown; the last checkpoint stays.
  public mutating func next() throws -> TrainingEvent? {
    guard !hasEnded else { return nil }
    do {
      guard let event = try training.next() else {
        try end(as: .finished)
        return nil
      }
      pending += event.measurements
      if let outcome = event.outcome {
        try end(as: outcome)
      } else if event.isCheckpointDue {
        try save()
      } else if !pending.isEmpty, Date().timeIntervalSince(flushed) > 2 {
        try flush()
      }
      return event
    } catch {
      hasEnded = true
      try? store.end(run, as: .failed(message: "\(error)"), wallSeconds: wallSeconds)
      throw error
    }
  }

  /// Saves and records the run as interrupted, so that it can be resumed.
  public mutating func interrupt() throws {
    guard !hasEnded else { return }
    try end(as: .interrupted)
  }

  private mutating func end(as status: RunStatus) throws {
    hasEnded = true
    try save()
    try store.end(run, as: status, wallSeconds: wallSeconds)
  }

  private mutating func flush() throws {
    try store.append(pending, to: run)
    pending.removeAll(keepingCapacity: true)
    flushed = Date()
  }

  private mutating func save() throws {
    try flush()
    var identity = identity
    identity.updates = training.updates
    try Checkpoint(identity: identity, snapshot: training.snapshot()).write(to: checkpointURL)
  }

  private static func provenance(_ device: Device) -> Provenance {
    .current(
      napVersion: NapVersion.current, libtorchVersion: Machine.libtorchVersion,
      device: device.description, threadCount: Machine.threadCount)
  }
}
