import Dashboard
import Experiments
import Foundation
import OrderedCollections
import Plasticity
import RunStore
import Texts

/// Measurements of checkpoints as text: one row per metric, one column per checkpoint, then the probe.
enum MeasureTable {
  static func text(_ results: [CheckpointMeasurement], scopes: Bool) -> String {
    var parts = [readings(results, scopes: scopes)]
    let reasons = results.flatMap { result in
      result.readings.compactMap { reading -> String? in
        guard scopes || reading.scope.isEmpty, let reason = reading.outcome.reason else {
          return nil
        }
        let scope = reading.scope.isEmpty ? "" : " of \(reading.scope)"
        return "  \(reading.metric)\(scope) at \(label(result)): \(reason)\n"
      }
    }
    if !reasons.isEmpty { parts.append("Without a value:\n" + reasons.joined()) }
    let probe = probe(results)
    if !probe.isEmpty { parts.append(probe) }
    return parts.joined(separator: "\n")
  }

  private static func readings(_ results: [CheckpointMeasurement], scopes: Bool) -> String {
    struct Key: Hashable { let metric, scope: String }
    let order = OrderedSet(
      results.flatMap(\.readings).filter { scopes || $0.scope.isEmpty }
        .map { Key(metric: $0.metric, scope: $0.scope) })
    let cells = results.map { result in
      Dictionary(
        result.readings.map { (Key(metric: $0.metric, scope: $0.scope), number($0.outcome)) },
        uniquingKeysWith: { first, _ in first })
    }
    let rows = order.map { key in
      [Metric(key.metric).title, key.scope] + cells.map { $0[key] ?? "–" }
    }
    return TextTable(
      [.init("diagnostic", .left), .init("of", .left)] + results.map { .init(label($0)) },
      rows: rows
    ).text
  }

  private static func probe(_ results: [CheckpointMeasurement]) -> String {
    let rows = results.flatMap { result in
      result.probes.map { probe in
        [
          probe.battery.rawValue, label(result), number(probe.checkpoint), number(probe.fresh),
          number(probe.difference), "\(probe.pairs) of \(probe.draws)",
          probe.difference.reason?.description ?? "",
        ]
      }
    }
    guard !rows.isEmpty else { return "" }
    return TextTable(
      [
        .init("fresh-task probe", .left), .init("checkpoint"), .init("plasticity"),
        .init("fresh network"), .init("difference"), .init("tasks"), .init("", .left),
      ], rows: rows
    ).text + "Plasticity: loss of guessing minus loss after the budget; more is better.\n"
  }

  static func label(_ result: CheckpointMeasurement) -> String {
    result.updates.map { "update \($0)" } ?? URL(fileURLWithPath: result.path).lastPathComponent
  }

  static func number(_ outcome: DiagnosticOutcome?) -> String {
    outcome?.number.map { String(format: "%.5g", $0) } ?? "–"
  }

  private struct Line: Encodable {
    let measurement: CheckpointMeasurement
    let probes: [CheckpointMeasurement.Probe]
  }

  /// One line: the measurement and the probe's means.
  static func json(_ result: CheckpointMeasurement) throws -> String {
    try JSONText.encode(Line(measurement: result, probes: result.probes))
  }
}
