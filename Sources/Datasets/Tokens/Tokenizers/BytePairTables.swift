import Texts

/// What a file of byte pairs comes to, by id.
struct BytePairTables: Sendable {
  /// The bytes of each token.
  private(set) var pieces: [[UInt8]] = []
  /// The token that ends a document.
  private(set) var end: Int?
  /// Tokens that are looked for in a text as it is, and as it is normalized.
  private(set) var raw = AddedTokens()
  private(set) var normalized = AddedTokens()
  /// Whether the space that the text of tokens begins with is none of the text.
  let dropsSpace: Bool

  private let normalizers: [BytePairFile.Normalizer]
  private let splitting: BytePairFile.Splitting
  private let isByteLevel: Bool
  private let fusesUnknown: Bool
  private let takesWholeWords: Bool
  /// Tokens by the bytes that they stand for in a word, before a byte's token of its own is taken.
  private var ids: [[UInt8]: UInt32] = [:]
  private var bytes = [UInt32?](repeating: nil, count: 256)
  /// Those of one byte again, by the byte; of ``ids``, not of ``bytes``.
  private var letters = [UInt32?](repeating: nil, count: 128)
  private var unknown: UInt32?
  private var merges = BytePairMerges()

  /// The names of tokens that end a document, in the order in which they are looked for.
  private static let ends = ["<|endoftext|>", "</s>", "<|end_of_text|>", "<eos>"]

  init(_ file: BytePairFile, path: String) throws {
    (normalizers, splitting) = (file.normalizers, file.splitting)
    (fusesUnknown, takesWholeWords) = (file.fusesUnknown, file.takesWholeWords)
    isByteLevel = if case .byteLevel = file.splitting { true } else { false }
    dropsSpace =
      switch file.splitting {
      // What a space in front of the first word adds comes back as one.
      case .byteLevel: false
      case .metaspace(let prefix, _): prefix != .never
      case .whole: file.normalizers.contains(.prepend(BytePairFile.spaceMark))
      }
    func refusal(_ expected: String, _ found: [UInt8]) -> DatasetError {
      DatasetError(
        .malformed, path: path, expected: expected,
        found: "\"\(Excerpt.of(String(decoding: found, as: UTF8.self)))\"",
        remedy: Tokenizers.remedy)
    }
    let all = file.vocabulary.values.map(Int.init) + file.added.map { Int($0.id) }
    pieces = Array(repeating: [], count: (all.max() ?? -1) + 1)
    let alphabet = Self.alphabet
    for (token, id) in file.vocabulary {
      let isByte = file.fallsBackToBytes ? Self.byte(token) : nil
      if isByteLevel {
        // A token with other characters than those that stand for bytes is never made of a text.
        let plain = String(decoding: token, as: UTF8.self).unicodeScalars.map { alphabet[$0] }
        let own = plain.compactMap { $0 }
        pieces[Int(id)] = own.count == plain.count ? own : token
        if own.count == plain.count { ids[own] = id }
        if own.count == 1, plain.count == 1 { bytes[Int(own[0])] = id }
      } else {
        if let byte = isByte { bytes[Int(byte)] = id }
        pieces[Int(id)] =
          isByte.map { [$0] } ?? Self.replacing(token, BytePairFile.spaceMark, [0x20])
        ids[token] = id
        if token.count == 1, token[0] < 0x80 { letters[Int(token[0])] = id }
      }
    }
    if let name = file.unknown {
      unknown = file.vocabulary[name]
      guard unknown != nil else { throw refusal("the unknown token in the vocabulary", name) }
    }
    if file.fallsBackToBytes, bytes.contains(nil) { bytes = bytes.map { _ in nil } }
    for (left, right) in file.merges {
      guard let first = file.vocabulary[left], let second = file.vocabulary[right],
        let merged = file.vocabulary[left + right]
      else {
        throw refusal("merges of tokens of the vocabulary into another", left + [0x20] + right)
      }
      guard merges.append(first, second, into: merged) else {
        throw refusal("every merge once", left + [0x20] + right)
      }
    }
    for token in file.added {
      pieces[Int(token.id)] = token.content
      if token.isNormalized {
        normalized.insert(normalizing(token.content), token.id)
      } else {
        raw.insert(token.content, token.id)
      }
    }
    end =
      Self.ends.lazy.compactMap { name in
        file.added.first { $0.content == Array(name.utf8) }.map { Int($0.id) }
          ?? file.vocabulary[Array(name.utf8)].map(Int.init)
      }.first
  }

  /// The byte that each character of GPT-2's alphabet stands for: printable ones for themselves, the others from U+0100
  /// on.
  private static var alphabet: [Unicode.Scalar: UInt8] {
    var letters: [Unicode.Scalar: UInt8] = [:]
    var next: UInt32 = 0x100
    for byte in UInt8.min...UInt8.max {
      if (33...126).contains(byte) || (161...172).contains(byte) || byte >= 174 {
        letters[Unicode.Scalar(byte)] = byte
      } else if let scalar = Unicode.Scalar(next) {
        letters[scalar] = byte
        next += 1
      }
    }
    return letters
  }

  /// The byte of a token such as `<0x0A>`.
  private static func byte(_ token: [UInt8]) -> UInt8? {
    guard token.count == 6, token.starts(with: Array("<0x".utf8)), token[5] == UInt8(ascii: ">")
    else { return nil }
    return UInt8(String(decoding: token[3..<5], as: UTF8.self), radix: 16)
  }

  static func replacing(_ text: [UInt8], _ pattern: [UInt8], _ content: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count * 2)
    var place = 0
    while place < text.count {
      if text[place] == pattern[0], text[place...].starts(with: pattern) {
        result += content
        place += pattern.count
      } else {
        result.append(text[place])
        place += 1
      }
    }
    return result
  }

  /// A text as its normalizers leave it.
  func normalizing(_ text: [UInt8]) -> [UInt8] {
    normalizers.reduce(text) { text, step in
      switch step {
      case .prepend(let mark): text.isEmpty ? text : mark + text
      case .replace(let pattern, let content): Self.replacing(text, pattern, content)
      }
    }
  }

  /// Calls `body` with each word of a part of a text.
  func forEachWord(
    _ text: [UInt8], isFirst: Bool, _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    switch splitting {
    case .whole: text.withUnsafeBufferPointer(body)
    case .byteLevel(let prefixesSpace, let usesPattern):
      let text = prefixesSpace && text.first != 0x20 ? [0x20] + text : text
      text.withUnsafeBufferPointer { usesPattern ? ByteLevelWords.forEach($0, body) : body($0) }
    case .metaspace(let prefix, let splits):
      let mark = BytePairFile.spaceMark
      var text = Self.replacing(text, [0x20], mark)
      if prefix == .always || prefix == .first && isFirst, !text.starts(with: mark) {
        text = mark + text
      }
      text.withUnsafeBufferPointer { text in
        guard splits else { return body(text) }
        var start = 0
        for place in text.indices.dropFirst()
        where text[place] == mark[0] && text[place...].starts(with: mark) {
          body(UnsafeBufferPointer(rebasing: text[start..<place]))
          start = place
        }
        if start < text.count { body(UnsafeBufferPointer(rebasing: text[start...])) }
      }
    }
  }

  /// The tokens of a word.
  func tokens(of word: UnsafeBufferPointer<UInt8>) -> [UInt32] {
    if takesWholeWords, let whole = ids[Array(word)] { return [whole] }
    var symbols: [UInt32] = []
    if isByteLevel {
      symbols = word.compactMap { bytes[Int($0)] ?? unknown }
    } else {
      var (start, isUnknown) = (0, false)
      while start < word.count {
        if word[start] < 0x80, let id = letters[Int(word[start])] {
          symbols.append(id)
          (start, isUnknown) = (start + 1, false)
          continue
        }
        let end = word[(start + 1)...].firstIndex { $0 & 0xc0 != 0x80 } ?? word.count
        let own =
          ids[Array(word[start..<end])].map { [$0] }
          ?? word[start..<end].compactMap { bytes[Int($0)] }
        if own.isEmpty, let unknown {
          if !isUnknown || !fusesUnknown { symbols.append(unknown) }
        }
        symbols += own
        (start, isUnknown) = (end, own.isEmpty)
      }
    }
    merges.apply(to: &symbols)
    return symbols
  }
}

/// Tokens that are found in a text: of those that begin first, the longest.
struct AddedTokens: Sendable {
  /// A part of a text.
  enum Part {
    case token(UInt32)
    case text([UInt8])
  }

  /// By first byte, the longest first.
  private var tokens = [[(content: [UInt8], id: UInt32)]](repeating: [], count: 256)
  private var isEmpty = true

  mutating func insert(_ content: [UInt8], _ id: UInt32) {
    guard let first = content.first else { return }
    isEmpty = false
    tokens[Int(first)].append((content, id))
    tokens[Int(first)].sort { $0.content.count > $1.content.count }
  }

  /// Calls `body` with each part, and whether the text begins with it; nothing for an empty text.
  func split(_ text: [UInt8], _ body: (Part, _ isFirst: Bool) -> Void) {
    var start = 0
    if !isEmpty {
      var place = 0
      while place < text.count {
        let candidates = tokens[Int(text[place])]
        guard !candidates.isEmpty,
          let found = candidates.first(where: { text[place...].starts(with: $0.content) })
        else {
          place += 1
          continue
        }
        if place > start { body(.text(Array(text[start..<place])), start == 0) }
        body(.token(found.id), place == 0)
        place += found.content.count
        start = place
      }
    }
    if start < text.count { body(.text(start == 0 ? text : Array(text[start...])), start == 0) }
  }
}
