/// A configuration to measure speed with, and how many tasks the real one has.
public struct Rehearsal<Configuration: Sendable>: Sendable {
  /// What is run: updates and task ends cost what they cost in the real configuration.
  public var configuration: Configuration
  /// Tasks of the real run; `nil` when the configuration is the real one.
  public var tasks: Int?

  /// A rehearsal; see the properties.
  public init(_ configuration: Configuration, tasks: Int? = nil) {
    self.configuration = configuration
    self.tasks = tasks
  }
}

extension Recipe {
  /// The configuration itself.
  public static func rehearsal(_ configuration: Configuration) -> Rehearsal<Configuration> {
    Rehearsal(configuration)
  }
}
