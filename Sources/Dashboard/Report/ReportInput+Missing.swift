import RunStore

extension ReportInput {
  /// Which tasks of finished runs have no value of the measure, so that means and differences leave them out: a remark, or none.
  ///
  /// Only where tasks have names: elsewhere a measure may be of some tasks by its nature.
  static func withoutScore(
    _ runs: [Run], label: (Run) -> String, _ store: Store, _ options: ReportOptions
  ) throws -> [String] {
    guard let row = options.taskRow else { return [] }
    // A run that has none at all stands with those without a score.
    let scored = try runs.filter { run in
      try run.status == .finished && options.measure.trend(of: run.id, in: store) != nil
    }
    let missing = try scored.flatMap { run in
      try options.measure.missingTasks(of: run.id, in: store)
        .map { "\(label(run)) seed \(run.seed) in \(row.words(task: $0))" }
    }
    guard !missing.isEmpty else { return [] }
    let shown = missing.prefix(8).joined(separator: ", ")
    let rest = missing.count > 8 ? " and \(missing.count - 8) more" : ""
    return [
      "Without a value of the measure, since no episode ended or the environment has no scale: \(shown)\(rest). "
        + "Means and differences leave these out."
    ]
  }
}
