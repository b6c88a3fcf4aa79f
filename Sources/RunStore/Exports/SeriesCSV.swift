import Foundation
import Texts

/// Series as comma-separated values, one measurement a line.
///
/// Columns: `run,recipe,preset,arm,seed,metric,scope,task,updates,value,reason`. Values are written with as many digits
/// as give the same number back; those that are not finite as `nan`, `inf`, `-inf`, with the reason where one is known.
/// A run's measurements follow the facts of the environments that they were made in, as metric `protocol`: scope
/// `ALE/Pong.romMD5`, the fact as reason, no value. Text follows RFC 4180: lines end in CR LF, and a field with a
/// comma, quote or line break is quoted. A text that a spreadsheet would take for a formula, since it begins with one
/// of `= + - @`, a tab or a line break and is no number, stands after a `'`.
public enum SeriesCSV {
  /// The header line's fields.
  public static let columns = [
    "run", "recipe", "preset", "arm", "seed", "metric", "scope", "task", "updates", "value",
    "reason",
  ]

  /// The header line, with its line end.
  public static var header: String { line(columns) }

  /// What stands before a setting's key as the name of a column of the wide form.
  static let settingPrefix = "setting:"

  /// Columns of the wide form before those of settings and series.
  private static let wideColumns = [
    "run", "name", "recipe", "preset", "arm", "seed", "parent", "task", "updates",
  ]

  /// The wide form: one line a moment of a run, one column a series, `metric` or `metric[scope]`.
  ///
  /// Columns: `run,name,recipe,preset,arm,seed,parent,task,updates`, one a setting (`setting:optimizer.learningRate`),
  /// `frames,seconds`, and the other series by name. What was not measured at a moment is empty.
  static func wide(_ runs: [(run: Run, values: [MetricValue])]) -> String {
    let first = [SeriesKey(.frames), SeriesKey(.seconds)]
    let keys =
      first
      + Set(runs.flatMap { $0.values.map { SeriesKey($0.metric, scope: $0.scope) } })
      .subtracting(first).sorted()
    let settings = runs.map { EventStream.settings(of: $0.run) }
    let own = Set(settings.flatMap(\.keys)).subtracting(wideColumns).sorted()
    let names = keys.map { $0.metric.name + ($0.scope.isEmpty ? "" : "[\($0.scope)]") }
    var text = line(wideColumns + own.map { settingPrefix + $0 } + names)
    for (place, (run, values)) in runs.enumerated() {
      let labels = [
        run.id.text, run.name, run.recipe, run.preset, run.arm, String(run.seed),
        run.parent?.text ?? "",
      ]
      let chosen = own.map { key -> String in
        switch settings[place][key] {
        case nil: return ""
        case .string(let word)?: return word
        case let value?: return value.text
        }
      }
      let moments = Dictionary(grouping: values) { [$0.updates, $0.task] }
      for (moment, values) in moments.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
        let byKey = Dictionary(
          values.map { (SeriesKey($0.metric, scope: $0.scope), $0.value) },
          uniquingKeysWith: { $1 })
        text += line(
          labels + [String(moment[1]), String(moment[0])] + chosen
            + keys.map { byKey[$0].map(number) ?? "" })
      }
    }
    return text
  }

  /// The lines of some measurements of a run, without the header.
  public static func lines(_ values: [MetricValue], of run: Run) -> String {
    values.map { value in
      line([
        run.id.text, run.recipe, run.preset, run.arm, String(run.seed), value.metric.name,
        value.scope, String(value.task), String(value.updates), number(value.value),
        value.reason ?? "",
      ])
    }.joined()
  }

  /// The lines of what a run was measured in; empty for a run without a manifest.
  public static func protocolLines(of run: Run) -> String {
    (run.manifest?.groups ?? [:]).flatMap { group, facts in
      facts.map { (scope: "\(group).\($0.key)", fact: $0.value) }
    }.sorted { $0.scope < $1.scope }.map { scope, fact in
      line([
        run.id.text, run.recipe, run.preset, run.arm, String(run.seed), "protocol", scope, "", "",
        "", fact,
      ])
    }.joined()
  }

  /// One line of fields, quoted where they need it, with its line end.
  public static func line(_ fields: [String]) -> String {
    fields.map(inert).map { field in
      let special = field.utf8.contains { byte in
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\r")
          || byte == UInt8(ascii: "\n")
      }
      return special ? "\"" + field.replacingOccurrences(of: "\"", with: "\"\"") + "\"" : field
    }.joined(separator: ",") + "\r\n"
  }

  /// A field that no spreadsheet computes.
  private static func inert(_ field: String) -> String {
    guard let first = field.unicodeScalars.first, "=+-@\t\r\n".unicodeScalars.contains(first),
      Double(field) == nil
    else { return field }
    return "'" + field
  }

  /// A number as written in these files.
  public static func number(_ value: Double) -> String {
    NonFinite(value)?.rawValue ?? "\(value)"
  }
}

extension Store {
  /// Every measurement of some runs in the wide form, with settings; see ``SeriesCSV``.
  public func wideCSV(of runs: [Run]) throws -> String {
    try SeriesCSV.wide(runs.map { ($0, try values(of: $0.id)) })
  }

  /// Every measurement of some runs as CSV text with its header.
  ///
  /// - Parameter metrics: the metrics to write; `nil` for all.
  public func csv(of runs: [Run], metrics: Set<Metric>? = nil) throws -> String {
    var text = SeriesCSV.header
    for run in runs {
      if metrics == nil { text += SeriesCSV.protocolLines(of: run) }
      let values = try values(of: run.id)
      text += SeriesCSV.lines(
        metrics.map { metrics in values.filter { metrics.contains($0.metric) } } ?? values, of: run)
    }
    return text
  }
}
