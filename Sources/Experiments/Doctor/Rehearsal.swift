/// A configuration to measure speed with, and how much work the real one is.
public struct Rehearsal<Configuration: Sendable>: Sendable {
  /// What is run: updates and task ends cost what they cost in the real configuration.
  public var configuration: Configuration
  /// Updates of the real run; `nil` for those of `configuration`.
  public var updates: Int?
  /// Tasks of the real run; `nil` when the configuration is the real one.
  public var tasks: Int?

  /// A rehearsal; see the properties.
  public init(_ configuration: Configuration, updates: Int? = nil, tasks: Int? = nil) {
    self.configuration = configuration
    self.updates = updates
    self.tasks = tasks
  }
}

extension Recipe {
  /// The configuration itself.
  public static func rehearsal(_ configuration: Configuration) -> Rehearsal<Configuration> {
    Rehearsal(configuration)
  }
}
