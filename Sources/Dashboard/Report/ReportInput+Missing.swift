import RunStore

extension ReportInput {
  /// A remark on tasks of finished runs without a value of the measure, which means and differences leave out.
  ///
  /// Only if tasks have names: in other recipes a measure may be of some tasks only.
  static func withoutScore(
    _ runs: [Run], label: (Run) -> String, _ store: Store, _ options: ReportOptions
  ) throws -> [String] {
    guard let row = options.taskRow else { return [] }
    // A run without any value is listed with those without a score.
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
      "Without a value of the measure, because no episode ended or the environment has no scale: \(shown)\(rest). "
        + "Means and differences leave these out."
    ]
  }
}
