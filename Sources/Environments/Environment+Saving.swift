/// What asking an environment for its state came to.
public enum SavedEnvironment: Sendable {
  /// The state.
  case state(EnvironmentState)
  /// It cannot be saved, and why.
  case unsavable(reason: String)
}

extension Environment {
  /// The state, or why this environment cannot be saved: one of another program may hold what nothing can write down.
  ///
  /// - Throws: what ``savedState()`` throws beside that, such as the end of the environment's process.
  public func savedIfPossible() throws -> SavedEnvironment {
    do {
      return .state(try savedState())
    } catch let error as EnvironmentError {
      return .unsavable(reason: error.description)
    } catch GymnasiumError.notSaved(_, let reason) {
      return .unsavable(reason: reason)
    }
  }

  /// Why states of this environment cannot be saved, as far as one that took its first step tells; `nil` where they
  /// can.
  ///
  /// Begins an episode and takes a step: ask an environment that is not needed otherwise.
  ///
  /// - Throws: what beginning and stepping throw.
  public mutating func obstacleToSaving() throws -> String? {
    _ = try reset()
    _ = try step(specification.actions.simplest)
    guard case .unsavable(let reason) = try savedIfPossible() else { return nil }
    return reason
  }
}
