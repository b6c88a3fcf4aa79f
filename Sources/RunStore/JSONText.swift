import Foundation

/// How the store writes values as JSON text, and reads them back.
///
/// Keys are sorted, so that equal values give equal text; dates are ISO 8601 in whole seconds;
/// NaN and the infinities are the strings `nan`, `inf` and `-inf`.
enum JSONText {
  static func encode(_ value: some Encodable, pretty: Bool = false) throws -> String {
    String(decoding: try data(value, pretty: pretty), as: UTF8.self)
  }

  static func data(_ value: some Encodable, pretty: Bool = false) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
    encoder.dateEncodingStrategy = .iso8601
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: NonFinite.infinity.rawValue,
      negativeInfinity: NonFinite.negativeInfinity.rawValue,
      nan: NonFinite.notANumber.rawValue)
    return try encoder.encode(value)
  }

  static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: NonFinite.infinity.rawValue,
      negativeInfinity: NonFinite.negativeInfinity.rawValue,
      nan: NonFinite.notANumber.rawValue)
    return try decoder.decode(type, from: data)
  }

  static func decode<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
    try decode(type, from: Data(text.utf8))
  }

  /// Throws ``StoreError/invalidJSON(what:reason:)`` unless `text` is one JSON value.
  static func validate(_ text: String, what: String) throws {
    do {
      _ = try JSONSerialization.jsonObject(with: Data(text.utf8), options: [.fragmentsAllowed])
    } catch {
      throw StoreError.invalidJSON(what: what, reason: "found '\(Excerpt.of(text, atMost: 60))'")
    }
  }
}

extension Date {
  /// The moment as the store writes it: ISO 8601, UTC, whole seconds.
  var storeText: String { inWholeSeconds.formatted(.iso8601) }

  init(storeText: String) throws {
    self = try Date(storeText, strategy: .iso8601)
  }
}
