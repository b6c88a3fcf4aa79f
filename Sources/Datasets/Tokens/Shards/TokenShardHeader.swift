import Foundation
import Texts

/// What stands in the JSON file beside the tokens of a shard.
///
/// A shard is three files: `shard-00000.tokens` has tokens one after another, unsigned and little-endian, of 16 bits
/// where the vocabulary has at most 65,536, else of 32; `shard-00000.ends` has for each document the number of tokens
/// up to its end, of 64 bits; `shard-00000.json` has these fields. It is written last: without it there is no shard.
public struct TokenShardHeader: Codable, Hashable, Sendable {
  /// The format's name and version.
  public static let format = "nap-tokens 1"

  /// ``format``.
  public var format = Self.format
  /// `uint16` or `uint32`, NumPy's names.
  public let dtype: String
  /// Tokens.
  public let tokens: Int
  /// Documents; the last ends with the shard, but where a file that is one document goes on in the next.
  public let documents: Int
  /// Documents, or pieces of a text, that were left out as damaged.
  public let skipped: Int
  /// Bytes of text that the tokens were made of.
  public let textBytes: Int
  /// The SHA-256 digest of the tokens' file.
  public let sha256: String
  /// The SHA-256 digest of the ends' file.
  public let endsSHA256: String
  /// Who made the tokens.
  public let tokenizer: TokenizerIdentity
  /// Where in the corpus the next shard begins.
  public let next: CorpusPosition

  /// Bytes of a token.
  var width: Int { dtype == "uint16" ? 2 : 4 }

  /// The element type for a vocabulary.
  static func dtype(ofVocabulary vocabulary: Int) -> String {
    vocabulary <= 1 << 16 ? "uint16" : "uint32"
  }

  /// The path of a shard's file without its ending, such as `FOLDER/shard-00000`.
  static func path(_ folder: String, _ index: Int) -> String {
    let digits = String(index)
    return folder + "/shard-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }

}

extension TokenShardHeader {
  /// Reads a header and checks it against its files' sizes.
  ///
  /// - Throws: `DatasetError` that names the file.
  init(ofShardAt path: String) throws {
    self = try Self.read(path + ".json")
    guard format == Self.format, ["uint16", "uint32"].contains(dtype), tokens >= 0, documents >= 0,
      tokens <= Int.max >> 3, documents <= Int.max >> 4
    else {
      throw DatasetError(
        .malformed, path: path + ".json", expected: "a header of \(Self.format)",
        found: "\"\(Excerpt.of(format))\" of \(Excerpt.of(dtype))",
        remedy: "read it with the version of nap that wrote it, or tokenize again")
    }
    for (name, count) in [(path + ".tokens", tokens * width), (path + ".ends", documents * 8)] {
      let found = try FileSource(path: name).storedByteCount
      guard found == count else {
        throw DatasetError(
          found < count ? .truncated : .oversized, path: name,
          expected: "\(count) bytes, as its header says", found: "\(found)",
          remedy: TokenFolder.remedy)
      }
    }
  }

  /// A small file of JSON.
  ///
  /// - Throws: `DatasetError` for a file that is missing or not of this form.
  static func read<Value: Decodable>(_ path: String, as type: Value.Type = Value.self) throws
    -> Value
  {
    let source = try FileSource(path: path)
    guard source.storedByteCount <= 64 << 20 else {
      throw DatasetError(
        .oversized, path: path, expected: "a header of at most 64 MiB",
        found: "\(source.storedByteCount) bytes", remedy: TokenFolder.remedy)
    }
    let bytes = try source.readExactly(source.storedByteCount, for: "a header")
    do {
      return try JSONText.decode(type, from: Data(bytes))
    } catch {
      throw DatasetError(
        .malformed, path: path, expected: "a header of \(Self.format)",
        found: Excerpt.of("\((error as? DecodingError)?.sentence ?? "\(error)")", atMost: 200),
        remedy: TokenFolder.remedy)
    }
  }
}
