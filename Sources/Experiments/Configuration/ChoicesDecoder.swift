import Texts

/// Decodes an encoded configuration once more to learn which words a setting takes.
///
/// `JSONDecoder` says that a word is wrong, not which ones are right. This decoder is told the path of
/// the setting; when it comes by, it notes every case of the type that is decoded there.
struct ChoicesDecoder: Decoder {
  /// What was noted; one decoding shares it.
  final class Note {
    /// Every case of the type that is decoded at the target.
    var words: [String] = []
    /// Keys that were asked for and are absent, so that nothing stands for them: parts that are switched off.
    var absent: [String] = []
    /// Whether what follows is noted.
    var explains = false
    /// The property behind each key that was asked for, such as `Averaging.decay`.
    var properties: [String: String] = [:]
    /// The words that a choice takes, by its key.
    var choices: [String: String] = [:]
  }

  let value: JSON
  let target: [String]
  let note: Note
  var codingPath: [any CodingKey] = []
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  /// The words that the setting at a path takes; empty when it is no choice.
  static func words<Value: Decodable>(
    at path: [String], of type: Value.Type, in value: JSON
  ) -> [String] {
    let note = Note()
    _ = try? Value(from: ChoicesDecoder(value: value, target: path, note: note))
    return note.words
  }

  /// The dotted keys that the encoded form of a value leaves out, sorted.
  static func absentKeys<Value: Decodable>(of type: Value.Type, in value: JSON) -> [String] {
    let note = Note()
    _ = try? Value(from: ChoicesDecoder(value: value, target: [], note: note))
    return Set(note.absent).sorted()
  }

  /// What each key of a value means, as far as a doc comment says it: of choices with the words that they take.
  static func meanings<Value: Decodable>(of type: Value.Type, in value: JSON) -> [String: String] {
    let note = Note()
    note.explains = true
    _ = try? Value(from: ChoicesDecoder(value: value, target: [], note: note))
    var meanings: [String: String] = [:]
    for (key, property) in note.properties {
      let words = note.choices[key] ?? ""
      // The word of a kind is no property of the type that has it.
      let text = SettingMeanings.text(property) ?? (words.isEmpty ? nil : "Which kind.")
      meanings[key] = text.map { words.isEmpty ? $0 : "\($0) One of \(words)." }
    }
    return meanings
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .object(let members) = value else { throw mismatch(type) }
    return KeyedDecodingContainer(Members<Key>(decoder: self, members: members))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw mismatch([Any].self) }
  func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

  private func mismatch(_ type: Any.Type) -> DecodingError {
    .typeMismatch(type, .init(codingPath: codingPath, debugDescription: "another type"))
  }

  private func plain<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try value.decoded(as: type)
  }

  private func below(_ key: any CodingKey, _ value: JSON) -> ChoicesDecoder {
    ChoicesDecoder(value: value, target: target, note: note, codingPath: codingPath + [key])
  }

  private func decoded<Value: Decodable>(_ type: Value.Type) throws -> Value {
    if codingPath.map(\.stringValue) == target, let choice = type as? any CaseIterable.Type {
      note.words = Self.words(choice)
    }
    // Only groups are looked into, and what stands in the target's place, where a group may be written as
    // one word: other leaves and lists decode as they do from JSON.
    guard note.words.isEmpty, Self.isGroup(value) || codingPath.map(\.stringValue) == target else {
      return try plain(type)
    }
    return try Value(from: self)
  }

  private static func isGroup(_ value: JSON) -> Bool {
    if case .object = value { true } else { false }
  }

  private static func words<Choice: CaseIterable>(_ type: Choice.Type) -> [String] {
    type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
  }

  /// The members of a group.
  private struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: ChoicesDecoder
    let members: [String: JSON]
    var codingPath: [any CodingKey] { decoder.codingPath }
    var allKeys: [Key] { members.keys.compactMap { Key(stringValue: $0) } }

    func contains(_ key: Key) -> Bool {
      let isThere = members[key.stringValue] != nil
      let path = noted(key)
      if !isThere { decoder.note.absent.append(path) }
      return isThere
    }

    /// The dotted path of a key, whose property is noted.
    @discardableResult
    private func noted(_ key: Key) -> String {
      let path = (codingPath.map(\.stringValue) + [key.stringValue]).joined(separator: ".")
      guard decoder.note.explains else { return path }
      let owner = SettingMeanings.owner(of: Key.self)
      if !owner.isEmpty || decoder.note.properties[path] == nil {
        decoder.note.properties[path] = "\(owner).\(key.stringValue)"
      }
      return path
    }

    func decodeNil(forKey key: Key) throws -> Bool { (members[key.stringValue] ?? .null) == .null }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
      if decoder.note.explains, let choice = type as? any CaseIterable.Type {
        let words = ChoicesDecoder.words(choice)
        if !words.isEmpty { decoder.note.choices[noted(key)] = words.joined(separator: ", ") }
      }
      return try decoder.below(key, member(key)).decoded(type)
    }

    func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
      try decoder.below(key, member(key)).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
      try decoder.below(key, member(key)).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { decoder }
    func superDecoder(forKey key: Key) throws -> any Decoder { decoder.below(key, try member(key)) }

    private func member(_ key: Key) throws -> JSON {
      noted(key)
      guard let member = members[key.stringValue] else {
        throw DecodingError.keyNotFound(
          key, .init(codingPath: codingPath, debugDescription: "missing"))
      }
      return member
    }
  }
}

extension ChoicesDecoder: SingleValueDecodingContainer {
  func decodeNil() -> Bool { value == .null }
  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    if codingPath.map(\.stringValue) == target, let choice = type as? any CaseIterable.Type {
      note.words = Self.words(choice)
    }
    return try plain(type)
  }
}
