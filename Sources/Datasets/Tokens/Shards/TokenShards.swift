import Torch

/// The token shards of a folder, memory-mapped: one long row of tokens with the ends of its documents.
///
/// Memory: some hundred bytes for each shard, whatever they hold; the system keeps of the files what there is room for.
public struct TokenShards: Sendable {
  private struct Shard: Sendable {
    let header: TokenShardHeader
    let tokens: MappedFile
    let ends: MappedFile
    /// Tokens and documents of the shards before.
    let tokensBefore: Int
    let documentsBefore: Int
  }

  /// Where they lie.
  public let folder: String
  /// What the folder says of itself.
  public let description: TokenFolder
  /// Tokens of all shards.
  public let tokenCount: Int
  /// Documents of all shards.
  public let documentCount: Int
  private let shards: [Shard]

  /// Opens a finished folder. Digests are left to ``verify(_:)``.
  ///
  /// - Throws: `DatasetError` for a folder that is none or is not finished, and for files that are missing or of the
  ///   wrong size, or of another tokenizer than the folder's.
  public init(folder: String) throws {
    let description = try TokenFolder(at: folder)
    guard let count = description.shards else {
      throw DatasetError(
        .invalidRequest, path: folder, expected: "token shards that are finished",
        found: "a tokenization that was stopped",
        remedy: "give the same `nap data tokenize` again: it goes on where it stopped")
    }
    var shards: [Shard] = []
    var (tokens, documents) = (0, 0)
    for index in 0..<max(count, 0) {
      let path = TokenShardHeader.path(folder, index)
      let header = try TokenShardHeader(ofShardAt: path)
      guard header.tokenizer == description.tokenizer else {
        throw DatasetError(
          .malformed, path: path + ".json",
          expected: "a shard of \(description.tokenizer.words), as the folder's others",
          found: "one of \(header.tokenizer.words)", remedy: TokenFolder.remedy)
      }
      shards.append(
        Shard(
          header: header,
          tokens: try MappedFile(path: path + ".tokens", byteCount: header.tokens * header.width),
          ends: try MappedFile(path: path + ".ends", byteCount: header.documents * 8),
          tokensBefore: tokens, documentsBefore: documents))
      tokens = tokens.saturatingSum(header.tokens)
      documents += header.documents
    }
    (self.folder, self.description, self.shards) = (folder, description, shards)
    (tokenCount, documentCount) = (tokens, documents)
  }

  /// The shards' headers, in order.
  public var headers: [TokenShardHeader] { shards.map(\.header) }

  /// The place of the shard that `isBefore` still holds for, the last of them.
  private func shard(where isBefore: (Shard) -> Bool) -> Int {
    var (low, high) = (0, shards.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if isBefore(shards[middle]) { low = middle } else { high = middle }
    }
    return low
  }

  /// Writes tokens from a place on into `target`, as 64-bit integers.
  ///
  /// - Precondition: there are as many from `start` on.
  /// - Cost: one pass over them, and a search among the shards.
  public func copyTokens(from start: Int, into target: UnsafeMutableBufferPointer<Int64>) {
    precondition(
      start >= 0 && start + target.count <= tokenCount,
      "copyTokens: places in 0 ..< \(tokenCount), got \(start) ..< \(start + target.count)")
    var index = shard { $0.tokensBefore <= start }
    var copied = 0
    while copied < target.count {
      let shard = shards[index]
      let first = start + copied - shard.tokensBefore
      let count = min(shard.header.tokens - first, target.count - copied)
      let part = UnsafeMutableBufferPointer(rebasing: target[copied..<(copied + count)])
      if shard.header.width == 2 {
        Self.widen(shard.tokens.bytes.bindMemory(to: UInt16.self), first, into: part)
      } else {
        Self.widen(shard.tokens.bytes.bindMemory(to: UInt32.self), first, into: part)
      }
      copied += count
      index += 1
    }
  }

  private static func widen<Token: FixedWidthInteger & UnsignedInteger>(
    _ tokens: UnsafeBufferPointer<Token>, _ first: Int,
    into target: UnsafeMutableBufferPointer<Int64>
  ) {
    for place in 0..<target.count {
      target[place] = Int64(truncatingIfNeeded: Token(littleEndian: tokens[first + place]))
    }
  }

  /// Tokens from a place on.
  ///
  /// - Precondition: they are there.
  public func tokens(_ places: Range<Int>) -> [UInt32] {
    var values = [Int64](repeating: 0, count: places.count)
    values.withUnsafeMutableBufferPointer { copyTokens(from: places.lowerBound, into: $0) }
    return values.map(UInt32.init(truncatingIfNeeded:))
  }

  /// The places of a document's tokens, the token of its end among them.
  ///
  /// - Precondition: the document is there.
  public func document(_ index: Int) -> Range<Int> {
    precondition(
      (0..<documentCount).contains(index), "document(_:): one of \(documentCount), got \(index)")
    return (index == 0 ? 0 : end(of: index - 1))..<end(of: index)
  }

  private func end(of document: Int) -> Int {
    let shard = shards[shard { $0.documentsBefore <= document }]
    let ends = shard.ends.bytes.bindMemory(to: UInt64.self)
    // Of damaged shards whatever they say, within bounds.
    let end = UInt64(littleEndian: ends[document - shard.documentsBefore])
    return shard.tokensBefore + Int(min(end, UInt64(shard.header.tokens)))
  }
}
