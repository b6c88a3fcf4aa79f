extension RandomLabels {
  /// Tasks of ten updates at most.
  public static func rehearsal(
    _ configuration: RandomLabelsConfiguration
  ) -> Rehearsal<RandomLabelsConfiguration> {
    var short = configuration
    short.updatesPerTask = min(configuration.updatesPerTask, 10)
    return Rehearsal(
      short, updates: configuration.tasks * configuration.updatesPerTask,
      tasks: configuration.tasks)
  }
}
