/// The settings of a configuration as `key=value` lines.
public enum ConfigurationListing {
  /// Every leaf with its dotted key and the text that `--set` would take, sorted by key.
  public static func rows(_ configuration: some Encodable) throws -> [(key: String, value: String)]
  {
    let encoded = try JSONValue(encoding: configuration)
    return encoded.paths.map { path in
      (path, text(encoded[path.split(separator: ".").map(String.init)[...]] ?? .null))
    }
  }

  private static func text(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .real(let value): "\(value)"
    case .string(let value): value
    case .array(let values): values.map(text).joined(separator: ",")
    case .object: "{…}"
    }
  }
}
