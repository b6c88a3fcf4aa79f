import Environments
import Foundation
import Synchronization
import TestSupport
import Testing
import Torch

@testable import Reinforcement

@Suite("Snapshots of a replay")
struct ReplaySnapshotTests {
  /// What a replay gives from here on, after the same steps and draws.
  private static func future(_ replay: Replay, isRunning: Bool) throws -> [BatchNumbers] {
    var replay = replay
    var episodes = RandomEpisodes(seed: 77, tinyFrames)
    var generator = SeededGenerator(seed: 6)
    var batches: [BatchNumbers] = []
    for round in 0..<12 {
      try replay.fill(1, from: &episodes, isRunning: round == 0 ? isRunning : replay.isRunning)
      let batch = try replay.sample(9, weightExponent: 0.5, generator: &generator, device: .cpu)
      replay.setPriorities(batch.weights.doubles.map { 3 * $0 }, of: batch.slots)
      batches.append(BatchNumbers(batch))
    }
    return batches
  }

  @Test(
    "Restored at any moment it goes on as if nothing had happened, waiting steps and priorities included",
    arguments: [
      tinyConfiguration(), tinyConfiguration { $0.compression = .lz4 },
      tinyConfiguration { $0.sampling = .uniform }, tinyConfiguration { $0.segmentBytes = 1 << 20 },
    ])
  func everyMoment(configuration: ReplayConfiguration) throws {
    try withTemporaryFolder { folder in
      var replay = try Replay(configuration, observations: tinyFrames)
      var episodes = RandomEpisodes(seed: 3, tinyFrames)
      var generator = SeededGenerator(seed: 2)
      var snapshots = try ReplaySnapshots(folder: folder)
      var waited = 0
      for generation in 1...70 {
        try replay.fill(generation < 5 ? 1 : 3, from: &episodes, isRunning: replay.isRunning)
        if generation == 40 { replay.clear() }
        if generation == 41 { replay.begin(episodes.start()) }
        if replay.count > 0 {
          let batch = try replay.sample(9, weightExponent: 0.5, generator: &generator, device: .cpu)
          replay.setPriorities(batch.slots.map { _ in generator.uniform() * 2 }, of: batch.slots)
        }
        let receipt = try snapshots.write(replay, generation: generation)
        // As another process would.
        var later = try ReplaySnapshots(folder: folder)
        let restored = try later.restore(
          receipt.reference, configuration: configuration, observations: tinyFrames)
        #expect(restored.counters == replay.counters)
        #expect(restored.starts == replay.starts && restored.tree == replay.tree)
        #expect(restored.rows.end - restored.rows.start == replay.rows.end - replay.rows.start)
        waited = max(waited, replay.rows.end - replay.pendingRow)
        guard replay.count > 0 else { continue }
        let isRunning = replay.isRunning
        #expect(
          try Self.future(restored, isRunning: isRunning)
            == Self.future(replay, isRunning: isRunning))
        try snapshots.commit(keeping: [generation])
      }
      #expect(waited >= 3, "some snapshot should be taken while n-step rows wait")
    }
  }

  @Test("A second snapshot writes only what changed")
  func incremental() throws {
    try withTemporaryFolder { folder in
      var configuration = tinyConfiguration()
      (configuration.capacity, configuration.segmentBytes) = (2_000, 100 * 600)
      let space = ObservationSpace(shape: [1, 20, 30], element: .uint8, stack: 4)
      var replay = try Replay(configuration, observations: space)
      var episodes = RandomEpisodes(seed: 3, space)
      episodes.endsEvery = 1_000
      try replay.fill(2_050, from: &episodes)
      var snapshots = try ReplaySnapshots(folder: folder)
      let first = try snapshots.write(replay, generation: 1)
      #expect(first.byteCount > 2_000 * 600)
      #expect(first.fileCount >= 20)
      let onDisk = try Self.sizes(folder).values.reduce(0, +)
      #expect(onDisk == first.byteCount)

      try replay.fill(100, from: &episodes, isRunning: replay.isRunning)
      let second = try snapshots.write(replay, generation: 2)
      // One full segment, the rows that do not fill one yet, the weights, and headers.
      let most = 2 * 100 * 613 + 8 * 2_000 + 8_192
      #expect(second.fileCount <= 3 && second.byteCount <= most)
      let third = try snapshots.write(replay, generation: 3)
      #expect(third.fileCount == 1)

      // A process that continues from there knows what lies on the disk.
      var later = try ReplaySnapshots(folder: folder)
      let restored = try later.restore(
        third.reference, configuration: configuration, observations: space)
      #expect(try later.write(restored, generation: 4).fileCount == 1)
    }
  }

  @Test(
    "Keeping up writes a segment at a time beside the caller, so that the snapshot has one file left"
  )
  func keepingUp() throws {
    try withTemporaryFolder { folder in
      var replay = try Replay(tinyConfiguration(), observations: tinyFrames)
      var episodes = RandomEpisodes(seed: 3, tinyFrames)
      try replay.fill(45, from: &episodes)
      var snapshots = try ReplaySnapshots(folder: folder)
      var calls = 0
      while true {
        try snapshots.keepUp(with: replay)
        guard try snapshots.collect(waiting: true) > 0 else { break }
        calls += 1
        #expect(try Self.sizes(folder).count == calls)
      }
      #expect(calls == replay.rows.segments.filter { $0.identity != nil }.count)
      #expect(try snapshots.write(replay, generation: 1).fileCount == 1)
      for _ in 0..<200 {
        try replay.fill(1, from: &episodes, isRunning: replay.isRunning)
        try snapshots.keepUp(with: replay)
        try snapshots.collect(waiting: true)
      }
      let receipt = try snapshots.write(replay, generation: 2)
      #expect(receipt.fileCount == 1)
      try snapshots.commit(keeping: [2])
      #expect(snapshots.generations == [2])
      let kept = replay.rows.segments.filter { $0.identity != nil }.count
      #expect(try Self.sizes(folder).count == kept + 1)
    }
  }

  @Test("What the disk refuses the thread comes with the next call, and a later call writes it")
  func refusedSegment() throws {
    try withTemporaryFolder { folder in
      var replay = try Replay(tinyConfiguration(), observations: tinyFrames)
      var episodes = RandomEpisodes(seed: 3, tinyFrames)
      try replay.fill(45, from: &episodes)
      var snapshots = try ReplaySnapshots(folder: folder.appendingPathComponent("replay"))
      try FileManager.default.removeItem(at: snapshots.folder)
      try snapshots.keepUp(with: replay)
      #expect(throws: DurableFileError.self) { try snapshots.collect(waiting: true) }
      try FileManager.default.createDirectory(
        at: snapshots.folder, withIntermediateDirectories: true)
      try snapshots.keepUp(with: replay)
      let receipt = try snapshots.write(replay, generation: 1)
      let full = replay.rows.segments.filter { $0.identity != nil }.count
      #expect(try Self.sizes(snapshots.folder).count == full + 1)
      var later = try ReplaySnapshots(folder: snapshots.folder)
      let restored = try later.restore(
        receipt.reference, configuration: tinyConfiguration(), observations: tinyFrames)
      #expect(restored.counters == replay.counters)
    }
  }

  @Test("A copy can be written on another thread while the original goes on")
  func copies() throws {
    try withTemporaryFolder { folder in
      var replay = try Replay(tinyConfiguration(), observations: tinyFrames)
      var episodes = RandomEpisodes(seed: 3, tinyFrames)
      try replay.fill(60, from: &episodes)
      let copy = replay
      let expected = try Self.future(copy, isRunning: copy.isRunning)
      let result = Mutex<ReplaySnapshotReference?>(nil)
      let isDone = DispatchSemaphore(value: 0)
      DispatchQueue.global().async {
        var snapshots = try? ReplaySnapshots(folder: folder)
        let receipt = try? snapshots?.write(copy, generation: 1)
        result.withLock { $0 = receipt?.reference }
        isDone.signal()
      }
      try replay.fill(300, from: &episodes, isRunning: replay.isRunning)
      isDone.wait()
      let reference = try #require(result.withLock { $0 })
      var snapshots = try ReplaySnapshots(folder: folder)
      let restored = try snapshots.restore(
        reference, configuration: tinyConfiguration(), observations: tinyFrames)
      #expect(try Self.future(restored, isRunning: restored.isRunning) == expected)
    }
  }

  @Test("Two futures from one snapshot share its segments and never write over one another's")
  func diverging() throws {
    try withTemporaryFolder { folder in
      var replay = try Replay(tinyConfiguration(), observations: tinyFrames)
      var episodes = RandomEpisodes(seed: 3, tinyFrames)
      try replay.fill(60, from: &episodes)
      var snapshots = try ReplaySnapshots(folder: folder)
      let root = try snapshots.write(replay, generation: 1).reference
      var references: [ReplaySnapshotReference] = []
      var futures: [[BatchNumbers]] = []
      for seed in [10, 11] as [UInt64] {
        var own = try ReplaySnapshots(folder: folder)
        var branch = try own.restore(
          root, configuration: tinyConfiguration(), observations: tinyFrames)
        var others = RandomEpisodes(seed: seed, tinyFrames)
        try branch.fill(40, from: &others, isRunning: branch.isRunning)
        references.append(try own.write(branch, generation: Int(seed)).reference)
        futures.append(try Self.future(branch, isRunning: branch.isRunning))
      }
      for (reference, future) in zip(references, futures) {
        let branch = try snapshots.restore(
          reference, configuration: tinyConfiguration(), observations: tinyFrames)
        #expect(try Self.future(branch, isRunning: branch.isRunning) == future)
      }
      #expect(futures[0] != futures[1])
    }
  }

  @Test(
    "A snapshot of other settings, another environment or another checkpoint is refused by name")
  func mismatches() throws {
    try withTemporaryFolder { folder in
      var replay = try Replay(tinyConfiguration(), observations: tinyFrames)
      var episodes = RandomEpisodes(seed: 3, tinyFrames)
      try replay.fill(60, from: &episodes)
      var snapshots = try ReplaySnapshots(folder: folder)
      let old = try snapshots.write(replay, generation: 1).reference
      try replay.fill(1, from: &episodes, isRunning: replay.isRunning)
      let new = try snapshots.write(replay, generation: 1).reference
      #expect(old != new)
      func refuses(
        _ reference: ReplaySnapshotReference, _ configuration: ReplayConfiguration,
        _ observations: ObservationSpace
      ) {
        #expect {
          try snapshots.restore(
            reference, configuration: configuration, observations: observations)
        } throws: {
          guard let error = $0 as? ReplayError else { return false }
          return error.kind == .mismatched && error.place.hasSuffix("generation-1.safetensors")
        }
      }
      refuses(old, tinyConfiguration(), tinyFrames)
      refuses(new, tinyConfiguration { $0.nStep = 5 }, tinyFrames)
      refuses(
        new, tinyConfiguration(), ObservationSpace(shape: [1, 3, 2], element: .uint8, stack: 2))
      _ = try snapshots.restore(
        new, configuration: tinyConfiguration(), observations: tinyFrames)
    }
  }

  static func sizes(_ folder: URL) throws -> [String: Int] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    return try Dictionary(
      uniqueKeysWithValues: names.map {
        ($0, try Data(contentsOf: folder.appending(path: $0)).count)
      })
  }
}
