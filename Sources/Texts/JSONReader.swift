import Foundation

/// Reads JSON strictly and in one pass, value by value: safetensors headers, vocabularies, lines of text.
///
/// Foundation's reader accepts repeated keys, forgets the order of names and takes names that are canonically
/// equivalent for one, so it cannot tell a damaged header and loses tokens of a vocabulary. Nothing is allocated beyond
/// the strings and numbers that are really there.
package struct JSONReader {
  private let bytes: [UInt8]
  private let place: String
  private let refusal: (_ expected: String, _ found: String) -> any Error
  package private(set) var position = 0

  /// A reader of a text.
  ///
  /// - Parameters:
  ///   - place: what the text is, for messages, such as `the header`.
  ///   - refusal: makes the error of what was expected and what was found.
  package init(
    _ bytes: [UInt8], of place: String,
    refusal: @escaping (_ expected: String, _ found: String) -> any Error
  ) {
    self.bytes = bytes
    self.place = place
    self.refusal = refusal
  }

  /// Reads `{"key": value, …}`; `value` must read what follows each key.
  package mutating func object(
    _ name: String, _ value: (inout JSONReader, String) throws -> Void
  ) throws {
    try list(open: "{", close: "}", name) { json in
      let key = try json.string()
      try json.take(":", "a colon after the key \"\(Excerpt.of(key))\"")
      try value(&json, key)
    }
  }

  /// Reads `[1, 2, …]`, integers that are not negative.
  package mutating func integers(_ name: String, atMost limit: Int) throws -> [Int] {
    var values: [Int] = []
    try array(name) { json in
      guard values.count < limit else {
        throw json.problem("at most \(limit) numbers in \(name)")
      }
      values.append(try json.integer(name))
    }
    return values
  }

  /// Reads a string with all of JSON's escapes.
  package mutating func string() throws -> String {
    try take("\"", "a string")
    let start = position
    var isEscaped = false
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      if bytes[position] < 0x20 { throw problem("no control character in a string") }
      if bytes[position] == UInt8(ascii: "\\") { (isEscaped, position) = (true, position + 1) }
      position += 1
    }
    guard position < bytes.count else {
      position = bytes.count
      throw problem("the end of a string")
    }
    position += 1
    guard let text = String(validating: bytes[start..<(position - 1)], as: UTF8.self) else {
      throw problem("UTF-8 text in the string before byte \(position)")
    }
    guard isEscaped else { return text }
    if let plain = Self.unescaped(bytes[start..<(position - 1)]) {
      return String(decoding: plain, as: UTF8.self)
    }
    guard let text = try? JSONDecoder().decode(String.self, from: Data("\"\(text)\"".utf8)) else {
      throw problem("JSON's escapes in the string before byte \(position)")
    }
    return text
  }

  private static let escapes: [UInt8: UInt8] = [
    0x22: 0x22, 0x5c: 0x5c, 0x2f: 0x2f, 0x62: 8, 0x66: 12, 0x6e: 10, 0x72: 13, 0x74: 9,
  ]

  /// A string without its escapes, sooner than by Foundation, to which pairs of escapes and wrong ones are left: `nil`.
  private static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var rest = text
    while let mark = rest.firstIndex(of: UInt8(ascii: "\\")), mark + 1 < rest.endIndex {
      result += rest[..<mark]
      if let plain = escapes[rest[mark + 1]] {
        result.append(plain)
        rest = rest[(mark + 2)...]
        continue
      }
      let digits = rest[(mark + 2)...].prefix(4)
      let scalar = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        .flatMap(Unicode.Scalar.init)
      guard rest[mark + 1] == UInt8(ascii: "u"), digits.count == 4,
        digits.first != UInt8(ascii: "+"), let scalar
      else { return nil }
      result += UTF8.encode(scalar).map { Array($0) } ?? []
      rest = rest[(mark + 6)...]
    }
    return result + rest
  }

  /// Passes over `null`, where it stands here.
  package mutating func null() -> Bool {
    skipSpace()
    return accept(word: "null")
  }

  /// Passes over a value of any kind, in groups of at most 100 levels.
  package mutating func skipValue(depth: Int = 0) throws {
    skipSpace()
    guard depth < 100 else { throw problem("values of at most 100 levels") }
    guard position < bytes.count else { throw problem("a value") }
    switch Unicode.Scalar(bytes[position]) {
    case "{": try object("a group") { json, _ in try json.skipValue(depth: depth + 1) }
    case "[": try array("a list") { try $0.skipValue(depth: depth + 1) }
    case "\"": _ = try string()
    default:
      if accept(word: "null") || accept(word: "true") || accept(word: "false") { return }
      try skipNumber()
    }
  }

  /// Accepts only white space up to the end.
  package mutating func end() throws {
    skipSpace()
    guard position == bytes.count else { throw problem("nothing after the object of \(place)") }
  }

  /// The problem that `expected` is not what stands here.
  package func problem(_ expected: String) -> any Error {
    let found =
      position < bytes.count
      ? "\(Self.shown(bytes[position])) at byte \(position) of \(place)" : "the end of \(place)"
    return refusal(expected, found)
  }

  /// The problem of a value that was read.
  package func refused(_ expected: String, _ found: String) -> any Error {
    refusal(expected, found)
  }

  /// Reads `["a", …]`; `item` must read each element.
  package mutating func array(
    _ name: String, _ item: (inout JSONReader) throws -> Void
  ) throws { try list(open: "[", close: "]", name, item) }

  private mutating func list(
    open: Unicode.Scalar, close: Unicode.Scalar, _ name: String,
    _ item: (inout JSONReader) throws -> Void
  ) throws {
    try take(open, name)
    skipSpace()
    if accept(close) { return }
    repeat {
      try item(&self)
      skipSpace()
    } while accept(",")
    try take(close, "a comma or the end of \(name)")
  }

  /// Passes over a number as JSON writes it.
  private mutating func skipNumber() throws {
    _ = accept("-")
    let start = position
    let count = try digits()
    guard count == 1 || bytes[start] != UInt8(ascii: "0") else {
      throw problem("a number without leading zeros")
    }
    if accept(".") { _ = try digits() }
    if accept("e") || accept("E") {
      _ = accept("+") || accept("-")
      _ = try digits()
    }
  }

  private mutating func digits() throws -> Int {
    let start = position
    while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position])
    { position += 1 }
    guard position > start else { throw problem("a value") }
    return position - start
  }

  private mutating func accept(word: StaticString) -> Bool {
    let letters = Array("\(word)".utf8)
    guard bytes.count - position >= letters.count,
      bytes[position..<(position + letters.count)].elementsEqual(letters)
    else { return false }
    position += letters.count
    return true
  }

  /// Reads a whole number that is not negative.
  package mutating func integer(_ name: String) throws -> Int {
    skipSpace()
    let start = position
    var value = 0
    while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position])
    {
      let (tens, tooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, tooLargeStill) = tens.addingReportingOverflow(Int(bytes[position]) - 48)
      guard !tooLarge && !tooLargeStill else { throw problem("\(name) below 2^63") }
      value = sum
      position += 1
    }
    let digits = position - start
    guard digits > 0, digits == 1 || bytes[start] != UInt8(ascii: "0") else {
      throw problem("a whole number that is not negative in \(name)")
    }
    return value
  }

  /// Reads `true` or `false`.
  package mutating func bool(_ name: String) throws -> Bool {
    skipSpace()
    if accept(word: "true") { return true }
    if accept(word: "false") { return false }
    throw problem("true or false as \(name)")
  }

  /// Whether what stands here begins with this character.
  package mutating func isNext(_ scalar: Unicode.Scalar) -> Bool {
    skipSpace()
    return position < bytes.count && bytes[position] == UInt8(ascii: scalar)
  }

  private mutating func take(_ scalar: Unicode.Scalar, _ expected: String) throws {
    skipSpace()
    guard accept(scalar) else { throw problem(expected) }
  }

  private mutating func accept(_ scalar: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: scalar) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while position < bytes.count, [0x20, 0x0a, 0x0d, 0x09].contains(bytes[position]) {
      position += 1
    }
  }

  private static func shown(_ byte: UInt8) -> String {
    (0x21..<0x7f).contains(byte)
      ? "\"\(Character(Unicode.Scalar(byte)))\"" : "byte 0x\(String(byte, radix: 16))"
  }

  /// A JSON string literal.
  package static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
