/// A value of a configuration that cannot be used.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The option, such as `network.channels`.
  public let option: String
  /// What it must be.
  public let expected: String
  /// What it is.
  public let found: String

  /// An error; see the properties.
  public init(option: String, expected: String, found: String) {
    self.option = option
    self.expected = expected
    self.found = found
  }

  /// One sentence with all three.
  public var description: String { "\(option) must be \(expected), but is \(found)" }

  /// Throws an error unless `condition` holds; see the properties.
  public static func require(
    _ condition: Bool, _ option: String, _ expected: @autoclosure () -> String,
    _ found: @autoclosure () -> String
  ) throws(ConfigurationError) {
    if !condition {
      throw ConfigurationError(option: option, expected: expected(), found: found())
    }
  }
}
