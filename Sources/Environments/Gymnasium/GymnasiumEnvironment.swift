/// One environment of Gymnasium, in a Python process of its own.
///
/// Everything that ``GymnasiumEnvironments`` says holds. A copy of this value is the same environment: it stands for a
/// process.
public struct GymnasiumEnvironment: Environment {
  private let batch: GymnasiumEnvironments

  /// Starts the process; takes about half a second.
  ///
  /// - Throws: ``GymnasiumError``.
  public init(
    _ configuration: GymnasiumConfiguration, seed: UInt32,
    python: String = GymnasiumEnvironments.defaultPython
  ) throws {
    batch = try GymnasiumEnvironments(configuration, seeds: [seed], python: python)
  }

  /// The form of observations and the actions.
  public var specification: EnvironmentSpecification { batch.specification }

  /// The versions of Gymnasium and of the environment's package.
  public var protocolFacts: [String: [String: String]] { batch.protocolFacts }

  /// The number of the Python process.
  public var processIdentifier: Int32 { batch.processIdentifiers[0] }

  /// Yes: a saved state is a pickle.
  public var stateRunsCode: Bool { true }

  public mutating func reset() throws -> EpisodeStart {
    guard case .started(let start)? = try batch.advance([.reset]).first else {
      throw EnvironmentError(specification.name, "a reset brought no beginning")
    }
    return start
  }

  public mutating func step(_ action: Action) throws -> Step {
    guard case .stepped(let step)? = try batch.advance([.act(action)]).first else {
      throw EnvironmentError(specification.name, "a step brought nothing")
    }
    return step
  }

  /// The environment's pickle, proved.
  public func savedState() throws -> EnvironmentState { try batch.savedStates()[0] }

  /// Continues from a saved state; a pickle runs code when it is read.
  public mutating func restore(_ state: EnvironmentState) throws { try batch.restore([state]) }
}
