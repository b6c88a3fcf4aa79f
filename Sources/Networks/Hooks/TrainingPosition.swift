/// Where a run stands.
public struct TrainingPosition: Sendable, Hashable, Codable {
  /// Updates completed in the run.
  public var update: Int
  /// The task's index.
  public var task: Int
  /// Updates completed in the task.
  public var updateInTask: Int

  /// A position; see the properties.
  public init(update: Int, task: Int = 0, updateInTask: Int) {
    self.update = update
    self.task = task
    self.updateInTask = updateInTask
  }
}
