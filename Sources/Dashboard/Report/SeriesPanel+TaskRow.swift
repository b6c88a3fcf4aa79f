import RunStore

extension SeriesPanel {
  /// A figure for each name of a row of tasks: a metric along the updates spent with it, visit after visit.
  ///
  /// Names without a value have no figure.
  static func panels(
    of row: TaskRow, store: Store, runs: [Run], label: (Run) -> String
  ) throws -> [SeriesPanel] {
    guard row.taskCount > 1 else { return [] }
    return try row.metrics.flatMap { metric in
      let points = try store.points(SeriesKey(metric), of: runs.map(\.id))
      return row.names.enumerated().compactMap { place, name -> SeriesPanel? in
        let lines = runs.compactMap { run -> Line? in
          let values = row.values(points[run.id] ?? [], ofName: place)
          guard !values.isEmpty else { return nil }
          return Line(
            arm: label(run), seed: run.seed, values: values, isOver: run.status == .finished)
        }
        guard !lines.isEmpty else { return nil }
        var panel = SeriesPanel(
          metric, title: "\(metric.title): \(name)", axis: .update,
          axisTitle: row.visits > 1
            ? "updates here, over \(row.visits) visits" : "updates here", lines: lines)
        panel.breaks = row.visitEnds
        return panel
      }
    }
  }
}
