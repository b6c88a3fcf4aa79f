import Foundation
import Torch

@testable import Experiments

extension TrainingRun {
  /// As a session does before its first update.
  func open(in folder: URL) throws {
    for large in largeState { try large.open(in: folder) }
  }

  /// The state with its large parts written into a folder, as of a checkpoint.
  func snapshot(in folder: URL) throws -> State {
    var state = try snapshot()
    try state.write(largeState, in: folder)
    return state
  }

  /// As a session does once the checkpoint is on the disk.
  func commit(in folder: URL) throws {
    for large in largeState { try large.commit(in: folder) }
  }

  /// As a session does at the end of the run.
  func discard(in folder: URL) throws {
    for large in largeState { try large.discard(in: folder) }
  }
}
