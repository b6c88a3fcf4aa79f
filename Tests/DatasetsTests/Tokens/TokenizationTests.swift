import Foundation
import TestSupport
import Testing
import Torch

@testable import Datasets

/// Files of text, and what tokenizing them comes to.
final class TokenPlace {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The bytes of every file of token shards, by name.
  func shards(_ name: String) throws -> [String: [UInt8]] {
    let path = folder.path + "/" + name
    return try FileManager.default.contentsOfDirectory(atPath: path).reduce(into: [:]) {
      $0[$1] = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path + "/" + $1)))
    }
  }

  /// Lines of JSON with texts of many lengths.
  static func lines(_ count: Int) -> [UInt8] {
    Array(
      (0..<count).map { index in
        let words = (0..<(index * 7 % 60)).map { "word\($0 * index % 97)" }.joined(separator: " ")
        return #"{"url":"http://e/\#(index)","text":"Nr. \#(index) é\n\#(words)"}"# + "\n"
      }.joined().utf8)
  }

  /// A corpus of compressed and plain files, of more than a block.
  func corpus(_ split: Corpus.DocumentSplit = .lines) throws -> Corpus {
    let lines = Self.lines(2_500)
    let paths = [
      try folder.write("a.json.gz", try gzipped(lines)),
      try folder.write("b.jsonl", Self.lines(50)),
      try folder.write("c.txt", Array("one line\n\nanother\n".utf8)),
      try folder.write("d.json", lines),
    ]
    return try Corpus(paths, split: split)
  }

  @discardableResult
  func tokenize(
    _ corpus: Corpus, _ name: String = "out", by tokenizer: any Tokenizer = ByteTokenizer(),
    threads: Int = 2, shardTokens: Int = 100_000, skipsDamaged: Bool = false,
    show: (Tokenization.Progress) -> Void = { _ in }
  ) throws -> Tokenization.Progress {
    try Tokenization(
      corpus, tokenizer: tokenizer, to: folder.path + "/" + name, shardTokens: shardTokens,
      skipsDamaged: skipsDamaged
    ).run(threads: threads, show: show)
  }
}

@Suite("Making token shards", .timeLimit(.minutes(10))) struct TokenizationTests {
  /// The texts of `TokenPlace.corpus`, in order.
  private static func texts() throws -> [[UInt8]] {
    struct Line: Decodable { let text: String }
    func texts(_ bytes: [UInt8]) throws -> [[UInt8]] {
      try bytes.split(separator: 10).map {
        Array(try JSONDecoder().decode(Line.self, from: Data($0)).text.utf8)
      }
    }
    let (many, few) = (try texts(TokenPlace.lines(2_500)), try texts(TokenPlace.lines(50)))
    return many + few + [Array("one line".utf8), Array("another".utf8)] + many
  }

  @Test("Every document is there, in order, with its end")
  func documents() throws {
    let place = try TokenPlace()
    let done = try place.tokenize(place.corpus())
    let texts = try Self.texts()
    #expect(done.documents == texts.count && done.shards > 3 && done.skipped == 0)
    #expect(done.textByteCount == texts.reduce(0) { $0 + $1.count })
    let shards = try TokenShards(folder: place.folder.path + "/out")
    #expect(shards.documentCount == texts.count && shards.tokenCount == done.tokens)
    for (index, text) in texts.enumerated() {
      #expect(shards.tokens(shards.document(index)).map { UInt8($0) } == text, "\(index)")
    }
    #expect(TokenShards.verify(place.folder.path + "/out").allSatisfy { $0.isSound })
  }

  @Test("A tokenizer's token ends each document, and tokens above 65,535 take 32 bits")
  func ends() throws {
    let place = try TokenPlace()
    let path = try place.folder.write("x.txt", Array("ab\nba".utf8))
    let json = #"{"model":{"vocab":{"a":0,"b":70000,"</s>":5}}}"#
    let tokenizer = try BytePairTokenizer(Array(json.utf8), path: "t")
    try place.tokenize(Corpus([path], split: .lines), by: tokenizer)
    let shards = try TokenShards(folder: place.folder.path + "/out")
    #expect(shards.headers.map(\.dtype) == ["uint32"])
    #expect(shards.tokens(0..<6) == [0, 70_000, 5, 70_000, 0, 5])
    #expect(shards.document(0) == 0..<3 && shards.document(1) == 3..<6)
    let files = try place.shards("out")
    #expect(files["shard-00000.tokens"]?.prefix(8) == [0, 0, 0, 0, 112, 17, 1, 0])
    #expect(files["shard-00000.ends"] == [3, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0])
    #expect(files["tokenizer.json"] == Array(json.utf8))
  }

  @Test("A stop after a block, and any number of threads, come to the same bytes")
  func stops() throws {
    let place = try TokenPlace()
    let corpus = try place.corpus()
    var blocks = 0
    try place.tokenize(corpus, "whole", threads: 1) { _ in blocks += 1 }
    let whole = try place.shards("whole")
    #expect(blocks > 4 && whole.count > 10)
    try place.tokenize(corpus, "three", threads: 3)
    #expect(try place.shards("three") == whole)
    for stop in [1, 2, blocks / 2, blocks - 1] {
      let name = "stopped-\(stop)"
      var (seen, kept) = (0, 0)
      let asked = Asked()
      #expect(throws: StopRequest.Stopped.self) {
        try StopRequest.answering({ asked.isAsked }) {
          try place.tokenize(corpus, name, threads: 2) { progress in
            seen += 1
            kept = progress.shards
            asked.isAsked = seen == stop
          }
        }
      }
      let error = try datasetError { _ = try TokenShards(folder: place.folder.path + "/" + name) }
      #expect(error.found.contains("stopped") && error.remedy.contains("same"))
      #expect(try place.shards(name).keys.filter { $0.hasSuffix(".tokens") }.count == kept)
      try place.tokenize(corpus, name, threads: 1 + stop % 3)
      #expect(try place.shards(name) == whole, "stopped after block \(stop)")
    }
  }

  private final class Asked: @unchecked Sendable { var isAsked = false }

  @Test("What a killed process left of a shard is made anew")
  func killed() throws {
    let place = try TokenPlace()
    let corpus = try place.corpus()
    try place.tokenize(corpus, "whole")
    try place.tokenize(corpus, "killed")
    let path = place.folder.path + "/killed/"
    for name in ["shard-00001.json", "shard-00002.tokens", "shard-00002.json", "tokens.json"] {
      try FileManager.default.removeItem(atPath: path + name)
    }
    let last = try #require(try place.shards("whole").keys.filter { $0.hasSuffix(".json") }.max())
    #expect(last == "tokens.json")
    try place.folder.write("killed/shard-00001.tokens.part", [1, 2, 3])
    // The folder says again what is to be done.
    var job = try TokenFolder(at: place.folder.path + "/whole")
    (job.shards, job.tokens, job.documents) = (nil, nil, nil)
    try job.write(to: place.folder.path + "/killed")
    try place.tokenize(corpus, "killed")
    #expect(try place.shards("killed") == place.shards("whole"))
  }

  @Test(
    "A finished folder is left as it is; another command on it is refused and says what differs")
  func other() throws {
    let place = try TokenPlace()
    let corpus = try place.corpus()
    let done = try place.tokenize(corpus)
    let before = try place.shards("out")
    #expect(try place.tokenize(corpus).tokens == done.tokens)
    #expect(try place.shards("out") == before)
    func refusal(_ body: () throws -> Void) throws -> String {
      let error = try datasetError(body)
      #expect(error.kind == .invalidRequest && error.path.hasSuffix("/out"))
      return error.found
    }
    #expect(try refusal { try place.tokenize(corpus, shardTokens: 7) }.contains("--shard-tokens 7"))
    #expect(
      try refusal { try place.tokenize(corpus, skipsDamaged: true) }.contains("--skip-damaged"))
    let fewer = try Corpus(corpus.files.dropLast().map(\.path), split: .lines)
    #expect(try refusal { try place.tokenize(fewer) } == "other files")
    let whole = try Corpus(corpus.files.map(\.path))
    #expect(try refusal { try place.tokenize(whole) }.contains("--documents"))
    let tokenizer = try Tokenizers.named(TokenizerTests.path("gpt2.json"))
    #expect(try refusal { try place.tokenize(corpus, by: tokenizer) }.contains("tokenizer"))
    #expect(try place.shards("out") == before)
  }

  @Test("A copy of the tokenizer is kept, and one that is not the shards' own is refused")
  func tokenizer() throws {
    let place = try TokenPlace()
    let path = try place.folder.write("x.txt", Array("Hello world, hello".utf8))
    let original = try Tokenizers.named(TokenizerTests.path("bpe.model"))
    try place.tokenize(Corpus([path]), by: original)
    let folder = place.folder.path + "/out"
    var kept = try TokenFolder(at: folder).readTokenizer(in: folder)
    let shards = try TokenShards(folder: folder)
    #expect(shards.headers[0].dtype == "uint16")
    #expect(
      try shards.tokens(shards.document(0)) == kept.tokens(of: Array("Hello world, hello".utf8)) + [
        2
      ])
    try place.folder.write("out/tokenizer.model", [1])
    let error = try datasetError { _ = try TokenFolder(at: folder).readTokenizer(in: folder) }
    #expect(error.kind == .checksumMismatch && error.path == folder + "/tokenizer.model")
    #expect(!TokenShards.verify(folder).allSatisfy { $0.isSound })
  }

  @Test(
    "Verifying finds a changed token, a wrong end, a token beyond the vocabulary and a lost file")
  func verify() throws {
    let place = try TokenPlace()
    let path = try place.folder.write("x.txt", Array("ab\ncd\n".utf8))
    try place.tokenize(Corpus([path], split: .lines))
    let out = place.folder.path + "/out"
    func problems() -> [String] {
      TokenShards.verify(out).filter { !$0.isSound }.map {
        URL(fileURLWithPath: $0.path).lastPathComponent
      }
    }
    #expect(problems().isEmpty)
    let files = try place.shards("out")
    for (name, bytes) in [
      ("shard-00000.tokens", [97, 0, 98, 0, 99, 0, 100, 1]),
      ("shard-00000.ends", Array(repeating: 0, count: 16)),
      ("shard-00000.tokens", [97, 0, 98, 0, 99, 0, 101, 0]), ("shard-00000.json", Array("{}".utf8)),
      ("tokens.json", Array("[]".utf8)), ("shard-00000.ends", [2]),
    ] as [(String, [UInt8])] {
      try place.folder.write("out/" + name, bytes)
      #expect(!problems().isEmpty, "\(name)")
      if bytes.count == 8 || bytes.count == 16 { #expect(problems() == [name]) }
      try place.folder.write("out/" + name, try #require(files[name]))
    }
    #expect(problems().isEmpty)
    try FileManager.default.removeItem(atPath: out + "/shard-00000.ends")
    #expect(try datasetError { _ = try TokenShards(folder: out) }.kind == .missingFile)
    #expect(!problems().isEmpty)
  }

  @Test("NumPy reads tokens and ends as the header says")
  func numPy() throws {
    let place = try TokenPlace()
    try place.tokenize(place.corpus())
    let script = """
      import json, sys, numpy as np
      path = sys.argv[1]
      head = json.load(open(path + ".json"))
      tokens = np.memmap(path + ".tokens", dtype="<u2" if head["dtype"] == "uint16" else "<u4")
      ends = np.memmap(path + ".ends", dtype="<u8")
      print(len(tokens), len(ends), int(tokens.astype(np.int64).sum()), \
      bytes(tokens[ends[4]:ends[5]].astype(np.uint8)).hex())
      """
    let output = try Python.run(script, [place.folder.path + "/out/shard-00000"])
    let shards = try TokenShards(folder: place.folder.path + "/out")
    let header = shards.headers[0]
    let sum = shards.tokens(0..<header.tokens).reduce(0) { $0 + Int($1) }
    let fifth = shards.tokens(shards.document(5)).map { String($0 | 0x100, radix: 16).dropFirst() }
      .joined()
    #expect(
      output.split(whereSeparator: \.isWhitespace).map(String.init)
        == ["\(header.tokens)", "\(header.documents)", "\(sum)", fifth])
  }
}
