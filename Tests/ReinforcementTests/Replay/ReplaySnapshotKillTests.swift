import Environments
import Foundation
import TestSupport
import Testing
import Torch

@testable import Reinforcement

@Suite("A killed writer of snapshots", .serialized)
struct ReplaySnapshotKillTests {
  private struct Mark: Codable {
    var reference: ReplaySnapshotReference
    var counters: Replay.Counters
  }

  /// Writes snapshots, each with a checkpoint that names it, until the process is killed.
  private static func write(into folder: URL) throws {
    var snapshots = try ReplaySnapshots(folder: folder.appending(path: "replay"))
    let mark = folder.appending(path: "checkpoint.json")
    var replay = try Replay(tinyConfiguration(), observations: tinyFrames)
    if let data = try? Data(contentsOf: mark) {
      let last = try JSONDecoder().decode(Mark.self, from: data)
      replay = try snapshots.restore(
        last.reference, configuration: tinyConfiguration(), observations: tinyFrames)
    }
    var episodes = RandomEpisodes(seed: UInt64(replay.storedCount), tinyFrames)
    for generation in replay.storedCount... {
      for _ in 0..<15 {
        try replay.fill(1, from: &episodes, isRunning: replay.isRunning)
        try snapshots.keepUp(with: replay)
      }
      let reference = try snapshots.write(replay, generation: generation).reference
      let data = try JSONEncoder().encode(Mark(reference: reference, counters: replay.counters))
      try DurableFile.write(data, to: mark)
      try snapshots.commit(keeping: [generation])
    }
  }

  @Test("The checkpoint on the disk always finds its snapshot whole, whenever the kill comes")
  func kills() async throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "nap-replay-kill-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.path
    var stored = 0
    var found = 0
    for kill in 0..<(isNightly ? 100 : 8) {
      let milliseconds = 20 + 37 * kill % 150
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [path = path as String, milliseconds = milliseconds as Int] in
        let folder = URL(filePath: path)
        Thread.detachNewThread {
          // Counted from the first file on, so that the start of the process does not matter.
          while (try? FileManager.default.contentsOfDirectory(atPath: path))?.isEmpty ?? true {}
          usleep(UInt32(1_000 * milliseconds))
          raise(SIGKILL)
        }
        try Self.write(into: folder)
      }
      guard let data = try? Data(contentsOf: folder.appending(path: "checkpoint.json")) else {
        continue
      }
      let mark = try JSONDecoder().decode(Mark.self, from: data)
      var snapshots = try ReplaySnapshots(folder: folder.appending(path: "replay"))
      let replay = try snapshots.restore(
        mark.reference, configuration: tinyConfiguration(), observations: tinyFrames)
      #expect(replay.counters == mark.counters)
      #expect(replay.storedCount >= stored, "what a checkpoint named before must not be lost")
      stored = replay.storedCount
      found += 1
    }
    #expect(found > 0 && stored > 0)
  }
}
