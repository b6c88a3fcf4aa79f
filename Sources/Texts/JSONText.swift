package import Foundation

/// How values are written as JSON text, and read back.
///
/// Keys are sorted, so that equal values give equal text; dates are ISO 8601 in whole seconds;
/// NaN and the infinities are the strings `nan`, `inf` and `-inf`.
package enum JSONText {
  package static func encode(_ value: some Encodable, pretty: Bool = false) throws -> String {
    String(decoding: try data(value, pretty: pretty), as: UTF8.self)
  }

  package static func data(_ value: some Encodable, pretty: Bool = false) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
    encoder.dateEncodingStrategy = .iso8601
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try encoder.encode(value)
  }

  package static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value
  {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try decoder.decode(type, from: data)
  }

  package static func decode<Value: Decodable>(_ type: Value.Type, from text: String) throws
    -> Value
  { try decode(type, from: Data(text.utf8)) }
}
