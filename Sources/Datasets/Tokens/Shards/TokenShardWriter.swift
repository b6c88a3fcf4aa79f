import Texts

/// Writes one shard; its files have their names once they are whole, the header last.
final class TokenShardWriter {
  private let path: String
  private let tokenizer: TokenizerIdentity
  private let files: (tokens: PartialFile, ends: PartialFile)
  private var digests = (tokens: SHA256(), ends: SHA256())
  private var (documents, skipped, textBytes) = (0, 0, 0)
  private(set) var tokens = 0
  private let isNarrow: Bool

  /// Begins a shard, over what an attempt before left of it.
  ///
  /// - Throws: `DatasetError`: `busy` where another process writes it, and `unwritable`.
  init(_ path: String, tokenizer: TokenizerIdentity) throws {
    (self.path, self.tokenizer) = (path, tokenizer)
    isNarrow = TokenShardHeader.dtype(ofVocabulary: tokenizer.vocabulary) == "uint16"
    files = (try PartialFile(path + ".tokens"), try PartialFile(path + ".ends"))
    try files.tokens.restart()
    try files.ends.restart()
  }

  /// Adds a block's tokens.
  func append(_ block: BlockDocuments.Tokens) throws {
    let bytes =
      isNarrow
      ? Self.bytes(block.tokens.map(UInt16.init(truncatingIfNeeded:))) : Self.bytes(block.tokens)
    let ends = Self.bytes(block.ends.map { UInt64(tokens + $0) })
    digests.tokens.update(bytes)
    digests.ends.update(ends)
    try files.tokens.append(bytes)
    try files.ends.append(ends)
    tokens += block.tokens.count
    documents += block.ends.count
    skipped += block.skipped
    textBytes += block.byteCount
  }

  private static func bytes<Element: FixedWidthInteger>(_ values: [Element]) -> [UInt8] {
    values.map(\.littleEndian).withUnsafeBytes { Array($0) }
  }

  /// Puts the files in their places.
  func finish(_ next: CorpusPosition) throws -> TokenShardHeader {
    try files.tokens.finish()
    try files.ends.finish()
    let header = TokenShardHeader(
      dtype: TokenShardHeader.dtype(ofVocabulary: tokenizer.vocabulary), tokens: tokens,
      documents: documents, skipped: skipped, textBytes: textBytes,
      sha256: digests.tokens.hexadecimal(), endsSHA256: digests.ends.hexadecimal(),
      tokenizer: tokenizer, next: next)
    try PartialFile.put(Array(JSONText.data(header, pretty: true)) + [0x0a], to: path + ".json")
    return header
  }

  /// Removes what was begun.
  func discard() {
    files.tokens.discard()
    files.ends.discard()
  }
}
