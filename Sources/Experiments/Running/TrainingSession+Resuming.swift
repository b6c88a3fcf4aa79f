import Foundation
import RunStore
import Texts
import Torch

extension TrainingSession {
  /// The run of a record, at its checkpoint if it has one.
  ///
  /// - Parameter longer: its configuration from here on, if it is extended; it then needs its checkpoint.
  static func training(
    resuming run: Run, as longer: R.Configuration?, device: Device, store: Store,
    trustsState: Bool, acceptsGap: Bool
  ) throws -> (training: R.Training, remarks: [String]) {
    let configuration =
      try longer
      ?? StoredConfiguration.read(R.self, from: run.configuration, of: "run \(run.id)")
    var training = try R.started(configuration, seed: run.seed, device: device)
    let examination = try training.examination()
    try SameEnvironments.require(
      of: run, against: examination.manifest, sources: training.sources,
      in: store.folder(of: run.id), orElse: "train a new run with the file that is there now")
    let url = store.folder(of: run.id).appendingPathComponent(Checkpoint.fileName)
    guard FileManager.default.fileExists(atPath: url.path) else {
      guard longer == nil, run.parent == nil else {
        throw CheckpointError(
          path: url.path, expected: "the checkpoint from which run \(run.id) goes on",
          found: "none",
          remedy: "put it back from a copy, or train a new run")
      }
      return (training, examination.remarks)
    }
    let checkpoint = try Checkpoint(reading: url)
    let saved = checkpoint.identity
    guard saved.run == run.id.text, saved.recipe == run.recipe,
      saved.arm == FreshArm.name(run.arm, ofRun: run.configuration),
      saved.seed == run.seed,
      saved.configuration == run.configuration
        // Of a run that was extended and has not saved since.
        || StoredConfiguration.isShorter(R.self, saved.configuration, than: run.configuration)
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
    try requireOwnState(checkpoint, training, of: run, url, store, trustsState)
    if let count = saved.recordedCount, !acceptsGap {
      let found = try store.pointCount(of: run.id, upTo: saved.updates)
      guard found >= count else {
        throw CheckpointError(
          path: store.folder.appendingPathComponent(Store.fileName).path,
          expected:
            "\(count) values of run \(run.id) up to update \(saved.updates), as when its checkpoint was written",
          found: "\(found), so \(count - found) are missing",
          remedy:
            "put back the store with its -wal file, or pass --accept-gap to continue without them"
        )
      }
    }
    try checkpoint.restore(into: &training, path: url.path)
    // Remarks from the start of the run are not repeated.
    return (training, training.remarks.isEmpty ? examination.remarks : training.remarks)
  }

  /// Refuses a state that runs code when it is read and that the run did not write, unless it is trusted.
  static func requireOwnState(
    _ checkpoint: Checkpoint, _ training: R.Training, of run: Run, _ url: URL, _ store: Store,
    _ trustsState: Bool
  ) throws {
    guard let sum = training.codeChecksum(of: checkpoint.snapshot), !trustsState,
      try !store.hasWrittenState(sum, by: run.id)
    else { return }
    throw CheckpointError(
      path: url.path, expected: "an environment state that run \(run.id) wrote itself",
      found: "one that the store has no record of; reading it would run the code that it holds",
      remedy:
        "put the run's own checkpoint back, or pass --trust-environment-state if you trust its author"
    )
  }

  /// Gives the checkpoint a second name (a hard link), under which it stays. Later checkpoints are new files under the
  /// first name, so the kept file does not change.
  func keepCheckpoint() throws {
    let kept = Checkpoint.keptURL(in: store.folder(of: run), updates: training.updates)
    let files = FileManager.default
    try files.createDirectory(
      at: kept.deletingLastPathComponent(), withIntermediateDirectories: true)
    // An earlier session may have left a file of the same update: only a complete one replaces it.
    let temporary = kept.appendingPathExtension("part")
    try? files.removeItem(at: temporary)
    do {
      try files.linkItem(at: checkpointURL, to: temporary)
    } catch {
      try files.copyItem(at: checkpointURL, to: temporary)
    }
    guard rename(temporary.path, kept.path) == 0 else {
      throw CheckpointError(
        path: kept.path, expected: "a place for a kept checkpoint",
        found: String(cString: strerror(errno)), remedy: "check the folder's permissions and space")
    }
  }
}
