import Texts

/// What a `tokenizer.json` of Hugging Face says, as far as GPT-2 and Llama need it; anything else is refused by name.
struct BytePairFile {
  /// A token that is found in a text as it stands.
  struct AddedToken {
    var id: UInt32 = 0
    var content: [UInt8] = []
    var isNormalized = false
    var isSpecial = false
  }

  /// What is done to a text before it is split.
  enum Normalizer: Hashable {
    case prepend([UInt8])
    case replace([UInt8], with: [UInt8])
  }

  /// How a text is split into words.
  enum Splitting: Hashable {
    case whole
    case byteLevel(prefixesSpace: Bool, usesPattern: Bool)
    case metaspace(prefix: Prefix, splits: Bool)
  }

  /// Where a text's first word gets the mark of a space.
  enum Prefix: String { case always, never, first }

  var added: [AddedToken] = []
  var normalizers: [Normalizer] = []
  var splitting = Splitting.whole
  var unknown: [UInt8]?
  var fusesUnknown = false
  var fallsBackToBytes = false
  var takesWholeWords = false
  var vocabulary: [[UInt8]: UInt32] = [:]
  var merges: [(left: [UInt8], right: [UInt8])] = []

  /// No vocabulary is larger; our choice.
  static let mostTokens = 1 << 22

  /// The mark of a space in Llama's tokens, U+2581.
  static let spaceMark = Array("\u{2581}".utf8)

  /// Reads a file.
  ///
  /// - Throws: `DatasetError` (`malformed`) that names what is damaged or not read here.
  init(_ bytes: [UInt8], path: String) throws {
    var json = JSONReader(bytes, of: "the file") { expected, found in
      DatasetError(
        .malformed, path: path, expected: expected, found: found, remedy: Tokenizers.remedy)
    }
    var hasModel = false
    try json.object("a tokenizer's object") { json, key in
      switch key {
      case "added_tokens": try json.array(key) { added.append(try Self.addedToken(&$0)) }
      case "normalizer": try readNormalizer(&json)
      case "pre_tokenizer": try readSplitting(&json)
      case "model":
        hasModel = true
        try readModel(&json)
      case "truncation":
        guard json.null() else { throw json.problem("no truncation") }
      // Tokens that stand for a beginning or end are not made here, and texts of tokens follow from the model.
      default: try json.skipValue()
      }
    }
    try json.end()
    guard hasModel else { throw json.problem("a model") }
  }

  private static func addedToken(_ json: inout JSONReader) throws -> AddedToken {
    var token = AddedToken()
    try json.object("an added token") { json, key in
      switch key {
      case "id": token.id = try Self.id(&json)
      case "content": token.content = Array(try json.string().utf8)
      case "normalized": token.isNormalized = try json.bool(key)
      case "special": token.isSpecial = try json.bool(key)
      case "single_word", "lstrip", "rstrip":
        guard try !json.bool(key) else { throw json.problem("added tokens without \(key)") }
      default: try json.skipValue()
      }
    }
    guard !token.content.isEmpty else { throw json.problem("added tokens that are not empty") }
    return token
  }

  private static func id(_ json: inout JSONReader) throws -> UInt32 {
    let id = try json.integer("a token's id")
    guard id < mostTokens else { throw json.problem("ids below \(mostTokens)") }
    return UInt32(id)
  }

  private mutating func readNormalizer(_ json: inout JSONReader) throws {
    guard !json.null() else { return }
    var (type, pattern, content) = ("", [UInt8](), [UInt8]())
    try json.object("a normalizer") { json, key in
      switch key {
      case "type": type = try json.string()
      case "prepend", "content": content = Array(try json.string().utf8)
      case "normalizers": try json.array(key) { try readNormalizer(&$0) }
      case "pattern":
        try json.object("a pattern") { json, kind in
          guard kind == "String" else { throw json.problem("a pattern that is a String") }
          pattern = Array(try json.string().utf8)
        }
      default: try json.skipValue()
      }
    }
    switch type {
    case "Sequence": break
    case "Prepend": normalizers.append(.prepend(content))
    case "Replace" where !pattern.isEmpty: normalizers.append(.replace(pattern, with: content))
    default:
      throw Self.refusal(json, type, "normalizer Prepend, Replace or a Sequence of them")
    }
  }

  private mutating func readSplitting(_ json: inout JSONReader) throws {
    guard !json.null() else { return }
    var (type, prefixesSpace, usesPattern, splits) = ("", true, true, true)
    var prefix: Prefix?
    try json.object("a pre-tokenizer") { json, key in
      switch key {
      case "type": type = try json.string()
      case "add_prefix_space": prefixesSpace = try json.bool(key)
      case "use_regex": usesPattern = try json.bool(key)
      case "split": splits = try json.bool(key)
      case "replacement":
        guard Array(try json.string().utf8) == Self.spaceMark else {
          throw json.problem("the replacement U+2581")
        }
      case "prepend_scheme":
        prefix = Prefix(rawValue: try json.string())
        guard prefix != nil else { throw json.problem("always, never or first as \(key)") }
      default: try json.skipValue()
      }
    }
    switch type {
    case "ByteLevel":
      splitting = .byteLevel(prefixesSpace: prefixesSpace, usesPattern: usesPattern)
    case "Metaspace":
      splitting = .metaspace(prefix: prefix ?? (prefixesSpace ? .always : .never), splits: splits)
    default: throw Self.refusal(json, type, "pre-tokenizer ByteLevel or Metaspace")
    }
  }

  private mutating func readModel(_ json: inout JSONReader) throws {
    var type = "BPE"
    try json.object("a model") { json, key in
      switch key {
      case "type": type = try json.string()
      case "unk_token": if !json.null() { unknown = Array(try json.string().utf8) }
      case "fuse_unk": fusesUnknown = try json.bool(key)
      case "byte_fallback": fallsBackToBytes = try json.bool(key)
      case "ignore_merges": takesWholeWords = try json.bool(key)
      case "dropout": guard json.null() else { throw json.problem("no dropout") }
      case "continuing_subword_prefix", "end_of_word_suffix":
        if !json.null(), try !json.string().isEmpty { throw json.problem("no \(key)") }
      case "vocab" where !json.isNext("["):
        try json.object("a vocabulary") { json, token in
          let id = try Self.id(&json)
          if vocabulary.updateValue(id, forKey: Array(token.utf8)) != nil {
            throw json.problem("every token once")
          }
        }
      case "merges": try json.array(key) { merges.append(try Self.merge(&$0)) }
      default: try json.skipValue()
      }
      guard type == "BPE" else { throw Self.refusal(json, type, "model BPE") }
    }
    guard !vocabulary.isEmpty else { throw json.problem("a vocabulary that is not empty") }
  }

  /// `"a b"`, or `["a", "b"]` as newer files have it.
  private static func merge(
    _ json: inout JSONReader
  ) throws -> (left: [UInt8], right: [UInt8]) {
    var parts: [[UInt8]] = []
    if json.isNext("[") {
      try json.array("a merge") { parts.append(Array(try $0.string().utf8)) }
    } else {
      parts = Array(try json.string().utf8).split(
        separator: 0x20, omittingEmptySubsequences: false
      ).map(Array.init)
    }
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
      throw json.problem("merges of two tokens")
    }
    return (parts[0], parts[1])
  }

  private static func refusal(
    _ json: JSONReader, _ type: String, _ expected: String
  ) -> any Error {
    json.refused("the \(expected)", "\"\(Excerpt.of(type))\"")
  }
}
