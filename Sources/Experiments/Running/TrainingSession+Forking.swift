import Foundation
public import RunStore
import Texts
import Torch

/// What a new run is that goes on from a checkpoint of another.
public struct RunFork<R: Recipe> {
  /// The parent's configuration with the changes.
  public let configuration: R.Configuration
  /// The parent's arm; changes but those of length and recording stand in brackets, as in
  /// `nap[nap.scaleAndOffset=free]`.
  public let arm: String

  /// A fork of a run.
  ///
  /// - Throws: ``UsageError`` for a change that the parent's configuration does not take.
  public init(_ parent: Run, changes: [ConfigurationOverride]) throws {
    let old = try StoredConfiguration.read(
      R.self, from: parent.configuration, of: "run \(parent.id)")
    configuration = try changes.applied(to: old)
    let lengths = (old as? any ExtensibleConfiguration)?.lengthSettings.values.map(\.self) ?? []
    let own = changes.filter { !lengths.contains($0.key) && !$0.key.hasPrefix("recording.") }
    let name = try ArmName(parsing: parent.arm)
    arm = ArmName(name.arm, settings: name.settings + own).description
  }
}

extension TrainingSession {
  /// A new run that goes on from a checkpoint of another, its parent, with other settings.
  ///
  /// It has the parent's points up to the checkpoint, and a checkpoint of its own before its first update. With the
  /// parent's settings and seed it ends with the parent's bytes.
  ///
  /// - Parameters:
  ///   - updates: of the checkpoint; `nil` for the last.
  ///   - changes: how the configuration differs from the parent's, for errors.
  ///   - trustsState: see ``init(resuming:device:store:trustsState:acceptsGap:extending:)``.
  /// - Throws: ``CheckpointError`` without such a checkpoint, naming those that are kept; ``UsageError`` naming the
  ///   settings under which the parent's state does not go on.
  public init(
    forking parent: Run, at updates: Int? = nil, changes: [ConfigurationOverride],
    _ request: Request,
    store: Store, trustsState: Bool = false
  ) throws {
    let source = store.folder(of: parent.id)
    let url = try Checkpoint.url(in: source, of: parent, at: updates)
    let checkpoint = try Checkpoint(reading: url)
    guard checkpoint.identity.run == parent.id.text, checkpoint.identity.recipe == R.name else {
      throw CheckpointError(
        path: url.path, expected: "a checkpoint of run \(parent.id)",
        found: "one of run \(Excerpt.of(checkpoint.identity.run))",
        remedy: "put the run's own checkpoint back")
    }
    var training = try R.started(
      request.configuration, seed: request.seed, device: request.device)
    let examination = try training.examination()
    try Self.requireOwnState(checkpoint, training, of: parent, url, store, trustsState)
    let text = try JSONText.encode(request.configuration)
    let run = Run(
      name: request.name, recipe: R.name, preset: request.preset, arm: request.arm,
      seed: request.seed, configuration: text, provenance: Self.provenance(request.device),
      manifest: examination.manifest, parent: parent.id, parentUpdates: checkpoint.identity.updates)
    let lock = try store.lock(run.id)
    let folder = store.folder(of: run.id)
    var own = checkpoint
    own.identity = Checkpoint.Identity(
      recipe: R.name, preset: request.preset, arm: request.arm, seed: request.seed,
      configuration: text, updates: checkpoint.identity.updates, run: run.id.text,
      napVersion: NapVersion.current,
      recordedCount: try store.pointCount(of: parent.id, upTo: checkpoint.identity.updates))
    own.snapshot.folder = folder
    do {
      for large in training.largeState { try large.copy(from: source, to: folder) }
      do {
        try own.restore(into: &training, path: url.path)
      } catch let error as CheckpointError {
        throw Self.refusal(error, checkpoint, changes, parent, request)
      }
      guard training.updates < training.totalUpdates else {
        throw UsageError(
          "--from \(parent.id)@\(training.updates): that is the end of a run of this length; name an earlier "
            + "checkpoint, or give a greater length with --set")
      }
      // On the disk before the run is recorded, so that no record is without it.
      try own.write(to: folder.appendingPathComponent(Checkpoint.fileName))
      try store.fork(run)
    } catch {
      try? FileManager.default.removeItem(at: folder)
      throw error
    }
    if let sum = training.codeChecksum(of: own.snapshot) {
      try store.noteWrittenState(sum, by: run.id)
    }
    self.init(
      training: training, store: store, lock: lock, resumedAt: training.updates,
      identity: own.identity, run: run.id, device: request.device,
      remarks: examination.remarks + training.remarks)
  }

  /// The error with the settings that cause it: each change is tried alone.
  private static func refusal(
    _ error: CheckpointError, _ checkpoint: Checkpoint, _ changes: [ConfigurationOverride],
    _ parent: Run, _ request: Request
  ) -> any Error {
    func fits(_ change: ConfigurationOverride) -> Bool {
      guard
        let old = try? StoredConfiguration.read(
          R.self, from: parent.configuration, of: "run \(parent.id)"),
        let changed = try? [change].applied(to: old),
        var training = try? R.started(changed, seed: request.seed, device: request.device)
      else { return false }
      // What is too large for a checkpoint does not depend on a setting that fits the rest.
      return (try? checkpoint.restore(into: &training, path: "")) != nil
    }
    let found = changes.filter { !fits($0) }
    guard !changes.isEmpty else { return error }
    let named = (found.isEmpty ? changes : found).map { "--set \($0.key)=\($0.value)" }
    return UsageError(
      "\(named.joined(separator: ", ")): the weights and state of run \(parent.id) do not go on under this "
        + "(\(error.found)); leave it out, or train a new run")
  }
}

extension Checkpoint {
  /// The checkpoint of a run after so many updates; the last one for `nil`.
  ///
  /// - Throws: ``CheckpointError`` that names those that are there.
  static func url(in folder: URL, of run: Run, at updates: Int?) throws -> URL {
    let found = all(in: folder)
    let counts = try found.map { try self.updates(of: [$0])?.first }
    if let updates, let place = counts.lastIndex(of: updates) { return found[place] }
    if updates == nil, let last = found.last { return last }
    let known = counts.compactMap { $0 }.map(String.init)
    throw CheckpointError(
      path: folder.path,
      expected: "a checkpoint of run \(run.id)" + (updates.map { " after \($0) updates" } ?? ""),
      found: known.isEmpty ? "none" : "those after \(known.joined(separator: ", "))",
      remedy: known.isEmpty
        ? "train it on; a stopped run has one"
        : "write --from \(run.id)@\(known[known.count - 1]), or keep more with "
          + "recording.keepCheckpointEveryTasks in another run")
  }
}
