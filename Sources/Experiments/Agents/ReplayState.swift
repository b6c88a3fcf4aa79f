import Environments
import Foundation
import Reinforcement
import Texts
import Torch

/// The files of a run's replay, in its folder: full segments are written between checkpoints, one at a time, so that a
/// checkpoint is quick.
final class ReplayFiles {
  /// The folder, once it is open.
  var snapshots: ReplaySnapshots?

  static func folder(in folder: URL) -> URL { folder.appendingPathComponent("replay") }

  /// Opens the folder and reads a replay.
  func restore(
    _ reference: ReplaySnapshotReference, in folder: URL, configuration: ReplayConfiguration,
    observations: ObservationSpace
  ) throws -> Replay {
    var opened = try ReplaySnapshots(folder: Self.folder(in: folder), creating: false)
    let replay = try opened.restore(
      reference, configuration: configuration, observations: observations)
    snapshots = opened
    return replay
  }
}

/// A replay as state that is too large for a checkpoint.
struct ReplayState: LargeState {
  let replay: Replay
  /// The number of the snapshot: the rounds of the run.
  let generation: Int
  let files: ReplayFiles

  var name: String { "replay" }

  func open(in folder: URL) throws {
    if files.snapshots == nil {
      files.snapshots = try ReplaySnapshots(folder: ReplayFiles.folder(in: folder))
    }
  }

  func write(in folder: URL) throws -> String {
    try open(in: folder)
    return try JSONText.encode(files.snapshots?.write(replay, generation: generation).reference)
  }

  func commit(in folder: URL) throws {
    try files.snapshots?.commit(keeping: [generation])
  }

  func discard(in folder: URL) throws {
    // Waits for the thread that writes segments: it must not make the folder again. Its errors do not matter now.
    _ = try? files.snapshots?.commit(keeping: [])
    files.snapshots = nil
    let replay = ReplayFiles.folder(in: folder)
    guard FileManager.default.fileExists(atPath: replay.path) else { return }
    try FileManager.default.removeItem(at: replay)
  }

  func copy(from folder: URL, to other: URL) throws {
    let replay = ReplayFiles.folder(in: folder)
    guard FileManager.default.fileExists(atPath: replay.path) else { return }
    try FileManager.default.copyItem(at: replay, to: ReplayFiles.folder(in: other))
  }
}
