import Texts
import Torch

/// An enumeration of kinds, each with its settings as payload, which is written flat: the kind's word beside the keys
/// of its settings.
///
/// A new kind is a case, its word in `Kind`, its settings, and one line in each of the two requirements.
package protocol KindChoice: Hashable, Sendable {
  associatedtype Kind: RawRepresentable<String>, CaseIterable, Codable, Hashable, Sendable

  /// A kind with settings from a source.
  init(_ kind: Kind, _ source: SettingsSource) throws

  /// The kind and its settings.
  var content: (kind: Kind, settings: any KindSettings) { get }
}

extension KindChoice {
  /// A kind with its defaults.
  package init(_ kind: Kind) {
    guard let made = try? Self(kind, .defaults) else {
      preconditionFailure("\(kind.rawValue) has no defaults")
    }
    self = made
  }

  /// The kind. Another kind takes over the settings whose keys it has, too; its others have their defaults.
  package var kind: Kind {
    get { content.kind }
    set {
      guard newValue != kind else { return }
      let flat = FlatText<Self>(kind: newValue, settings: content.settings)
      let read = try? JSONText.decode(FlatText<Self>.self, from: JSONText.encode(flat))
      self = (try? read.map { try Self(newValue, .settings($0.settings)) }) ?? Self(newValue)
    }
  }

  /// Reads the kind's word under `key`, and its settings from the keys beside it.
  ///
  /// - Parameter otherwise: the kind where no word is there; `nil` for an error.
  package init(from decoder: any Decoder, key: String = "kind", otherwise: Kind? = nil) throws {
    let values = try decoder.container(keyedBy: WordKey.self)
    let kind = try values.decodeIfPresent(Kind.self, forKey: WordKey(stringValue: key))
    try self.init(
      kind ?? otherwise ?? values.decode(Kind.self, forKey: WordKey(stringValue: key)),
      .decoder(decoder))
  }

  /// Writes the kind's word under `key`, and its settings beside it.
  package func encode(to encoder: any Encoder, key: String = "kind") throws {
    let (kind, settings) = content
    try FlatText<Self>(kind: kind, settings: settings).encode(to: encoder, key: key)
  }

  /// The settings, where the kind has some of this type; `nil` elsewhere.
  ///
  /// - Precondition: they are set of a kind that has some.
  package subscript<Settings: KindSettings>(_ type: Settings.Type) -> Settings? {
    get { content.settings as? Settings }
    set {
      guard let newValue, self[type] != nil, let changed = try? Self(kind, .settings(newValue))
      else { preconditionFailure("\(kind.rawValue) has no \(type)") }
      self = changed
    }
  }

  /// The setting at the first path that fits the kind; `nil` if none does.
  package func value<each Settings: KindSettings, Value>(
    _ paths: repeat KeyPath<each Settings, Value>
  ) -> Value? {
    let settings = content.settings
    for path in repeat each paths {
      if let value = Self.value(of: settings, path) { return value }
    }
    return nil
  }

  /// Changes the setting at the first path that fits the kind.
  ///
  /// - Precondition: one of them fits.
  package mutating func set<each Settings: KindSettings, Value>(
    _ name: String, to value: Value, _ paths: repeat WritableKeyPath<each Settings, Value>
  ) {
    let (kind, settings) = content
    for path in repeat each paths {
      if let changed = Self.changed(settings, path, value),
        let result = try? Self(kind, .settings(changed))
      {
        self = result
        return
      }
    }
    preconditionFailure("\(name): \(kind.rawValue) does not use it")
  }

  private static func value<Settings, Value>(
    of settings: any KindSettings, _ path: KeyPath<Settings, Value>
  ) -> Value? { (settings as? Settings)?[keyPath: path] }

  private static func changed<Settings: KindSettings, Value>(
    _ settings: any KindSettings, _ path: WritableKeyPath<Settings, Value>, _ value: Value
  ) -> (any KindSettings)? {
    guard var result = settings as? Settings else { return nil }
    result[keyPath: path] = value
    return result
  }
}

/// A word and settings beside it.
private struct FlatText<Choice: KindChoice>: Codable {
  var kind: Choice.Kind
  var settings: any KindSettings

  init(kind: Choice.Kind, settings: any KindSettings) {
    self.kind = kind
    self.settings = settings
  }

  init(from decoder: any Decoder) throws {
    (kind, settings) = try Choice(from: decoder).content
  }

  func encode(to encoder: any Encoder) throws { try encode(to: encoder, key: "kind") }

  func encode(to encoder: any Encoder, key: String) throws {
    var values = encoder.container(keyedBy: WordKey.self)
    try values.encode(kind, forKey: WordKey(stringValue: key))
    try settings.encode(to: encoder)
  }
}

private struct WordKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
