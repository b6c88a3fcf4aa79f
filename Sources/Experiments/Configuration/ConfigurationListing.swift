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

  private static func text(_ value: JSON) -> String {
    switch value {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): value
    case .array(let values): values.map(text).joined(separator: ",")
    case .object: "{…}"
    }
  }
}
