import Foundation
import Testing

@testable import Datasets

@Suite("Tokenizers") struct TokenizerTests {
  /// What `Tools/goldens/tokenizer_goldens.py` wrote.
  struct Goldens: Decodable {
    struct Entry: Decodable {
      let vocabulary: Int
      let ids: [[UInt32]]
      let texts: [String]
    }
    let samples: [String]
    let files: [String: Entry]
  }

  static let names = [
    "gpt2.json", "gpt2-prefix.json", "llama.json", "llama-metaspace.json", "unigram.model",
    "bpe.model",
  ]

  static func path(_ name: String) throws -> String {
    try #require(Bundle.module.url(forResource: "Goldens/tokenizers/" + name, withExtension: nil))
      .path
  }

  private static func goldens() throws -> Goldens {
    try JSONDecoder().decode(
      Goldens.self, from: Data(contentsOf: URL(fileURLWithPath: path("ids.json"))))
  }

  @Test("Ids and texts are those of the reference libraries", arguments: names)
  func reference(name: String) throws {
    let goldens = try Self.goldens()
    let golden = try #require(goldens.files[name])
    var tokenizer = try Tokenizers.named(Self.path(name))
    #expect(tokenizer.identity.vocabulary == golden.vocabulary)
    for (sample, (ids, text)) in zip(goldens.samples, zip(golden.ids, golden.texts)) {
      #expect(try tokenizer.tokens(of: Array(sample.utf8)) == ids, "\(sample.debugDescription)")
      let found = String(decoding: try tokenizer.text(of: ids), as: UTF8.self)
      // Not `==` of strings, for which é is é however it is written.
      #expect(Array(found.utf8) == Array(text.utf8), "\(sample.debugDescription)")
    }
    // A second time, from what it has kept.
    for (sample, ids) in zip(goldens.samples, golden.ids) {
      #expect(try tokenizer.tokens(of: Array(sample.utf8)) == ids)
    }
  }

  @Test("Every text comes back from bytes and from byte pairs over bytes")
  func comesBack() throws {
    for name in ["bytes", try Self.path("gpt2.json")] {
      var tokenizer = try Tokenizers.named(name)
      for sample in try Self.goldens().samples {
        let tokens = try tokenizer.tokens(of: Array(sample.utf8))
        #expect(try tokenizer.text(of: tokens) == Array(sample.utf8))
        #expect(tokens.allSatisfy { $0 < tokenizer.identity.vocabulary })
      }
    }
  }

  @Test("Who a tokenizer is: kind, size, digest, and the token that ends a document")
  func identity() throws {
    let path = try Self.path("llama.json")
    let identity = try Tokenizers.named(path).identity
    #expect(identity.kind == .huggingFace && identity.endOfDocument == 2)
    #expect(try identity.sha256 == SHA256.hexadecimal(ofFileAt: path))
    #expect(try Tokenizers.named(Self.path("gpt2.json")).identity.endOfDocument == 0)
    #expect(try Tokenizers.named(Self.path("bpe.model")).identity.endOfDocument == 2)
    #expect(ByteTokenizer().identity.words == "bytes")
    let words = TokenizerIdentity(
      kind: .sentencePiece, vocabulary: 900, endOfDocument: 2, sha256: "0123456789abcdef")
    #expect(words.words == "sentencepiece of 900 tokens (SHA-256 0123456789ab…)")
  }

  @Test(
    "What GPT-2 and Llama do not use is refused by name",
    arguments: [
      (#""pre_tokenizer":{"type":"Whitespace"}"#, "Whitespace"),
      (#""pre_tokenizer":{"type":"Sequence","pretokenizers":[]}"#, "Sequence"),
      (#""normalizer":{"type":"NFKC"}"#, "NFKC"),
      (#""normalizer":{"type":"Replace","pattern":{"Regex":"a"},"content":"b"}"#, "String"),
      (#""truncation":{"max_length":5}"#, "truncation"),
      (#""added_tokens":[{"id":0,"content":"<m>","lstrip":true}]"#, "lstrip"),
      (#""model":{"type":"WordPiece","vocab":{"a":0}}"#, "WordPiece"),
      (#""model":{"dropout":0.1,"vocab":{"a":0}}"#, "dropout"),
      (#""model":{"end_of_word_suffix":"</w>","vocab":{"a":0}}"#, "end_of_word_suffix"),
      (#""model":{"vocab":{"a":0},"merges":["a b"]}"#, "a b"),
      (#""model":{"vocab":{"a":0},"merges":["a"]}"#, "merges of two tokens"),
      (#""model":{"vocab":{"a":0},"unk_token":"<unk>"}"#, "unknown token"),
      (#""model":{"vocab":{"a":99999999}}"#, "ids below"),
      (#""model":{"vocab":{"a":0,"a":1}}"#, "every token once"),
      (#""model":{"vocab":{}}"#, "vocabulary"), (#""version":"1.0""#, "a model"),
    ])
  func refusals(member: String, named: String) throws {
    let text = member.contains("model") ? "{\(member)}" : #"{\#(member),"model":{"vocab":{"a":0}}}"#
    let whole = member.contains("version") ? "{\(member)}" : text
    let error = try datasetError { _ = try BytePairTokenizer(Array(whole.utf8), path: "t.json") }
    #expect(error.kind == .malformed && error.path == "t.json")
    #expect("\(error)".contains(named), "\(error)")
  }

  @Test("Merges may stand as pairs, and whole words may go before merges")
  func newerFiles() throws {
    let text = #"""
      {"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},
       "model":{"vocab":{"a":0,"b":1,"ab":2,"abb":3},"merges":[["a","b"]],"ignore_merges":WHOLE}}
      """#
    for (whole, expected) in [("false", [2, 1]), ("true", [3])] as [(String, [UInt32])] {
      var tokenizer = try BytePairTokenizer(
        Array(text.replacingOccurrences(of: "WHOLE", with: whole).utf8), path: "t.json")
      #expect(try tokenizer.tokens(of: Array("abb".utf8)) == expected)
      // A byte without a token and without a token for what is unknown is left out, as there.
      #expect(try tokenizer.tokens(of: Array("cab".utf8)) == [2])
    }
  }

  @Test(
    "What is no tokenizer is refused with its file", arguments: [[], [1, 2, 3], Array("{".utf8)])
  func noTokenizer(bytes: [UInt8]) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("x", bytes)
    let error = try datasetError { _ = try Tokenizers.named(path) }
    #expect(error.kind == .malformed && error.path == path && error.remedy.contains("bytes"))
    #expect(try datasetError { _ = try Tokenizers.named(path + ".none") }.kind == .missingFile)
  }

  @Test("A trained model of SentencePiece has the vocabulary asked for, and is the same again")
  func training() throws {
    let lines = try String(contentsOfFile: #filePath, encoding: .utf8).split(separator: "\n")
    func train(_ vocabulary: Int) throws -> [UInt8] {
      var rest = lines.makeIterator()
      return try SentencePieceTokenizer.train(vocabulary: vocabulary, path: "text") {
        rest.next().map { Array($0.utf8) }
      }
    }
    let model = try train(420)
    #expect(try train(420) == model)
    let tokenizer = try SentencePieceTokenizer(model, path: "m")
    #expect(tokenizer.identity.vocabulary == 420)
    // Bytes stand for what the text did not have.
    let text = Array("青い empty 😀".utf8)
    #expect(try tokenizer.text(of: tokenizer.tokens(of: text)) == text)
    let error = try datasetError { _ = try train(100_000) }
    #expect(error.kind == .invalidRequest && error.remedy.contains("--train-vocabulary"))
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try SentencePieceTokenizer.train(vocabulary: 420, path: "text") { throw Stop() }
    }
  }

  @Test("A long text without spaces takes no time that grows with its square")
  func long() throws {
    var tokenizer = try Tokenizers.named(Self.path("llama.json"))
    let text = Array(String(repeating: "ab", count: 20_000).utf8)
    let tokens = try tokenizer.tokens(of: text)
    #expect(try tokenizer.text(of: tokens) == text)
  }
}
