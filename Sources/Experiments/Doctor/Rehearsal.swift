/// A short configuration to measure speed with, and how much more the real one has.
public struct Rehearsal<Configuration: Sendable>: Sendable {
  /// What is run: updates and task ends cost what they cost in the real configuration.
  public var configuration: Configuration
  /// Tasks of the real run; `nil` when the configuration is the real one.
  public var tasks: Int?
  /// Updates at the beginning that are not timed, such as those before an agent learns.
  public var skippedUpdates = 2
  /// What the real run spends some of its updates on before learning begins; `nil` where it learns from the first.
  public var waiting: Waiting?

  /// Updates that cost less than those that learn: an agent's rounds while its replay fills.
  public struct Waiting: Sendable {
    /// What is run to time them.
    public var configuration: Configuration
    /// How many of the real run's updates are of this kind.
    public var updates: Int
    /// What the real run does beside its updates, counted in such updates: an agent's evaluations.
    public var additionalUpdates: Int
  }

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
