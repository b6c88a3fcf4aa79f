import Foundation
import Texts

/// The file `tokens.json` of a folder of token shards: what was tokenized, by whom, and how far it is.
public struct TokenFolder: Codable, Hashable, Sendable {
  /// The name of the file.
  public static let fileName = "tokens.json"
  static let remedy = "copy the folder again, or tokenize into a new one (`nap data tokenize`)"

  /// The version of the format, as in the header of a shard.
  public var format = TokenShardHeader.format
  /// Who makes the tokens.
  public let tokenizer: TokenizerIdentity
  /// What is tokenized.
  public let corpus: Corpus
  /// Tokens after which a shard ends with the block at hand.
  public let shardTokens: Int
  /// Whether damaged documents are left out.
  public let skipsDamaged: Bool
  /// Finished shards; nil until all are.
  public var shards: Int?
  /// Tokens of all shards.
  public var tokens: Int?
  /// Documents of all shards.
  public var documents: Int?

  /// The name of the tokenizer's copy in the folder.
  var tokenizerFileName: String {
    tokenizer.kind == .huggingFace ? "tokenizer.json" : "tokenizer.model"
  }

  /// Whether a path is a folder with token shards.
  public static func isAt(_ folder: String) -> Bool {
    FileManager.default.fileExists(atPath: folder + "/" + fileName)
  }

  /// Reads a folder's file.
  ///
  /// - Throws: `DatasetError` for a folder without one, and one of another version.
  public init(at folder: String) throws {
    guard Self.isAt(folder) else {
      throw DatasetError(
        .missingFile, path: folder, expected: "a folder of token shards, with \(Self.fileName)",
        found: "none", remedy: "make one with `nap data tokenize FILES --tokenizer … -o FOLDER`")
    }
    self = try TokenShardHeader.read(folder + "/" + Self.fileName)
    guard format == TokenShardHeader.format else {
      throw DatasetError(
        .malformed, path: folder + "/" + Self.fileName, expected: TokenShardHeader.format,
        found: "\"\(Excerpt.of(format))\"", remedy: Self.remedy)
    }
  }

  init(
    tokenizer: TokenizerIdentity, corpus: Corpus, shardTokens: Int, skipsDamaged: Bool
  ) {
    (self.tokenizer, self.corpus) = (tokenizer, corpus)
    (self.shardTokens, self.skipsDamaged) = (shardTokens, skipsDamaged)
  }

  /// What differs in what was asked for, such as `tokenizer`; nil for nothing.
  func difference(from other: TokenFolder) -> String? {
    if tokenizer != other.tokenizer {
      return "a tokenizer of \(tokenizer.words) instead of \(other.tokenizer.words)"
    }
    if corpus.files.map(\.path) != other.corpus.files.map(\.path) { return "other files" }
    for (old, new) in zip(other.corpus.files, corpus.files) where old != new {
      return "\(old.path) changed since"
    }
    if corpus != other.corpus { return "another --documents or --key" }
    if shardTokens != other.shardTokens { return "--shard-tokens \(shardTokens)" }
    return skipsDamaged == other.skipsDamaged ? nil : "another --skip-damaged"
  }

  /// The folder's own copy of the tokenizer.
  ///
  /// - Throws: `DatasetError` where it is missing, or is not the one that made the tokens.
  public func readTokenizer(in folder: String) throws -> any Tokenizer {
    guard tokenizer.kind != .bytes else { return ByteTokenizer() }
    let path = folder + "/" + tokenizerFileName
    let source = try FileSource(path: path)
    let bytes = try source.readExactly(source.storedByteCount, for: "a tokenizer")
    let digest = SHA256.hexadecimal(of: bytes)
    guard digest == tokenizer.sha256 else {
      throw DatasetError(
        .checksumMismatch, path: path, expected: "the tokenizer of SHA-256 \(tokenizer.sha256)",
        found: digest, remedy: "put the tokenizer back that made these tokens, or tokenize again")
    }
    return try Tokenizers.read(bytes, as: tokenizer.kind, path: path)
  }

  /// Writes the file in one step.
  func write(to folder: String) throws {
    try PartialFile.put(
      Array(JSONText.data(self, pretty: true)) + [0x0a], to: folder + "/" + Self.fileName)
  }
}
