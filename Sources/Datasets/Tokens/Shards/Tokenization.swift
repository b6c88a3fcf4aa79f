import Foundation
import Torch

/// Makes token shards of a corpus: streamed, on several threads, and gone on with after a stop.
///
/// The shards' bytes depend on the corpus, the tokenizer and the size of a shard alone: not on the number of threads,
/// nor on how often the work was stopped. A finished shard is kept; what was begun of the next is made anew. Memory:
/// for each thread two blocks of 256 KiB of text and their tokens (``memoryBytes(threads:)``), whatever the corpus has.
public struct Tokenization {
  /// How far the work is.
  public struct Progress: Hashable, Sendable {
    /// Bytes of the files, as they are stored, that were read.
    public var readByteCount = 0
    /// Bytes of all files.
    public var byteCount = 0
    /// What the shards have.
    public var tokens = 0
    /// What the shards have.
    public var documents = 0
    /// What was left out as damaged.
    public var skipped = 0
    /// Bytes of text that the tokens were made of.
    public var textByteCount = 0
    /// Finished shards.
    public var shards = 0
  }

  /// Tokens after which a shard ends unless another number is asked for: files of 200 MB.
  public static let defaultShardTokens = 100_000_000

  private let folder: String
  private let tokenizer: any Tokenizer
  private var job: TokenFolder

  /// Prepares the folder, or finds there what an equal call before left.
  ///
  /// - Throws: `DatasetError` (`invalidRequest`) for a folder in which other files, tokenizers or settings were begun,
  ///   and `unwritable`.
  public init(
    _ corpus: Corpus, tokenizer: any Tokenizer, to folder: String,
    shardTokens: Int = defaultShardTokens, skipsDamaged: Bool = false
  ) throws {
    self.folder = folder
    self.tokenizer = tokenizer
    job = TokenFolder(
      tokenizer: tokenizer.identity, corpus: corpus, shardTokens: shardTokens,
      skipsDamaged: skipsDamaged)
    guard shardTokens > 0 else {
      throw DatasetError(
        .invalidRequest, path: folder, expected: "shards of at least 1 token",
        found: "\(shardTokens)", remedy: "--shard-tokens \(Self.defaultShardTokens)")
    }
    if TokenFolder.isAt(folder) {
      let found = try TokenFolder(at: folder)
      if let difference = job.difference(from: found) {
        throw DatasetError(
          .invalidRequest, path: folder, expected: "the command that the folder was begun with",
          found: difference, remedy: "choose another -o, or delete the folder")
      }
      job = found
    } else {
      if !tokenizer.file.isEmpty {
        try PartialFile.put(tokenizer.file, to: folder + "/" + job.tokenizerFileName)
      }
      try job.write(to: folder)
    }
  }

  /// The most that blocks under way take: text, its tokens in 32 bits, and what a tokenizer makes in between.
  public static func memoryBytes(threads: Int) -> Int {
    (2 * threads + 2) * CorpusReader.blockSize * 16
  }

  /// Makes the shards that are not there yet.
  ///
  /// - Parameters:
  ///   - threads: threads that tokenize; reading and writing have the caller's.
  ///   - show: is given the progress after each block.
  /// - Returns: what the folder has.
  /// - Throws: `DatasetError` for files that are damaged, changed or no longer there, lines without text, and a full
  ///   disk; `StopRequest.Stopped` when that was asked for. Finished shards stay, and an equal call goes on after them.
  /// - Cost: one pass over the files; on going on, those of finished shards are not read, but a file's part before the
  ///   place is decompressed.
  public func run(threads: Int, show: (Progress) -> Void = { _ in }) throws -> Progress {
    var progress = Progress(byteCount: job.corpus.byteCount)
    var position = CorpusPosition()
    while FileManager.default.fileExists(atPath: path(progress.shards) + ".json") {
      let header = try TokenShardHeader(ofShardAt: path(progress.shards))
      position = header.next
      progress.add(header)
    }
    progress.readByteCount = progress.byteCount
    if job.shards == progress.shards { return progress }
    let reader = CorpusReader(job.corpus, from: position)
    let documents = BlockDocuments(
      split: job.corpus.split, key: job.corpus.key, skipsDamaged: job.skipsDamaged)
    let work = OrderedWork<CorpusReader.Block, BlockDocuments.Tokens>(threads: max(1, threads)) {
      [tokenizer] in
      var own = tokenizer
      return { try documents.tokens(of: $0, by: &own) }
    }
    defer { work.end() }
    var writer: TokenShardWriter?
    do {
      var isAtEnd = false
      while true {
        try StopRequest.check()
        while !isAtEnd, work.hasRoom {
          if let block = try reader.next() { work.give(block) } else { isAtEnd = true }
        }
        guard work.isBusy else { break }
        let block = try work.take()
        let open = try writer ?? TokenShardWriter(path(progress.shards), tokenizer: job.tokenizer)
        writer = open
        try open.append(block)
        if open.tokens >= job.shardTokens {
          progress.add(try open.finish(block.next))
          writer = nil
        }
        progress.readByteCount = reader.readByteCount
        show(progress)
      }
      if let writer, writer.tokens > 0 {
        progress.add(try writer.finish(CorpusPosition(file: job.corpus.files.count)))
      } else {
        writer?.discard()
      }
    } catch {
      writer?.discard()
      throw error
    }
    return try completed(progress)
  }

  /// Notes in the folder that nothing is missing.
  private func completed(_ progress: Progress) throws -> Progress {
    guard progress.tokens > 0 else {
      throw DatasetError(
        .empty, path: job.corpus.files.first?.path ?? folder, expected: "files with text",
        found: "none in \(job.corpus.files.count) of them", remedy: "name files that have text")
    }
    var job = job
    (job.shards, job.tokens, job.documents) =
      (progress.shards, progress.tokens, progress.documents)
    try job.write(to: folder)
    return progress
  }

  private func path(_ shard: Int) -> String { TokenShardHeader.path(folder, shard) }
}

extension Tokenization.Progress {
  fileprivate mutating func add(_ shard: TokenShardHeader) {
    shards += 1
    tokens += shard.tokens
    documents += shard.documents
    skipped += shard.skipped
    textByteCount += shard.textBytes
  }
}
