extension EnvironmentSpecification {
  /// What every environment refuses alike: a step outside an episode, an action that it does not have.
  func checkStep(_ action: Action, isRunning: Bool) throws(EnvironmentError) {
    guard isRunning else {
      throw EnvironmentError(
        name, "step was called before the first reset or after an episode's end: call reset first")
    }
    if actions.contains(action) { return }
    switch (actions, action) {
    case (.discrete(let count), .discrete(let index)):
      throw EnvironmentError(name, "expected an action from 0 to \(count - 1), found \(index)")
    case (.discrete(let count), .continuous(let values)):
      throw EnvironmentError(name, "expected one of \(count) discrete actions, found \(values)")
    case (.continuous, .discrete(let index)):
      throw EnvironmentError(name, "expected a vector as action, found the number \(index)")
    case (.continuous(let low, let high), .continuous(let values)):
      throw EnvironmentError(name, "expected an action from \(low) to \(high), found \(values)")
    }
  }

  /// The same for a discrete action.
  ///
  /// - Returns: its number.
  func checkedIndex(_ action: Action, isRunning: Bool) throws(EnvironmentError) -> Int {
    try checkStep(action, isRunning: isRunning)
    guard case .discrete(let index) = action else { return 0 }
    return index
  }
}
