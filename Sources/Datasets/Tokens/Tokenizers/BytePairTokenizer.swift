/// Byte pairs as a `tokenizer.json` of Hugging Face has them: GPT-2's over bytes, or Llama's over characters with bytes
/// for those that it has no token for.
///
/// Ids are those of `encode(text, add_special_tokens=False)` of the library `tokenizers`; so a text that holds the name
/// of a special token has that token. The text of tokens is that of `decode(ids, skip_special_tokens=False)`, but that
/// bytes which are no characters stay as they are. Unicode's classes are those of Swift's standard library.
public struct BytePairTokenizer: Tokenizer {
  public let identity: TokenizerIdentity
  public let file: [UInt8]
  private let tables: BytePairTables
  /// Tokens of words of at most 15 bytes. Each thread's copy has its own.
  private var known: [SIMD2<UInt64>: [UInt32]] = [:]
  /// Words that are kept: our choice, some 10 MB.
  private static let mostKnown = 1 << 16

  /// Reads a tokenizer.
  ///
  /// - Parameter path: the file that the bytes come from, for errors.
  /// - Throws: `DatasetError` (`malformed`) for damage, and for a kind of normalizer, pre-tokenizer or model that GPT-2
  ///   and Llama do not use.
  public init(_ bytes: [UInt8], path: String) throws {
    tables = try BytePairTables(BytePairFile(bytes, path: path), path: path)
    file = bytes
    identity = TokenizerIdentity(
      kind: .huggingFace, vocabulary: tables.pieces.count, endOfDocument: tables.end,
      sha256: SHA256.hexadecimal(of: bytes))
  }

  public mutating func tokens(of text: [UInt8]) throws -> [UInt32] {
    let isValid = text.withUnsafeBufferPointer { String(validating: $0, as: UTF8.self) != nil }
    let text = isValid ? text : Array(String(decoding: text, as: UTF8.self).utf8)
    var tokens: [UInt32] = []
    tables.raw.split(text) { part, isFirst in
      switch part {
      case .token(let id): tokens.append(id)
      case .text(let text):
        tables.normalized.split(tables.normalizing(text)) { part, isFirstPart in
          switch part {
          case .token(let id): tokens.append(id)
          case .text(let text):
            tables.forEachWord(text, isFirst: isFirst && isFirstPart) { append($0, to: &tokens) }
          }
        }
      }
    }
    return tokens
  }

  public func text(of tokens: [UInt32]) -> [UInt8] {
    let bytes = tokens.flatMap { tables.pieces[Int($0)] }
    return tables.dropsSpace && bytes.first == 0x20 ? Array(bytes.dropFirst()) : bytes
  }

  private mutating func append(_ word: UnsafeBufferPointer<UInt8>, to tokens: inout [UInt32]) {
    guard word.count < 16 else { return tokens += tables.tokens(of: word) }
    var key = SIMD2<UInt64>()
    withUnsafeMutableBytes(of: &key) {
      $0.copyMemory(from: UnsafeRawBufferPointer(word))
      $0[15] = UInt8(word.count)
    }
    if let found = known[key] { return tokens += found }
    let found = tables.tokens(of: word)
    if known.count < Self.mostKnown { known[key] = found }
    tokens += found
  }
}
