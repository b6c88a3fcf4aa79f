import Texts

/// The documents in a block of a corpus, and their tokens.
struct BlockDocuments {
  let split: Corpus.DocumentSplit
  let key: String
  /// Whether a document that cannot be read is left out and counted.
  let skipsDamaged: Bool

  /// What a block comes to.
  struct Tokens: Sendable {
    var tokens: [UInt32] = []
    /// Where documents end among them.
    var ends: [Int] = []
    /// Documents that were left out.
    var skipped = 0
    /// Bytes of text.
    var byteCount = 0
    /// Where the next block begins.
    var next = CorpusPosition()
  }

  /// The tokens of a block.
  ///
  /// - Throws: `DatasetError` that names file and line, for a line without the text, and for bytes that are not UTF-8.
  func tokens(of block: CorpusReader.Block, by tokenizer: inout any Tokenizer) throws -> Tokens {
    var result = Tokens(next: block.next)
    let end = tokenizer.identity.endOfDocument.map(UInt32.init)
    result.skipped = try forEachText(of: block) { text, endsDocument in
      result.tokens += try tokenizer.tokens(of: text)
      result.byteCount += text.count
      guard endsDocument else { return }
      if let end { result.tokens.append(end) }
      result.ends.append(result.tokens.count)
    }
    return result
  }

  /// Calls `body` with each text of a block, and whether a document ends with it.
  ///
  /// - Returns: the texts that were left out as damaged; of a file that is one document, `body` has an empty one
  ///   instead.
  /// - Throws: what `body` throws, and as ``tokens(of:by:)``.
  func forEachText(
    of block: CorpusReader.Block, _ body: ([UInt8], _ endsDocument: Bool) throws -> Void
  ) throws -> Int {
    let isJSON = Corpus.isJSON(block.path)
    var skipped = 0
    func add(_ lines: ArraySlice<UInt8>, _ first: Int, endsDocument: Bool) throws {
      let line = block.start.line + first
      var text: [UInt8] = []
      do {
        text =
          isJSON
          ? try self.text(Array(lines), "\(block.path), line \(line)")
          : try checked(lines, block.path, line)
      } catch is DatasetError where skipsDamaged {
        skipped += 1
        guard split == .file, !isJSON else { return }
      }
      try body(text, endsDocument)
    }
    if !isJSON && split == .file {
      try add(block.bytes[...], 1, endsDocument: block.endsFile)
    } else {
      try forEachPart(block.bytes, splitsLines: isJSON || split == .lines) {
        try add($0, $1, endsDocument: true)
      }
    }
    return skipped
  }

  /// Calls `body` with each line, or each paragraph, that is not blank, and the number of its first line.
  private func forEachPart(
    _ bytes: [UInt8], splitsLines: Bool, _ body: (ArraySlice<UInt8>, Int) throws -> Void
  ) throws {
    var (start, line) = (0, 1)
    var (partStart, partLine) = (0, 1)
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0a) ?? bytes.count
      let isBlank = bytes[start..<end].allSatisfy { [0x20, 0x09, 0x0d].contains($0) }
      if splitsLines {
        if !isBlank { try body(bytes[start..<end], line) }
      } else if isBlank {
        if partStart < start { try body(bytes[partStart..<(start - 1)], partLine) }
        (partStart, partLine) = (end + 1, line + 1)
      }
      (start, line) = (end + 1, line + 1)
    }
    if !splitsLines, partStart < bytes.count {
      let last = bytes.last == 0x0a ? bytes.count - 1 : bytes.count
      if partStart < last { try body(bytes[partStart..<last], partLine) }
    }
  }

  /// The text of a line of JSON.
  private func text(_ line: [UInt8], _ place: String) throws -> [UInt8] {
    func refusal(_ expected: String, _ found: String) -> DatasetError {
      DatasetError(
        .malformed, path: place, expected: expected, found: found,
        remedy: "mend the line, name another --key, or --skip-damaged to leave such documents out")
    }
    var json = JSONReader(line, of: "the line", refusal: refusal)
    var text: [UInt8]?
    var names: [String] = []
    try json.object("a JSON object") { json, name in
      if name == key {
        guard json.isNext("\"") else { throw json.problem("a text as \"\(Excerpt.of(key))\"") }
        text = Array(try json.string().utf8)
      } else {
        if names.count < 5 { names.append(Excerpt.of(name, atMost: 20)) }
        try json.skipValue()
      }
    }
    try json.end()
    guard let text else {
      throw refusal(
        "a text called \"\(Excerpt.of(key))\"",
        names.isEmpty ? "an empty object" : "only \(names.joined(separator: ", "))")
    }
    return text
  }

  /// Lines of plain text, which must be UTF-8.
  private func checked(_ lines: ArraySlice<UInt8>, _ path: String, _ first: Int) throws -> [UInt8] {
    func isValid(_ bytes: ArraySlice<UInt8>) -> Bool {
      bytes.withUnsafeBufferPointer { String(validating: $0, as: UTF8.self) != nil }
    }
    guard !isValid(lines) else { return Array(lines) }
    let before = lines.split(separator: 0x0a, omittingEmptySubsequences: false).prefix(
      while: isValid)
    throw DatasetError(
      .malformed, path: "\(path), line \(first + before.count)", expected: "UTF-8",
      found: "other bytes",
      remedy: "convert the file (`iconv -t utf-8`), or --skip-damaged to leave such text out")
  }
}
