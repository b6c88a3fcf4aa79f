import Foundation
import TestSupport
import Testing

@testable import Datasets

/// The formats of texts and tokens against damaged bytes; see `ParserLaw`.
@Suite(.serialized, .timeLimit(.minutes(60))) struct TokenFuzzTests {
  private static func isRefusal(_ error: any Error) -> Bool {
    guard let error = error as? DatasetError else { return false }
    return !error.expected.isEmpty && !error.found.isEmpty && !error.remedy.isEmpty
  }

  /// Two blocks of 128 KiB; the window that a header asks for is taken as it fills.
  private static func zstandardLaw() -> ParserLaw {
    ParserLaw(
      "zstandard",
      seeds: [
        zstandard(Array("one line\n".utf8)), zstandard(cifarBytes([[1]])),
        zstandard(TokenPlace.lines(40)),
      ],
      factor: 2)
  }

  @Test("Zstandard streams")
  func zstandardStreams() async {
    let end = await #expect(processExitsWith: .success) {
      Self.zstandardLaw().check(isRefusal: Self.isRefusal) { input in
        let source = try ZstandardSource(MemorySource(input.bytes, path: input.path))
        var total = 0
        while total < 1 << 26, case let block = try source.read(1 << 16), !block.isEmpty {
          total += block.count
        }
      }
    }
    Self.zstandardLaw().explain(end == nil)
  }

  /// The text of a line twice, its tokens in 32 bits, and copies while arrays grow.
  private static let linesLaw = ParserLaw(
    "json-lines",
    seeds: [TokenPlace.lines(3), Array(#"{"a":[1,{"b":null}],"text":"x\u00e9\n"}"#.utf8)],
    words: [#"{"text":"#, #""text""#, "\\u", "\\ud83d", "[", "{", "\n", "1e9", "null"], factor: 64,
    large: TokenPlace.lines(8_000))

  @Test("Lines of JSON")
  func lines() async {
    let end = await #expect(processExitsWith: .success) {
      Self.linesLaw.check(isRefusal: Self.isRefusal) { input in
        let file = input.path + ".jsonl"
        try Data(input.bytes).write(to: URL(fileURLWithPath: file))
        defer { unlink(file) }
        let reader = CorpusReader(try Corpus([file]))
        var tokenizer: any Tokenizer = ByteTokenizer()
        let documents = BlockDocuments(split: .file, key: "text", skipsDamaged: false)
        while let block = try reader.next() {
          let found = try documents.tokens(of: block, by: &tokenizer)
          #expect(found.ends.last ?? 0 == found.tokens.count)
        }
      }
    }
    Self.linesLaw.explain(end == nil)
  }

  /// Tokens, their bytes and merges in dictionaries; a text of each.
  private static func bytePairLaw() throws -> ParserLaw {
    let small = ##"""
      {"added_tokens":[{"id":4,"content":"</s>","special":true}],"normalizer":{"type":"Prepend","prepend":"▁"},
       "model":{"type":"BPE","byte_fallback":true,"vocab":{"a":0,"b":1,"ab":2,"<0x0A>":3},"merges":["a b"]}}
      """##
    let path = try TokenizerTests.path("gpt2.json")
    return ParserLaw(
      "tokenizer-json",
      seeds: [Array(small.utf8), [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))],
      words: [
        #""vocab":{"#, #""merges":["#, #""type":"ByteLevel""#, #""Metaspace""#, "[[", "null", "▁",
      ], factor: 64,
      constant: 160 << 20)
  }

  @Test("Hugging Face's tokenizer.json")
  func bytePairs() async throws {
    let end = await #expect(processExitsWith: .success) {
      try Self.bytePairLaw().check(isRefusal: Self.isRefusal) { input in
        var tokenizer = try BytePairTokenizer(input.bytes, path: input.path)
        let tokens = try tokenizer.tokens(of: Array("ab </s> x\n é".utf8))
        #expect(tokens.allSatisfy { $0 < tokenizer.identity.vocabulary })
        _ = tokenizer.text(of: tokens)
      }
    }
    try Self.bytePairLaw().explain(end == nil)
  }

  /// SentencePiece's own parser and tables.
  private static func modelLaw() throws -> ParserLaw {
    let path = try TokenizerTests.path("bpe.model")
    return ParserLaw(
      "sentencepiece", seeds: [[UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))],
      factor: 64,
      constant: 64 << 20)
  }

  @Test("SentencePiece's models")
  func models() async throws {
    let end = await #expect(processExitsWith: .success) {
      try Self.modelLaw().check(isRefusal: Self.isRefusal, naming: { _ in nil }) { input in
        let tokenizer = try SentencePieceTokenizer(input.bytes, path: input.path)
        let tokens = try tokenizer.tokens(of: Array("ab x\n é".utf8))
        _ = try tokenizer.text(of: tokens)
      }
    }
    try Self.modelLaw().explain(end == nil)
  }

  /// The header once more, and what Foundation makes of it.
  private static func headerLaw() throws -> ParserLaw {
    let place = try TokenPlace()
    let path = try place.folder.write("x.txt", Array("ab\nba".utf8))
    try place.tokenize(Corpus([path], split: .lines))
    let files = try place.shards("out")
    return ParserLaw(
      "token-header", seeds: [files["shard-00000.json"] ?? [], files["tokens.json"] ?? []],
      words: ["uint32", "-1", "{", "}", "null", "9223372036854775807"], factor: 64, share: 2)
  }

  @Test("Headers of shards, and what a folder says of itself")
  func headers() async throws {
    let end = await #expect(processExitsWith: .success) {
      let place = try TokenPlace()
      let path = try place.folder.write("x.txt", Array("ab\nba".utf8))
      try place.tokenize(Corpus([path], split: .lines))
      let out = place.folder.path + "/out"
      let whole = try place.shards("out")
      try Self.headerLaw().check(isRefusal: Self.isRefusal, naming: { _ in out }) { input in
        // A seed of the one is none of the other, so each stands in its own place.
        let isFolder = String(decoding: input.bytes, as: UTF8.self).contains("corpus")
        let name = isFolder ? "tokens.json" : "shard-00000.json"
        try place.folder.write("out/" + name, input.bytes)
        defer { _ = try? place.folder.write("out/" + name, whole[name] ?? []) }
        let shards = try TokenShards(folder: out)
        for document in 0..<min(shards.documentCount, 3) {
          _ = shards.tokens(shards.document(document))
        }
        _ = TokenShards.verify(out)
      }
    }
    try Self.headerLaw().explain(end == nil)
  }
}
