import Foundation
import OrderedCollections
import Texts

extension Store {
  /// The runs of a table; see ``importRuns(from:labels:provenance:)``.
  static func tableRuns(
    _ data: Data, _ path: String, _ labels: RunLabels, _ provenance: Provenance
  ) throws -> [ImportedRun] {
    func refusal(_ reason: String) -> StoreError {
      .unreadableImport(
        path: path, expected: "a table of runs (.csv)", reason: Excerpt.of(reason, atMost: 300))
    }
    let table: TableText
    switch TableText.read([UInt8](data)) {
    case .success(let read): table = read
    case .failure(let error): throw refusal(error.reason)
    }
    let stem = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    let runs = table.place("run")
    let groups = OrderedDictionary(grouping: table.rows.enumerated()) { _, row in
      runs.map { row[$0] } ?? stem
    }
    let reader = try SeriesTable(table, labels, refusal)
    return try groups.map { name, rows in
      let content = try rows.reduce(into: SeriesTable.Content()) { content, row in
        // The first line names columns.
        try reader.read(row.element, line: row.offset + 2, into: &content)
      }
      guard !content.values.isEmpty else { throw refusal("run \(name) has no number") }
      return try ImportedRun(
        name: name, labels: labels, settings: content.settings, values: content.values,
        manifest: content.manifest.groups.isEmpty ? nil : content.manifest, provenance: provenance)
    }
  }
}

/// How the lines of a table are measurements: one a line (`metric`, `value`), or one a column beside `step` or
/// `updates`.
struct SeriesTable {
  /// What a run's lines say.
  struct Content {
    var settings: [String: JSON] = [:]
    var values: [MetricValue] = []
    var manifest = ProtocolManifest()
  }

  private let table: TableText
  private let labels: RunLabels
  private let refusal: (String) -> StoreError
  private let updates: Int
  private let task: Int?
  private let long: (metric: Int, value: Int, scope: Int?, reason: Int?)?
  private let named: [(place: Int, name: String)]
  private let settings: [(place: Int, key: String)]
  private let series: [(place: Int, key: SeriesKey)]

  /// - Throws: a refusal for a table without a column of updates.
  init(
    _ table: TableText, _ labels: RunLabels, _ refusal: @escaping (String) -> StoreError
  ) throws {
    self.table = table
    self.labels = labels
    self.refusal = refusal
    guard let updates = table.place("updates", "step", "global_step", "_step") else {
      throw refusal("it has no column updates or step")
    }
    self.updates = updates
    task = table.place("task")
    let names = ["run", "name", "recipe", "preset", "arm", "seed", "parent"]
    named = names.compactMap { name in table.place(name).map { ($0, name) } }
    let prefix = SeriesCSV.settingPrefix
    settings = table.columns.enumerated().filter { $1.hasPrefix(prefix) }
      .map { ($0, String($1.dropFirst(prefix.count))) }
    if let metric = table.place("metric"), let value = table.place("value") {
      long = (metric, value, table.place("scope"), table.place("reason"))
      series = []
    } else {
      long = nil
      let taken = Set(
        named.map(\.place) + settings.map(\.place) + [updates] + (task.map { [$0] } ?? []))
      series = table.columns.enumerated().filter { !taken.contains($0.offset) }
        .map { ($0, Self.key($1, labels)) }
    }
  }

  /// `metric`, or `metric[scope]`.
  private static func key(_ column: String, _ labels: RunLabels) -> SeriesKey {
    guard column.hasSuffix("]"), let open = column.firstIndex(of: "[") else {
      return SeriesKey(Metric(labels.metrics[column] ?? column))
    }
    let metric = String(column[..<open])
    return SeriesKey(
      Metric(labels.metrics[metric] ?? metric),
      scope: String(column[column.index(after: open)...].dropLast()))
  }

  /// Adds a line of a run. An empty field is no measurement; a column that holds words is a setting.
  func read(_ row: [String], line: Int, into content: inout Content) throws {
    for (place, name) in named where !row[place].isEmpty {
      content.settings[name] = .string(row[place])
    }
    for (place, key) in settings where !row[place].isEmpty {
      content.settings[key] =
        (try? JSONText.decode(JSON.self, from: row[place])) ?? .string(row[place])
    }
    if let long, row[long.metric] == "protocol" {
      let parts = (long.scope.map { row[$0] } ?? "").split(separator: ".", maxSplits: 1).map(
        String.init)
      if parts.count == 2, let reason = long.reason {
        content.manifest.groups[parts[0], default: [:]][parts[1]] = row[reason]
      }
      return
    }
    let step = try count(row[updates], "updates", line)
    let task = try task.map { row[$0].isEmpty ? 0 : try count(row[$0], "task", line) } ?? 0
    func add(_ key: SeriesKey, _ value: Double, reason: String? = nil) {
      content.values.append(
        MetricValue(
          key.metric, scope: key.scope, task: task, updates: step, value: value, reason: reason))
    }
    if let long {
      guard let value = Double(row[long.value]) else {
        throw refusal("line \(line) has the value '\(row[long.value])', which is no number")
      }
      let metric = row[long.metric]
      let reason = long.reason.map { row[$0] } ?? ""
      add(
        SeriesKey(
          Metric(labels.metrics[metric] ?? metric), scope: long.scope.map { row[$0] } ?? ""),
        value, reason: reason.isEmpty ? nil : reason)
      return
    }
    for (place, key) in series where !row[place].isEmpty {
      if let value = Double(row[place]) {
        add(key, value)
      } else {
        content.settings[key.metric.name] = .string(row[place])
      }
    }
  }

  private func count(_ text: String, _ what: String, _ line: Int) throws -> Int {
    guard let value = Int(text) ?? Double(text).flatMap({ Int(exactly: $0) }), value >= 0 else {
      throw refusal("line \(line) has the \(what) '\(text)', which is no count")
    }
    return value
  }
}
