import Foundation

/// A JSON document as a value: the encoded form to which overrides are applied.
enum JSONValue: Codable, Equatable, Sendable {
  case null
  case boolean(Bool)
  case integer(Int)
  case real(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .boolean(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .real(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .boolean(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .real(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }

  /// The encoded form of a value.
  init(encoding value: some Encodable) throws {
    self = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value))
  }

  /// The value that this is the encoded form of.
  func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: JSONEncoder().encode(self))
  }

  /// Every leaf's dotted path, sorted.
  var paths: [String] {
    guard case .object(let members) = self else { return [] }
    return members.flatMap { key, value in
      let below = value.paths
      return below.isEmpty ? [key] : below.map { "\(key).\($0)" }
    }.sorted()
  }

  subscript(path: ArraySlice<String>) -> JSONValue? {
    guard let key = path.first else { return self }
    guard case .object(let members) = self, let member = members[key] else { return nil }
    return member[path.dropFirst()]
  }

  /// This with the member at `path` replaced or added; `nil` when a parent is missing.
  func setting(_ path: ArraySlice<String>, to value: JSONValue) -> JSONValue? {
    guard let key = path.first else { return value }
    guard case .object(var members) = self else { return nil }
    if path.count == 1 {
      members[key] = value
    } else {
      guard let member = members[key]?.setting(path.dropFirst(), to: value) else { return nil }
      members[key] = member
    }
    return .object(members)
  }
}
