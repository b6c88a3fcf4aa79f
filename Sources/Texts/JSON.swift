import Foundation

/// A JSON value: written as a literal, or the encoded form of another value.
package enum JSON: Codable, Equatable, Sendable {
  case null
  case bool(Bool)
  /// A whole number that was read.
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])

  /// The value as text that is safe inside a page's `<script>` element: keys in alphabetical order,
  /// `<`, `>` and `&` as escapes, numbers that are not finite as `null`.
  package var text: String {
    let text = (try? JSONText.encode(self)) ?? "null"
    // These stand in strings alone.
    return ["<", ">", "&", "\u{7F}", "\u{2028}", "\u{2029}"].reduce(text) { text, scalar in
      text.replacingOccurrences(
        of: String(scalar), with: String(format: "\\u%04x", (scalar as Unicode.Scalar).value))
    }
  }

  /// An object's value for a key; setting it makes an object of anything else.
  package subscript(key: String) -> JSON? {
    get {
      guard case .object(let members) = self else { return nil }
      return members[key]
    }
    set {
      var members: [String: JSON] = [:]
      if case .object(let old) = self { members = old }
      members[key] = newValue
      self = .object(members)
    }
  }

  /// An array's elements; none of anything else.
  package var elements: [JSON] {
    guard case .array(let elements) = self else { return [] }
    return elements
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
  ExpressibleByNilLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(integerLiteral value: Int) { self = .number(Double(value)) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(nilLiteral: ()) { self = .null }
  package init(arrayLiteral elements: JSON...) { self = .array(elements) }
  package init(dictionaryLiteral members: (String, JSON)...) {
    self = .object(Dictionary(members, uniquingKeysWith: { _, last in last }))
  }
}

extension JSON {
  /// A number to six significant digits: more than an image can show, and half the page's size.
  package static func rounded(_ value: Double) -> JSON {
    guard value.isFinite, value != 0 else { return value == 0 ? 0 : .null }
    let text = String(format: "%.6g", value)
    return .number(Double(text) ?? value)
  }
}

extension JSON {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSON].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSON].self))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value) where !value.isFinite: try container.encodeNil()
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }

  /// The encoded form of a value.
  package init(encoding value: some Encodable) throws {
    self = try JSONDecoder().decode(JSON.self, from: JSONEncoder().encode(value))
  }

  /// The value that this is the encoded form of.
  package func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: JSONEncoder().encode(self))
  }

  /// Every leaf's dotted path, sorted.
  package var paths: [String] {
    guard case .object(let members) = self else { return [] }
    return members.flatMap { key, value in
      let below = value.paths
      return below.isEmpty ? [key] : below.map { "\(key).\($0)" }
    }.sorted()
  }

  package subscript(path: ArraySlice<String>) -> JSON? {
    guard let key = path.first else { return self }
    guard case .object(let members) = self, let member = members[key] else { return nil }
    return member[path.dropFirst()]
  }

  /// This with the member at `path` replaced or added; `nil` when a parent is missing.
  package func setting(_ path: ArraySlice<String>, to value: JSON) -> JSON? {
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
