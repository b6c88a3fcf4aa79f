extension EnvironmentSpecification {
  /// What every environment refuses alike: a step outside an episode, an action that it does not have.
  func checkStep(_ action: Int, isRunning: Bool) throws {
    guard isRunning else {
      throw EnvironmentError(
        name, "step was called before the first reset or after an episode's end: call reset first")
    }
    guard (0..<actionCount).contains(action) else {
      throw EnvironmentError(
        name, "expected an action from 0 to \(actionCount - 1), found \(action)")
    }
  }
}
