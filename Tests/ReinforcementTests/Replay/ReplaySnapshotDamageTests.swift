import Environments
import Foundation
import TestSupport
import Testing
import Torch

@testable import Reinforcement

@Suite("Damaged snapshots of a replay", .serialized, .timeLimit(.minutes(60)))
struct ReplaySnapshotDamageTests {
  /// A folder with an older and a newer snapshot that share segments.
  private static func pair(
    _ folder: URL, _ configuration: ReplayConfiguration = tinyConfiguration()
  ) throws -> (old: ReplaySnapshotReference, new: ReplaySnapshotReference) {
    var replay = try Replay(configuration, observations: tinyFrames)
    var episodes = RandomEpisodes(seed: 3, tinyFrames)
    episodes.endsEvery = 20
    try replay.fill(60, from: &episodes)
    var snapshots = try ReplaySnapshots(folder: folder)
    let old = try snapshots.write(replay, generation: 1).reference
    try replay.fill(24, from: &episodes, isRunning: replay.isRunning)
    return (old, try snapshots.write(replay, generation: 2).reference)
  }

  private static func restored(_ reference: ReplaySnapshotReference, _ folder: URL) throws -> Replay
  {
    var snapshots = try ReplaySnapshots(folder: folder)
    return try snapshots.restore(
      reference, configuration: tinyConfiguration(), observations: tinyFrames)
  }

  @Test(
    "Each file missing, cut short, emptied or changed is named; the older snapshot is still there")
  func everyFile() throws {
    try withTemporaryFolder { folder in
      let (old, new) = try Self.pair(folder)
      var snapshots = try ReplaySnapshots(folder: folder)
      let oldNames = Set(try snapshots.manifest(ofGeneration: 1).manifest.segments.map(\.name))
      let newNames = Set(try snapshots.manifest(ofGeneration: 2).manifest.segments.map(\.name))
      #expect(!oldNames.isDisjoint(with: newNames) && !newNames.isSubset(of: oldNames))
      for name in newNames.union(["generation-2.safetensors"]).sorted() {
        let url = folder.appending(path: name)
        let sound = try Data(contentsOf: url)
        var flipped = sound
        flipped[sound.count - 3] ^= 16
        for damage in [nil, sound.dropLast(1), sound.prefix(sound.count / 2), Data(), flipped] {
          try damage?.write(to: url) ?? FileManager.default.removeItem(at: url)
          #expect {
            try Self.restored(new, folder)
          } throws: {
            guard let error = $0 as? ReplayError else { return false }
            return error.kind == .damaged && error.place == url.path && !error.expected.isEmpty
              && !error.found.isEmpty && error.advice.contains("snapshots 1)")
              || (damage == nil && error.place == url.path)
          }
          if !oldNames.contains(name) { _ = try Self.restored(old, folder) }
          // What a kept snapshot needs is not thrown away because a newer one cannot be read.
          let before = try ReplaySnapshotTests.sizes(folder)
          if name.hasPrefix("generation") {
            #expect(throws: ReplayError.self) { try snapshots.commit(keeping: [2]) }
            #expect(try ReplaySnapshotTests.sizes(folder) == before)
          }
          try sound.write(to: url)
        }
      }
      _ = try Self.restored(new, folder)
      // A sound segment of another moment in this one's place.
      let names = newNames.sorted()
      let (first, second) = (folder.appending(path: names[0]), folder.appending(path: names[1]))
      try Data(contentsOf: second).write(to: first)
      #expect { try Self.restored(new, folder) } throws: {
        ($0 as? ReplayError)?.place == first.path
      }
    }
  }

  @Test(
    "A writer that is cut off after any file leaves the older snapshot, and the next one succeeds")
  func cutShort() throws {
    try withTemporaryFolder { folder in
      let (old, new) = try Self.pair(folder)
      let all = try ReplaySnapshotTests.sizes(folder)
      var snapshots = try ReplaySnapshots(folder: folder)
      let oldNames = Set(try snapshots.manifest(ofGeneration: 1).manifest.segments.map(\.name))
      let fresh = all.keys.filter { !oldNames.contains($0) && $0 != "generation-1.safetensors" }
        .sorted { ($0.hasPrefix("segment") ? 0 : 1, $0) < ($1.hasPrefix("segment") ? 0 : 1, $1) }
      #expect(fresh.count >= 3 && fresh.last == "generation-2.safetensors")
      let contents = try Dictionary(
        uniqueKeysWithValues: fresh.map { ($0, try Data(contentsOf: folder.appending(path: $0))) })
      for finished in 0..<fresh.count {
        for name in fresh {
          try? FileManager.default.removeItem(at: folder.appending(path: name))
        }
        for name in fresh.prefix(finished) {
          try contents[name]?.write(to: folder.appending(path: name))
        }
        // The one that it was writing, under the name that a writer gives it.
        let partial = folder.appending(path: ".\(fresh[finished]).abc123.partial")
        try contents[fresh[finished]]?.prefix(100).write(to: partial)

        #expect(throws: ReplayError.self) { try Self.restored(new, folder) }
        #expect(!FileManager.default.fileExists(atPath: partial.path))
        var replay = try Self.restored(old, folder)
        var episodes = RandomEpisodes(seed: 50, tinyFrames)
        try replay.fill(30, from: &episodes, isRunning: replay.isRunning)
        var later = try ReplaySnapshots(folder: folder)
        let next = try later.write(replay, generation: 3).reference
        let again = try Self.restored(next, folder)
        #expect(again.counters == replay.counters && again.tree == replay.tree)
        _ = try Self.restored(old, folder)
      }
      try snapshots.commit(keeping: [1])
      #expect(
        Set(try ReplaySnapshotTests.sizes(folder).keys)
          == oldNames.union(["generation-1.safetensors"]))
    }
  }

  @Test("A generation that is not there is refused, and committing to it removes nothing")
  func missing() throws {
    try withTemporaryFolder { folder in
      let (_, new) = try Self.pair(folder)
      let before = try ReplaySnapshotTests.sizes(folder)
      var snapshots = try ReplaySnapshots(folder: folder)
      #expect(throws: ReplayError.self) { try snapshots.commit(keeping: [2, 9]) }
      #expect(try ReplaySnapshotTests.sizes(folder) == before)
      #expect { try Self.restored(.init(generation: 9, checksum: new.checksum), folder) } throws: {
        "\($0)".contains("generation-9.safetensors")
      }
    }
  }

  /// The newest rows, the weights and the counters of small snapshots, plain and compressed.
  private static func law() throws -> ParserLaw {
    let seeds = try [ReplayConfiguration.Compression.none, .lz4].map { way in
      try withTemporaryFolder { folder in
        var replay = try Replay(
          tinyConfiguration {
            $0.compression = way
            $0.segmentBytes = 1 << 12
          }, observations: tinyFrames)
        var episodes = RandomEpisodes(seed: 3, tinyFrames)
        try replay.fill(60, from: &episodes)
        var snapshots = try ReplaySnapshots(folder: folder)
        _ = try snapshots.write(replay, generation: 1)
        return [UInt8](try Data(contentsOf: folder.appending(path: "generation-1.safetensors")))
      }
    }
    return ParserLaw(
      "replay-snapshot", seeds: seeds, words: ["{", "weights", "frames"], factor: 16)
  }

  @Test("Damaged bytes of any kind are an error that names the file, never a crash")
  func fuzzing() async throws {
    let end = await #expect(processExitsWith: .success) {
      try Self.law().check(isRefusal: { $0 is ReplayError }, naming: { _ in "generation-1" }) {
        input in
        let folder = URL(filePath: input.path).deletingLastPathComponent()
        try Data(input.bytes).write(to: folder.appending(path: "generation-1.safetensors"))
        var snapshots = try ReplaySnapshots(folder: folder)
        let (file, manifest) = try snapshots.manifest(ofGeneration: 1)
        let reference = ReplaySnapshotReference(generation: 1, checksum: file.checksum ?? "")
        _ = try snapshots.restore(
          reference, configuration: manifest.configuration, observations: tinyFrames)
      }
    }
    try Self.law().explain(end == nil)
  }

  @Test("Sound files whose parts do not fit one another are refused too", arguments: 0..<14)
  func inconsistent(index: Int) throws {
    var replay = try Replay(tinyConfiguration(), observations: tinyFrames)
    var episodes = RandomEpisodes(seed: 3, tinyFrames)
    try replay.fill(120, from: &episodes)
    if !replay.isRunning { replay.begin(episodes.start()) }
    var (counters, segments) = (replay.counters, Array(replay.rows.segments))
    var leaves = Array(replay.tree.leaves)
    func made() throws -> Replay? {
      try Replay(
        replay.configuration, observations: tinyFrames, counters: counters, segments: segments,
        leaves: leaves)
    }
    #expect(try made() != nil)
    switch index {
    case 0: counters.stored += 1 - replay.storedCount
    case 1: counters.origin = -1
    case 2: counters.oldestRow -= 1
    case 3: counters.pendingRow += 1
    case 4: counters.endRow += 1
    case 5: counters.largestPriorityBits = Double.nan.bitPattern
    case 6: segments.removeFirst()
    case 7: segments.removeLast()
    case 8: segments.swapAt(0, 1)
    case 9: leaves.removeLast()
    case 10: leaves[3] = -1
    case 11: leaves[3] = .infinity
    case 12: segments = []
    default: (counters.oldestRow, counters.endRow) = (.min, .max)
    }
    #expect(try made() == nil)
  }
}
