import Foundation
import TestSupport
import Testing
import Torch

@testable import Datasets

@Suite("Windows of token shards", .timeLimit(.minutes(5))) struct ShardWindowsTests {
  /// Shards of so many tokens each, whose token at place n is n mod 60,000; their bytes are those of files with holes
  /// where `isWritten` is false.
  private static func shards(
    _ folder: TemporaryFolder, _ counts: [Int], documents: Int = 3, isWritten: Bool = true
  ) throws -> TokenShards {
    let identity = TokenizerIdentity(
      kind: .bytes, vocabulary: 60_000, endOfDocument: nil, sha256: "")
    try FileManager.default.createDirectory(
      atPath: folder.path + "/s", withIntermediateDirectories: true)
    var before = 0
    for (index, count) in counts.enumerated() {
      let path = TokenShardHeader.path(folder.path + "/s", index)
      let tokens =
        isWritten
        ? (before..<(before + count)).flatMap {
          [UInt8($0 % 60_000 & 255), UInt8(($0 % 60_000) >> 8)]
        } : []
      for (name, bytes, size) in [(".tokens", tokens, 2 * count), (".ends", [], 8 * documents)] {
        try Data(bytes).write(to: URL(fileURLWithPath: path + name))
        #expect(truncate(path + name, size) == 0)
      }
      let header = TokenShardHeader(
        dtype: "uint16", tokens: count, documents: documents, skipped: 0, textBytes: count,
        sha256: "", endsSHA256: "", tokenizer: identity, next: CorpusPosition())
      try JSONEncoder().encode(header).write(to: URL(fileURLWithPath: path + ".json"))
      before += count
    }
    var about = TokenFolder(
      tokenizer: identity, corpus: try Corpus([#filePath]), shardTokens: 1, skipsDamaged: false)
    (about.shards, about.tokens, about.documents) = (counts.count, before, documents * counts.count)
    try about.write(to: folder.path + "/s")
    return try TokenShards(folder: folder.path + "/s")
  }

  private static let draws = SeededGenerator(seed: 3)

  @Test("Every window of training comes once in an epoch, in another order in the next")
  func epochs() throws {
    let folder = try TemporaryFolder()
    let windows = try ShardWindows(Self.shards(folder, [50, 1, 100, 49]), length: 7)
    #expect(windows.validation == 180..<200 && windows.windowCount == 25)
    func epoch(_ number: Int) -> [Int] {
      windows.starts(number * 25..<(number + 1) * 25, generator: Self.draws)
    }
    #expect(epoch(0).sorted() == (0..<25).map { $0 * 7 } && epoch(0) != epoch(0).sorted())
    #expect(epoch(1).sorted() == epoch(0).sorted() && epoch(1) != epoch(0))
    #expect(windows.starts(0..<25, generator: SeededGenerator(seed: 4)) != epoch(0))
    // A batch across the seam has the last of one and the first of the other.
    #expect(
      windows.starts(23..<27, generator: Self.draws) == Array(epoch(0)[23...] + epoch(1)[..<2]))
  }

  @Test("Inputs and targets are the tokens of the row, across shards too, one place apart")
  func batches() throws {
    let folder = try TemporaryFolder()
    let windows = try ShardWindows(Self.shards(folder, [50, 1, 100, 49]), length: 7)
    for update in 0..<9 {
      let (inputs, targets) = windows.trainingBatch(
        of: 3, update: update, generator: Self.draws, device: .cpu)
      let starts = windows.starts(update * 3..<(update + 1) * 3, generator: Self.draws)
      #expect(inputs.shape == [3, 7] && inputs.dtype == .int64)
      #expect(inputs.integers == starts.flatMap { Array($0..<($0 + 7)) })
      #expect(targets.integers == inputs.integers.map { $0 + 1 })
    }
    let count = windows.validationBatchCount(of: 2)
    let predicted = (0..<count).flatMap { windows.validationBatch($0, of: 2).targets.integers }
    #expect(predicted == Array(180..<200))
  }

  @Test("As a source of batches they keep the laws of all sources")
  func source() throws {
    let folder = try TemporaryFolder()
    let windows = try ShardWindows(Self.shards(folder, [50, 1, 100, 49]), length: 7)
    try BatchSourceLaws.check(
      count: 9, foreign: [-1],
      { try TokenBatches(windows, of: 5, generator: Self.draws, share: $0) },
      { batch in (0..<batch.inputs.shape[0]).map { batch.inputs[$0].array(of: Int.self) } })
  }

  @Test(
    "Processes share an epoch: each window once, equally many for each, also after their number changed"
  )
  func ranks() throws {
    let folder = try TemporaryFolder()
    let windows = try ShardWindows(Self.shards(folder, [2_000]), length: 5)
    #expect(windows.windowCount == 359)
    let alone = windows.starts(0..<359, generator: Self.draws)
    var (taken, found) = (0, [Int]())
    for (ranks, steps) in [(2, 20), (3, 15), (1, 40)] {
      for _ in 0..<steps {
        for rank in 0..<ranks {
          let first = taken + rank * 4
          found += windows.starts(first..<(first + 4), generator: Self.draws)
        }
        taken += 4 * ranks
      }
    }
    #expect(
      taken == 500 && Array(found.prefix(359)) == alone && Set(found.prefix(359)).count == 359)
  }

  @Test(
    "Shards that are too short are refused", arguments: [(10, 9), (100, 90), (100, 11), (100, 0)])
  func tooShort(count: Int, length: Int) throws {
    let folder = try TemporaryFolder()
    let shards = try Self.shards(folder, [count])
    let error = try datasetError { _ = try ShardWindows(shards, length: length) }
    #expect(error.kind == .invalidRequest && error.path == shards.folder)
    #expect(try ShardWindows(Self.shards(folder, [200]), length: 20).windowCount == 8)
  }

  @Test(
    "A text of C4's size: 300 million documents, 180 billion tokens, in the memory of a small one")
  func c4() async {
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryFolder()
      // 1,024 files with holes of 350 MB: what is not touched takes no room on the disk either.
      let (count, each, documents) = (1_024, 175_781_250, 292_969)
      _ = try Self.shards(folder, [1 << 20])
      ProcessMemory.resetPeak()
      let before = ProcessMemory.residentBytes
      let shards = try Self.shards(
        folder, Array(repeating: each, count: count), documents: documents, isWritten: false)
      #expect(shards.documentCount == 300_000_256 && shards.tokenCount == 180_000_000_000)
      // A token of a place far inside.
      let place = 777 * each + 123_456
      let file = try FileHandle(
        forWritingTo: URL(fileURLWithPath: TokenShardHeader.path(shards.folder, 777) + ".tokens"))
      try file.seek(toOffset: 2 * 123_456)
      try file.write(contentsOf: [57, 48])
      try file.close()
      #expect(shards.tokens(place - 1..<place + 2) == [0, 57 + 48 << 8, 0])
      #expect(shards.document(documents * 777 + 5) == 777 * each..<777 * each)
      let windows = try ShardWindows(shards, length: 1_024)
      #expect(windows.windowCount == (180_000_000_000 - ShardWindows.mostValidation - 1) / 1_024)
      // Two epochs' seam, and places all over an epoch, of which no two are the same window.
      var seen: Set<Int> = []
      for step in 0..<200 {
        let first = step * (windows.windowCount / 200)
        let starts = windows.starts(first..<first + 32, generator: Self.draws)
        #expect(starts == windows.starts(first..<first + 32, generator: Self.draws))
        seen.formUnion(starts)
        #expect(starts.allSatisfy { $0 % 1_024 == 0 && $0 + 1_024 < windows.validation.lowerBound })
      }
      #expect(seen.count == 6_400)
      for first in [0, windows.windowCount - 4, 3 * windows.windowCount - 2] {
        let batch = windows.trainingBatch(first..<first + 8, generator: Self.draws)
        #expect(batch.inputs.shape == [8, 1_024])
      }
      let growth = ProcessMemory.peakBytes - before
      #expect(growth < 64 << 20, "\(growth >> 20) MiB")
    }
  }
}
