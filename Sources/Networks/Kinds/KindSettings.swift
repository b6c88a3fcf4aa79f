import Texts
import Torch

/// The settings of one kind of a configuration, each with a default, which also stands where decoding finds nothing.
public protocol KindSettings: Codable, Hashable, Sendable {
  /// The defaults.
  init()
}

extension KindSettings {
  /// The defaults but for what `change` sets.
  public init(_ change: (inout Self) -> Void) {
    self.init()
    change(&self)
  }
}

extension KeyedDecodingContainer {
  /// Settings; those that are not there have their defaults.
  package func decode<Settings: KindSettings>(
    _ type: Settings.Type, forKey key: Key
  ) throws -> Settings {
    try decode(Filled<Settings>.self, forKey: key).settings
  }
}

/// Settings that are read while their decoder stands at them.
private struct Filled<Settings: KindSettings>: Decodable {
  let settings: Settings
  init(from decoder: any Decoder) throws {
    settings = try SettingsSource.decoder(decoder).settings()
  }
}

/// The settings of a kind that has none.
package struct NoKindSettings: KindSettings {
  package init() {}
}

/// Where the settings of a kind come from.
package enum SettingsSource {
  case defaults
  /// Those given, if they are of the kind's type.
  case settings(any KindSettings)
  case decoder(any Decoder)

  package func settings<Settings: KindSettings>() throws -> Settings {
    switch self {
    case .defaults: return Settings()
    case .settings(let given): return given as? Settings ?? Settings()
    case .decoder(let decoder):
      let defaults = try JSONText.decode(OpenText.self, from: JSONText.encode(Settings()))
      return try Settings(from: FillingDecoder(decoder: decoder, defaults: defaults.decoder))
    }
  }
}

/// A text that is yet to be decoded.
private struct OpenText: Decodable {
  let decoder: any Decoder
  init(from decoder: any Decoder) { self.decoder = decoder }
}

/// Decodes a group and takes from another what the group does not have.
private struct FillingDecoder: Decoder {
  let decoder: any Decoder
  let defaults: any Decoder
  var codingPath: [any CodingKey] { decoder.codingPath }
  var userInfo: [CodingUserInfoKey: Any] { decoder.userInfo }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(
      Members(
        members: try decoder.container(keyedBy: type),
        defaults: try defaults.container(keyedBy: type)))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try decoder.unkeyedContainer()
  }
  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    try decoder.singleValueContainer()
  }

  private struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let members: KeyedDecodingContainer<Key>
    let defaults: KeyedDecodingContainer<Key>
    var codingPath: [any CodingKey] { members.codingPath }
    var allKeys: [Key] { members.allKeys }

    private func place(_ key: Key) -> KeyedDecodingContainer<Key> {
      members.contains(key) ? members : defaults
    }
    func contains(_ key: Key) -> Bool { members.contains(key) || defaults.contains(key) }
    func decodeNil(forKey key: Key) throws -> Bool { try place(key).decodeNil(forKey: key) }
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
      try place(key).decode(type, forKey: key)
    }
    func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
      try place(key).nestedContainer(keyedBy: type, forKey: key)
    }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
      try place(key).nestedUnkeyedContainer(forKey: key)
    }
    func superDecoder() throws -> any Decoder { try members.superDecoder() }
    func superDecoder(forKey key: Key) throws -> any Decoder {
      try place(key).superDecoder(forKey: key)
    }
  }
}

extension KeyedDecodingContainer {
  /// Reads a value if it is there; otherwise it stays as it is.
  package func read<Value: Decodable>(_ value: inout Value, _ key: Key) throws {
    value = try decodeIfPresent(Value.self, forKey: key) ?? value
  }
}
