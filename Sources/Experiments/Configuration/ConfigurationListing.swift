import Texts

/// The settings of a configuration as `key=value` lines.
public enum ConfigurationListing {
  /// Every leaf with its dotted key and the text that `--set` would take, sorted by key; `null` for what is absent.
  public static func rows<Configuration: Codable>(
    _ configuration: Configuration
  ) throws -> [(key: String, value: String)] {
    let encoded = try JSON(encoding: configuration)
    let present = encoded.paths.map { path in
      (path, text(encoded[path.split(separator: ".").map(String.init)[...]] ?? .null))
    }
    let absent = ChoicesDecoder.absentKeys(of: Configuration.self, in: encoded).map { ($0, "null") }
    return (present + absent).sorted { $0.0 < $1.0 }
  }

  /// A setting for people.
  package struct Setting: Sendable, Hashable {
    /// Its dotted key.
    package var key: String
    /// The text that `--set` would take.
    package var value: String
    /// What the value is counted in; empty for words and pure numbers.
    package var unit: String
    /// What it means, from its doc comment; `nil` where there is none.
    package var meaning: String?
  }

  /// ``rows(_:)`` with units and meanings.
  package static func settings<Configuration: Codable>(
    _ configuration: Configuration
  ) throws -> [Setting] {
    let meanings = ChoicesDecoder.meanings(
      of: Configuration.self, in: try JSON(encoding: configuration))
    return try rows(configuration).map { key, value in
      let meaning = meanings[key]
      return Setting(
        key: key, value: value, unit: SettingMeanings.unit(of: meaning ?? "", value: value),
        meaning: meaning)
    }
  }

  /// Stands for a group without members.
  static let group = "{…}"

  private static func text(_ value: JSON) -> String {
    switch value {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): value
    case .array(let values): values.map(text).joined(separator: ",")
    case .object: group
    }
  }
}
