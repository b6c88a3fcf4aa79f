/// Several environments of one specification that are moved together.
///
/// Results come in the order of the environments, whatever the order in which they were computed, and
/// do not depend on the number of threads.
public protocol EnvironmentBatch {
  /// What holds for each of them.
  var specification: EnvironmentSpecification { get }

  /// The number of environments.
  var count: Int { get }

  /// Moves each environment by its command.
  ///
  /// - Parameter commands: one per environment.
  /// - Throws: the first environment's error in their order. The others may have moved.
  mutating func advance(_ commands: [EnvironmentCommand]) throws -> [EnvironmentEvent]

  /// Each environment's state.
  func savedStates() throws -> [EnvironmentState]

  /// Continues from saved states, one per environment.
  mutating func restore(_ states: [EnvironmentState]) throws
}

/// What to do with one environment.
public enum EnvironmentCommand: Sendable, Hashable {
  /// Begin an episode.
  case reset
  /// Take an action.
  case act(Action)
}

/// What a command brought.
public enum EnvironmentEvent: Sendable, Hashable {
  /// An episode began.
  case started(EpisodeStart)
  /// An action was taken.
  case stepped(Step)
}

/// Environments moved one after another on the caller's thread.
public struct SerialEnvironments<SomeEnvironment: Environment>: EnvironmentBatch {
  /// The environments.
  public private(set) var environments: [SomeEnvironment]

  /// A batch of at least one.
  public init(_ environments: [SomeEnvironment]) {
    precondition(!environments.isEmpty, "SerialEnvironments: expected at least one environment")
    self.environments = environments
  }

  /// The first one's.
  public var specification: EnvironmentSpecification { environments[0].specification }

  public var count: Int { environments.count }

  /// Moves each in turn.
  public mutating func advance(_ commands: [EnvironmentCommand]) throws -> [EnvironmentEvent] {
    precondition(commands.count == count, "advance: \(commands.count) commands for \(count)")
    return try commands.indices.map { index in
      switch commands[index] {
      case .reset: .started(try environments[index].reset())
      case .act(let action): .stepped(try environments[index].step(action))
      }
    }
  }

  public func savedStates() throws -> [EnvironmentState] {
    try environments.map { try $0.savedState() }
  }

  /// Continues from saved states. All or nothing.
  public mutating func restore(_ states: [EnvironmentState]) throws {
    guard states.count == count else {
      throw EnvironmentError(
        specification.name,
        "expected the saved states of \(count) environments, found \(states.count)")
    }
    let before = try savedStates()
    for index in environments.indices {
      do {
        try environments[index].restore(states[index])
      } catch {
        for earlier in 0..<index { try environments[earlier].restore(before[earlier]) }
        throw error
      }
    }
  }
}
