/// Reads a corpus in blocks of whole lines, of some 256 KiB.
///
/// A block depends on the place at which it begins alone, so reading can go on there. Memory: one block, and what a
/// line takes; a line of more than 64 MiB is an error.
final class CorpusReader {
  /// Whole lines of one file.
  struct Block: Sendable {
    /// The file.
    let path: String
    /// Where it begins.
    let start: CorpusPosition
    /// Where the next one begins.
    let next: CorpusPosition
    let bytes: [UInt8]
    /// Whether the file ends with it.
    let endsFile: Bool
  }

  private let corpus: Corpus
  private(set) var position: CorpusPosition
  /// Bytes of the files, as they are stored, that were read.
  private(set) var readByteCount = 0
  private var open: (source: ExpansionLimit, raw: CountedSource, start: Int)?
  private var buffer: [UInt8] = []
  private var isAtEnd = false

  static let blockSize = 256 << 10
  /// No line is longer; our choice.
  static let longestLine = 64 << 20

  /// Reads from a place on.
  init(_ corpus: Corpus, from position: CorpusPosition = CorpusPosition()) {
    self.corpus = corpus
    self.position = position
    readByteCount = corpus.files.prefix(position.file).reduce(0) { $0 + $1.byteCount }
  }

  /// The next block, nil at the end of the corpus.
  ///
  /// - Throws: `DatasetError` for a file that is missing, damaged, changed since the corpus was made, or expands beyond
  ///   all bounds.
  func next() throws -> Block? {
    while position.file < corpus.files.count {
      let file = corpus.files[position.file]
      do {
        if open == nil { try begin(file) }
        if let block = try nextBlock(file.path) { return block }
        try file.requireUnchanged()
      } catch {
        // What went wrong may come of the change.
        try file.requireUnchanged()
        throw error
      }
    }
    return nil
  }

  private func begin(_ file: Corpus.File) throws {
    try file.requireUnchanged()
    let raw = CountedSource(try FileSource(path: file.path))
    var plain: any ByteSource = raw
    if file.path.hasSuffix(".gz") { plain = try GzipSource(raw) }
    if file.path.hasSuffix(".zst") { plain = try ZstandardSource(raw) }
    let source = ExpansionLimit(plain)
    open = (source, raw, readByteCount)
    (buffer, isAtEnd) = ([], false)
    var rest = position.offset
    while rest > 0 {
      rest -= try source.readExactly(min(rest, Self.blockSize), for: "text before \(position)")
        .count
    }
  }

  /// The next block of the open file; nil at its end, from where the next file is the place.
  private func nextBlock(_ path: String) throws -> Block? {
    guard let open else { return nil }
    var (cut, searched, target) = (Int?.none, 0, 0)
    while cut == nil {
      guard target < Self.longestLine else {
        throw DatasetError(
          .oversized, path: "\(path), line \(position.line + 1)",
          expected: "lines of at most \(Self.longestLine >> 20) MiB",
          found: "one that is longer", remedy: "break the line up, or leave the file out")
      }
      // A whole number of blocks from the place on, wherever reading began.
      target += Self.blockSize
      try fill(open.source, to: target)
      cut = isAtEnd ? buffer.count : lastCut(from: searched)
      searched = max(0, buffer.count - 1)
    }
    readByteCount = open.start + open.raw.readByteCount
    guard let cut, cut > 0 else {
      self.open = nil
      position = CorpusPosition(file: position.file + 1)
      return nil
    }
    let bytes = Array(buffer[..<cut])
    buffer.removeSubrange(..<cut)
    let start = position
    position.offset += cut
    position.line += bytes.reduce(0) { $0 + ($1 == 0x0a ? 1 : 0) }
    // Whether anything follows is known only of the next block.
    if buffer.isEmpty { try fill(open.source, to: Self.blockSize) }
    return Block(
      path: path, start: start, next: position, bytes: bytes, endsFile: isAtEnd && buffer.isEmpty)
  }

  private func fill(_ source: some ByteSource, to count: Int) throws {
    guard buffer.count < count, !isAtEnd else { return }
    let wanted = count - buffer.count
    let more = try source.read(wanted)
    buffer += more
    isAtEnd = more.count < wanted
  }

  /// Where the last line in the buffer ends, from a place on; after it a blank one where documents end at those.
  private func lastCut(from first: Int) -> Int? {
    let isParagraphs =
      corpus.split == .paragraphs && !Corpus.isJSON(corpus.files[position.file].path)
    return buffer.withUnsafeBufferPointer { buffer in
      var place = buffer.count - 1
      while place >= first {
        if buffer[place] == 0x0a, !isParagraphs || place > 0 && buffer[place - 1] == 0x0a {
          return place + 1
        }
        place -= 1
      }
      return nil
    }
  }
}

/// A source that counts what is read of it.
final class CountedSource: ByteSource {
  private let source: any ByteSource
  private(set) var readByteCount = 0

  init(_ source: any ByteSource) { self.source = source }

  var path: String { source.path }
  var storedByteCount: Int { source.storedByteCount }

  func read(_ maximum: Int) throws -> [UInt8] {
    let bytes = try source.read(maximum)
    readByteCount += bytes.count
    return bytes
  }
}

/// A source that ends in an error where a small file becomes a very large text: a bomb, not a corpus.
final class ExpansionLimit: ByteSource {
  private let source: any ByteSource
  private var count = 0

  /// Texts of people become smaller by factors below 10, logs by 100; our choice.
  static let largestFactor = 500
  /// Less is no harm; our choice.
  static let harmless = 256 << 20

  init(_ source: any ByteSource) { self.source = source }

  var path: String { source.path }
  var storedByteCount: Int { source.storedByteCount }

  func read(_ maximum: Int) throws -> [UInt8] {
    let bytes = try source.read(maximum)
    count += bytes.count
    guard count <= max(Self.harmless, storedByteCount * Self.largestFactor) else {
      throw DatasetError(
        .oversized, path: path,
        expected: "text of at most \(Self.largestFactor) times the \(storedByteCount) stored bytes",
        found: "more", remedy: "decompress the file by hand and look at it, or leave it out")
    }
    return bytes
  }
}
