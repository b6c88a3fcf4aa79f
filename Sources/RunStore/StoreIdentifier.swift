public import Foundation

/// The name of a run or of a comparison: short, unique, and sorting by the time it was made.
///
/// Made as `YYMMDD-HHMMSS-xxxx`: the moment in UTC and four random characters (a million
/// possibilities a second). Imported identifiers may be any 1 to 64 letters, digits, `-` or `_`,
/// so that an identifier is always safe as a folder's name.
public struct StoreIdentifier: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The identifier as people see and type it.
  public let text: String

  /// Takes an existing identifier.
  ///
  /// Throws ``StoreError/invalidIdentifier(text:)`` when `text` is empty, longer than 64, begins
  /// with `-`, or holds anything but ASCII letters, digits, `-` and `_`.
  public init(_ text: String) throws {
    guard text.wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9_-]{0,63}/) != nil else {
      throw StoreError.invalidIdentifier(text: text)
    }
    self.text = text
  }

  /// Makes a new identifier for a moment in time, unique with overwhelming probability; the store
  /// refuses a second run of the same identifier.
  public static func make(at date: Date = Date()) -> StoreIdentifier {
    let digits = date.formatted(.iso8601).filter(\.isNumber).suffix(12)
    let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz")
    let suffix = String((0..<4).map { _ in alphabet[Int.random(in: 0..<alphabet.count)] })
    return StoreIdentifier(unchecked: "\(digits.prefix(6))-\(digits.suffix(6))-\(suffix)")
  }

  public static func < (left: StoreIdentifier, right: StoreIdentifier) -> Bool {
    left.text < right.text
  }

  public var description: String { text }

  private init(unchecked text: String) { self.text = text }
}

extension StoreIdentifier: Codable {
  public init(from decoder: any Decoder) throws {
    try self.init(decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
