import Datasets
import Foundation
import RunStore
import Texts
import Torch

/// What a name in a language model's `texts` stands for: the bytes of a text, or token shards.
enum LanguageText {
  case bytes(TextDataset)
  case shards(TokenShards)

  /// A text by `DATASET` or `DATASET/PART`; token shards by their folder's path.
  ///
  /// - Throws: `DatasetError` for files that are missing, and a name that there is not.
  init(_ name: String) throws {
    if Self.areShards(name) {
      self = .shards(try TokenShards(folder: DataFolder(path: name).path))
    } else {
      let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
      self = .bytes(
        try DatasetRegistry.named(parts.first ?? name)
          .text(named: parts.count > 1 ? parts[1] : nil, from: DataFolder()))
    }
  }

  /// Whether a name is a folder's: one that begins as paths do, or that has token shards.
  static func areShards(_ name: String) -> Bool {
    ["/", "./", "../", "~"].contains { name.hasPrefix($0) } || TokenFolder.isAt(name)
  }

  /// Who makes its tokens.
  var tokenizer: TokenizerIdentity {
    switch self {
    case .bytes: ByteTokenizer().identity
    case .shards(let shards): shards.description.tokenizer
    }
  }

  /// Where it lies.
  var path: String {
    switch self {
    case .bytes(let text): text.source
    case .shards(let shards): shards.folder
    }
  }

  /// Facts that results depend on.
  private var facts: [String: String] {
    switch self {
    case .bytes(let text):
      return DataFile(path: text.source, bytes: text.bytes).facts
    case .shards(let shards):
      let digests = shards.headers.map(\.sha256).joined(separator: " ")
      return [
        "sha256": SHA256.hexadecimal(of: Array(digests.utf8)), "tokens": "\(shards.tokenCount)",
        "tokenizer": shards.description.tokenizer.words,
      ]
    }
  }

  /// The facts of texts by their names.
  static func manifest(_ names: [String], _ texts: [LanguageText]) -> ProtocolManifest {
    ProtocolManifest(
      groups: Dictionary(zip(names, texts.map(\.facts)), uniquingKeysWith: { first, _ in first }))
  }

  /// Windows of it.
  func windows(length: Int) throws -> any WindowSource {
    switch self {
    case .bytes(let text): try TokenWindows(text, length: length)
    case .shards(let shards): try ShardWindows(shards, length: length)
    }
  }

  /// The tokenizer that all of these texts share, which must have the model's vocabulary.
  ///
  /// - Throws: ``UsageError`` that names the setting or the text.
  static func tokenizer(
    of texts: [LanguageText], vocabulary: Int
  ) throws -> any Tokenizer {
    guard let first = texts.first else { return ByteTokenizer() }
    if let other = texts.first(where: { $0.tokenizer != first.tokenizer }) {
      throw UsageError(
        "texts: expected tokens of one tokenizer, found \(first.tokenizer.words) in \(first.path) and "
          + "\(other.tokenizer.words) in \(other.path); tokenize them with the same --tokenizer")
    }
    guard first.tokenizer.vocabulary == vocabulary else {
      throw UsageError(
        "network.vocabulary: expected \(first.tokenizer.vocabulary), the tokens of \(first.path) "
          + "(\(first.tokenizer.words)), found \(vocabulary); "
          + "--set network.vocabulary=\(first.tokenizer.vocabulary)")
    }
    guard case .shards(let shards) = first else { return ByteTokenizer() }
    return try shards.description.readTokenizer(in: shards.folder)
  }
}

/// The tokenizer of a run in its checkpoints, so that they alone are enough to read and write text.
enum SavedTokenizer {
  private static let name = "tokenizer"

  /// Adds a tokenizer and its file; nothing for bytes, as in checkpoints of earlier versions.
  static func save(_ tokenizer: any Tokenizer, into state: inout State) throws {
    guard tokenizer.identity.kind != .bytes else { return }
    try state.add(name, tokenizer.identity)
    state.add(name, [("file", Tensor(tokenizer.file))])
  }

  /// Who made the tokens of a run.
  static func identity(_ state: State) throws -> TokenizerIdentity {
    guard state.values[name] != nil else { return ByteTokenizer().identity }
    return try state.value(name)
  }

  /// The tokenizer of a checkpoint at `path`.
  ///
  /// - Throws: `DatasetError` for a file in it that is damaged, and `StateError` for one that is missing.
  static func read(_ state: State, path: String) throws -> any Tokenizer {
    let identity = try identity(state)
    guard identity.kind != .bytes else { return ByteTokenizer() }
    let file = try state.tensor("\(name).file")
    guard file.dtype == .uint8 else { throw StateError("its tokenizer is no file of bytes") }
    return try Tokenizers.read(
      file.moved(to: .cpu).array(of: UInt8.self), as: identity.kind, path: path)
  }
}
