/// The settings of one kind of a configuration, each with a default.
///
/// Its `init(from:)` leaves what it does not find at the default, so that it reads the text of another kind, too.
package protocol KindSettings: Codable, Hashable, Sendable {
  /// The defaults.
  init()
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
    case .defaults: Settings()
    case .settings(let given): given as? Settings ?? Settings()
    case .decoder(let decoder): try Settings(from: decoder)
    }
  }
}

extension KeyedDecodingContainer {
  /// Reads a value if it is there; otherwise it stays as it is.
  package func read<Value: Decodable>(_ value: inout Value, _ key: Key) throws {
    value = try decodeIfPresent(Value.self, forKey: key) ?? value
  }
}
