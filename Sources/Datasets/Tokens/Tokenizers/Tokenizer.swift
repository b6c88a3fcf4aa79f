/// Makes tokens of text, and text of tokens.
///
/// A value keeps what it has worked out, so each thread has a copy of its own.
public protocol Tokenizer: Sendable {
  /// What tells it from others.
  var identity: TokenizerIdentity { get }

  /// The file that it was read from, byte by byte; empty where there is none.
  var file: [UInt8] { get }

  /// The tokens of a text, without any that stand for its beginning or end.
  ///
  /// - Parameter text: valid UTF-8; other bytes are taken as U+FFFD where the tokenizer is not of bytes.
  /// - Throws: `DatasetError` for a text that the tokenizer has no tokens for.
  mutating func tokens(of text: [UInt8]) throws -> [UInt32]

  /// The bytes of a text of tokens: UTF-8, but for characters that the tokens have only in part.
  ///
  /// - Precondition: each token is below the size of the vocabulary.
  func text(of tokens: [UInt32]) throws -> [UInt8]
}

/// What tells a tokenizer from others: tokens of one mean nothing to another.
public struct TokenizerIdentity: Codable, Hashable, Sendable {
  /// What reads its file.
  public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
    /// Tokens are bytes; there is no file.
    case bytes
    /// A model of SentencePiece.
    case sentencePiece = "sentencepiece"
    /// Byte pairs in a `tokenizer.json` of Hugging Face.
    case huggingFace = "hugging-face"
  }

  /// What reads its file.
  public var kind: Kind
  /// Different tokens.
  public var vocabulary: Int
  /// The token that ends a document; nil where the tokenizer has none.
  public var endOfDocument: Int?
  /// The SHA-256 digest of its file; empty for bytes.
  public var sha256: String

  /// In a message.
  public var words: String {
    self == ByteTokenizer().identity
      ? "bytes" : "\(kind.rawValue) of \(vocabulary) tokens (SHA-256 \(sha256.prefix(12))…)"
  }
}

/// Tokens are bytes: every text has the same vocabulary of 256.
public struct ByteTokenizer: Tokenizer {
  /// The only one.
  public init() {}

  public var identity: TokenizerIdentity {
    TokenizerIdentity(
      kind: .bytes, vocabulary: TokenWindows.vocabulary, endOfDocument: nil, sha256: "")
  }
  public var file: [UInt8] { [] }
  public func tokens(of text: [UInt8]) -> [UInt32] { text.map(UInt32.init) }
  public func text(of tokens: [UInt32]) -> [UInt8] { tokens.map { UInt8(truncatingIfNeeded: $0) } }
}

/// The tokenizers that there are.
public enum Tokenizers {
  /// No tokenizer's file is larger; our choice. The largest in use have 17 MB.
  static let largestFile = 256 << 20

  /// The tokenizer of a name or file: `bytes`, a model of SentencePiece, or Hugging Face's `tokenizer.json`.
  ///
  /// - Throws: `DatasetError` for a file that is missing, damaged or of parts that are not read here.
  public static func named(_ name: String) throws -> any Tokenizer {
    guard name != "bytes" else { return ByteTokenizer() }
    let source = try FileSource(path: name)
    guard source.storedByteCount <= largestFile else {
      throw DatasetError(
        .oversized, path: name, expected: "a tokenizer's file of at most \(largestFile) bytes",
        found: "\(source.storedByteCount)", remedy: remedy)
    }
    let bytes = try source.readExactly(source.storedByteCount, for: "a tokenizer")
    let first = bytes.first { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }
    return try read(
      bytes, as: first == UInt8(ascii: "{") ? .huggingFace : .sentencePiece, path: name)
  }

  /// The tokenizer of a file's bytes.
  ///
  /// - Parameter path: the file, for errors.
  /// - Throws: `DatasetError`.
  public static func read(
    _ bytes: [UInt8], as kind: TokenizerIdentity.Kind, path: String
  ) throws -> any Tokenizer {
    switch kind {
    case .bytes: ByteTokenizer()
    case .sentencePiece: try SentencePieceTokenizer(bytes, path: path)
    case .huggingFace: try BytePairTokenizer(bytes, path: path)
    }
  }

  static let remedy =
    "--tokenizer bytes, a SentencePiece model (.model), or a tokenizer.json of GPT-2's or Llama's kind"
}
