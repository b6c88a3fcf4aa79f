/// A replay refuses a call, or a snapshot of one cannot be used. The replay is unchanged.
public struct ReplayError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, for code that reacts to it.
  public enum Kind: String, Sendable {
    /// The machine has not the memory.
    case memory
    /// A step, an observation or a question that does not fit.
    case misuse
    /// A file of a snapshot is missing or damaged.
    case damaged
    /// A sound snapshot that belongs to something else.
    case mismatched
  }

  /// What is wrong.
  public let kind: Kind
  /// The file, or the part of the replay.
  public let place: String
  /// What was expected there.
  public let expected: String
  /// What was found.
  public let found: String
  /// What to do.
  public let advice: String

  init(_ kind: Kind, _ place: String, expected: String, found: String, advice: String) {
    self.kind = kind
    self.place = place
    self.expected = expected
    self.found = found
    self.advice = advice
  }

  /// One sentence.
  public var description: String { "\(place): expected \(expected), found \(found); \(advice)" }
}
