import Foundation
import Testing
import Texts

@testable import Datasets

@Suite("Files of text", .timeLimit(.minutes(10))) struct CorpusTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The documents of files, read from a place on.
  private func documents(
    _ corpus: Corpus, from position: CorpusPosition = CorpusPosition(), skipsDamaged: Bool = false
  ) throws -> [String] {
    let reader = CorpusReader(corpus, from: position)
    let splitter = BlockDocuments(split: corpus.split, key: corpus.key, skipsDamaged: skipsDamaged)
    var (documents, open) = ([String](), "")
    while let block = try reader.next() {
      _ = try splitter.forEachText(of: block) { text, ends in
        open += String(decoding: text, as: UTF8.self)
        if ends {
          documents.append(open)
          open = ""
        }
      }
    }
    #expect(open.isEmpty, "a text that ends no document")
    return documents
  }

  @Test(
    "Plain text splits at the end of the file, at lines or at blank lines",
    arguments: ["\n", "\r\n"])
  func splits(end: String) throws {
    let text = ["one", "two", "", "", "three", " ", "four", "five"].joined(separator: end)
    let path = try folder.write("t.txt", Array(text.utf8))
    #expect(try documents(Corpus([path])) == [text])
    let lines = try documents(Corpus([path], split: .lines)).map {
      $0.trimmingCharacters(in: .newlines)
    }
    #expect(lines == ["one", "two", "three", "four", "five"])
    let paragraphs = try documents(Corpus([path], split: .paragraphs))
    #expect(paragraphs.map { $0.filter { !$0.isWhitespace } } == ["onetwo", "three", "fourfive"])
  }

  @Test("A file of many blocks is one document, and the same from gzip")
  func large() throws {
    let text = (0..<30_000).map { "line \($0) of many, é\n" }.joined()
    let plain = try folder.write("a.txt", Array(text.utf8))
    let packed = try folder.write("b.txt.gz", try gzipped(Array(text.utf8)))
    #expect(text.utf8.count > 2 * CorpusReader.blockSize)
    #expect(try documents(Corpus([plain, packed])) == [text, text])
    // Exactly a block, and one byte around it.
    for count in [CorpusReader.blockSize - 1, CorpusReader.blockSize, CorpusReader.blockSize + 1] {
      let bytes = (0..<count).map { $0 % 64 == 63 ? UInt8(10) : 97 }
      let path = try folder.write("exact.txt", bytes)
      #expect(try documents(Corpus([path])) == [String(decoding: bytes, as: UTF8.self)])
      let ending = try folder.write("ending.txt", bytes.dropLast() + [10])
      #expect(try documents(Corpus([ending])).count == 1)
    }
  }

  @Test(
    "Reading from any block on gives the blocks that came after it",
    arguments: Corpus.DocumentSplit.allCases)
  func resumes(split: Corpus.DocumentSplit) throws {
    let long = String(repeating: "x", count: 3 * CorpusReader.blockSize / 2)
    let text =
      (0..<9_000).map { "\($0) some words\($0 % 9 == 0 ? "\n\n" : "\n")" }.joined() + long
      + "\n\nend\n"
    let path = try folder.write("a.txt", Array((text + text).utf8))
    let other = try folder.write("b.txt.gz", try gzipped(Array(text.utf8)))
    let corpus = try Corpus([path, other], split: split)
    func blocks(_ reader: CorpusReader) throws -> [CorpusReader.Block] {
      var blocks: [CorpusReader.Block] = []
      while let block = try reader.next() { blocks.append(block) }
      return blocks
    }
    let all = try blocks(CorpusReader(corpus))
    #expect(
      all.count > 5
        && all.map(\.start).dropFirst().elementsEqual(
          all.dropLast().map { $0.endsFile ? CorpusPosition(file: $0.next.file + 1) : $0.next })
    )
    for (index, block) in all.enumerated() {
      let rest = try blocks(CorpusReader(corpus, from: block.next))
      #expect(rest.map(\.bytes) == all.dropFirst(index + 1).map(\.bytes), "block \(index)")
      #expect(rest.map(\.start) == all.dropFirst(index + 1).map(\.start))
      #expect(rest.map(\.endsFile) == all.dropFirst(index + 1).map(\.endsFile))
    }
  }

  @Test("JSON lines: the text under its key, whatever stands beside it; blank lines are none")
  func json() throws {
    let lines = [
      #"{"text":"a\nb \u00e9\ud83d\ude00","n":[1,{"text":"no"}],"x":null}"#, "",
      #" {"t": 1.5e3, "text" : ""} "#,
    ].joined(separator: "\n")
    let path = try folder.write("a.ndjson", Array(lines.utf8))
    #expect(try documents(Corpus([path])) == ["a\nb é😀", ""])
    let other = try folder.write("b.json", Array(#"{"body":"x"}"#.utf8))
    #expect(try documents(Corpus([other], key: "body")) == ["x"])
  }

  @Test("Escapes of JSON are read as Foundation reads them, and refused where it refuses them")
  func escapes() throws {
    let pieces = [
      #"\""#, #"\\"#, #"\/"#, #"\b"#, #"\f"#, #"\n"#, #"\r"#, #"\t"#, #"\u0041"#, #"\u00e9"#,
      #"\u20AC"#,
      #"\u0000"#, #"\uFFFF"#, #"\ud83d\ude00"#, "plain", "é😀", #"\ud83d"#, #"\u12"#, #"\u+123"#,
      #"\x"#, #"\u 12a"#,
    ]
    for first in pieces {
      for second in pieces {
        let text = "\"" + first + "a" + second + "\""
        let expected = try? JSONDecoder().decode(String.self, from: Data(text.utf8))
        var json = JSONReader(Array(text.utf8), of: "it") { _, _ in CancellationError() }
        #expect((try? json.string()) == expected, "\(text)")
      }
    }
  }

  @Test(
    "A line without text is named with its file and number, or left out when that is asked for",
    arguments: [
      (#"{"other":1}"#, "only other"), (#"{"text":5}"#, "\"5\""), (#"{"text":null}"#, "\"n\""),
      ("[1]", "\"[\""),
      ("{", "the end of the line"), (#"{"text":"\ud800"}"#, "byte"), (#"{"text":"a"} x"#, "\"x\""),
      ("{}", "empty object"),
    ])
  func damagedLines(line: String, found: String) throws {
    let text = #"{"text":"first"}"# + "\n\n" + line + "\n" + #"{"text":"last"}"# + "\n"
    let path = try folder.write("a.jsonl", Array(text.utf8))
    let error = try datasetError { _ = try documents(Corpus([path])) }
    #expect(error.path == path + ", line 3" && error.kind == .malformed, "\(error)")
    #expect(error.found.contains(found), "\(error)")
    #expect(error.remedy.contains("--skip-damaged"))
    #expect(try documents(Corpus([path]), skipsDamaged: true) == ["first", "last"])
  }

  @Test("Bytes that are not UTF-8 are named with their line", arguments: [false, true])
  func notUTF8(isJSON: Bool) throws {
    func line(_ bytes: [UInt8]) -> [UInt8] {
      isJSON ? Array(#"{"text":""#.utf8) + bytes + Array("\"}\n".utf8) : bytes + [10]
    }
    let bytes = line([97]) + line([0xc3, 0x28]) + line([98])
    let path = try folder.write(isJSON ? "a.json" : "a.txt", bytes)
    let error = try datasetError { _ = try documents(Corpus([path])) }
    #expect(error.path == path + ", line 2" && error.kind == .malformed, "\(error)")
    #expect("\(error)".contains("UTF-8"))
    #expect(try documents(Corpus([path], split: .lines), skipsDamaged: true) == ["a", "b"])
  }

  @Test("Parquet, no files, a folder and a lost file are refused before anything is read")
  func refusals() throws {
    #expect(try datasetError { _ = try Corpus([]) }.kind == .invalidRequest)
    let parquet = try datasetError { _ = try Corpus(["x.parquet"]) }
    #expect(parquet.found == "Parquet" && parquet.remedy.contains("to_json"))
    #expect(try datasetError { _ = try Corpus([folder.path + "/none"]) }.kind == .missingFile)
    #expect(try datasetError { _ = try Corpus([folder.path]) }.kind == .unreadable)
  }

  @Test("A file that changes after it was listed, or while it is read, is an error that says so")
  func changes() throws {
    let path = try folder.write("a.txt", Array(repeating: 10, count: 3 * CorpusReader.blockSize))
    let corpus = try Corpus([path])
    let reader = CorpusReader(corpus)
    _ = try reader.next()
    try folder.write("a.txt", Array(repeating: 10, count: 2 * CorpusReader.blockSize + 9))
    let error = try datasetError { while try reader.next() != nil {} }
    #expect(error.path == path && error.found.contains("changed since"))
    #expect(
      try datasetError { _ = try CorpusReader(corpus).next() }.found.contains("changed since"))
  }

  @Test("A stream that is cut short, or damaged, is named with its file", arguments: ["gz", "zst"])
  func cutShort(ending: String) throws {
    let plain = TokenPlace.lines(300)
    let whole = ending == "gz" ? try gzipped(plain) : zstandard(plain)
    let path = try folder.write("a.json.\(ending)", whole)
    #expect(try documents(Corpus([path])).count == 300)
    try folder.write("a.json.\(ending)", whole.dropLast(9))
    let error = try datasetError { _ = try documents(Corpus([path])) }
    #expect(error.path == path && error.kind == .truncated, "\(error)")
    try folder.write("a.json.\(ending)", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    #expect(try datasetError { _ = try documents(Corpus([path])) }.kind == .malformed)
  }

  @Test(
    "A bomb ends in an error: a line without end, or too much of too little",
    arguments: ["gz", "zst"])
  func bombs(ending: String) throws {
    let zeros = [UInt8](repeating: 0, count: 70_000_000)
    let path = try folder.write(
      "line.txt.\(ending)",
      ending == "gz" ? try shell("head -c \(zeros.count) /dev/zero | gzip -c") : zstandard(zeros))
    let error = try datasetError { _ = try CorpusReader(Corpus([path])).next() }
    #expect(error.kind == .oversized && error.path == path + ", line 1", "\(error)")
    let bomb = ExpansionLimit(EndlessSource())
    let found = try datasetError { while try !bomb.read(1 << 22).isEmpty {} }
    #expect(found.kind == .oversized && found.expected.contains("500 times"))
  }

  /// Ten stored bytes that never end.
  private final class EndlessSource: ByteSource {
    let path = "bomb"
    let storedByteCount = 10
    private let block = [UInt8](repeating: 10, count: 1 << 22)
    func read(_ maximum: Int) -> [UInt8] {
      maximum == block.count ? block : Array(block.prefix(maximum))
    }
  }
}
