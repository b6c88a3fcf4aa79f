import Foundation
import OrderedCollections
import RunStore
import Texts

extension HTMLPage {
  /// The exact commands.
  var again: String {
    let runs = input.runs.map { $0.provenance.shellCommand }
    let commands = OrderedSet(input.commands + runs).elements
    guard !commands.isEmpty else { return "" }
    let shown = input.commands.isEmpty ? commands : input.commands
    let rest = commands.filter { !shown.contains($0) }
    let more =
      rest.isEmpty
      ? "" : fold("\(Format.count(rest.count, "command")) of single runs", pre(rest))
    return """
      <section>
      <h2>To run it again</h2>
      \(pre(shown))
      \(more)
      </section>
      """
  }

  /// Texts as they are.
  var listings: String {
    input.listings.map {
      "<section>\n\(element("h2", $0.title))\n\(element("pre", $0.text, class: "table"))\n</section>"
    }.joined(separator: "\n")
  }

  /// Configurations, provenance, runs and definitions, folded away.
  var details: String {
    let folds = configurations + [provenance, protocols, runTable, definitions].compactMap { $0 }
    guard !folds.isEmpty else { return "" }
    return """
      <section>
      <h2>Details</h2>
      \(folds.joined(separator: "\n"))
      </section>
      """
  }

  /// What differs between the arms' settings as a table, and what they share as a list.
  private var configurations: [String] {
    var seen: Set<String> = []
    let runs = input.runs.filter { seen.insert($0.arm + "\n" + $0.settings.text).inserted }
    guard !runs.isEmpty else { return [] }
    let settings = runs.map { run in run.settings.leaves }
    let keys = Set(settings.flatMap(\.keys)).sorted()
    let shared = keys.filter { key in Set(settings.map { $0[key] }).count == 1 }
    let differing = keys.filter { !shared.contains($0) }
    let list = pre(shared.map { "\($0)=\(settings[0][$0] ?? "")" })
    guard runs.count > 1 else { return [fold("Settings", list)] }
    let head =
      element("th", "setting", class: "left")
      + runs.map { element("th", $0.arm, class: "left") }.joined()
    let rows = differing.map { key in
      "<tr>" + element("td", key, class: "left")
        + settings.map { element("td", $0[key] ?? Format.none, class: "left") }.joined() + "</tr>"
    }
    let table =
      "<div class=\"scroll\"><table><thead><tr>\(head)</tr></thead><tbody>\n\(rows.joined(separator: "\n"))\n"
      + "</tbody></table></div>"
    return [
      fold("Settings that differ between the arms", differing.isEmpty ? pre(["none"]) : table),
      fold("Settings that all arms share", list),
    ]
  }

  private var provenance: String? {
    guard !input.runs.isEmpty else { return nil }
    func values(_ part: (Provenance) -> String) -> String {
      Set(input.runs.map { part($0.latestProvenance) }).sorted().joined(separator: "; ")
    }
    let seconds = input.runs.reduce(0) { $0 + $1.wallSeconds }
    let memory = input.runs.map(\.peakMemoryBytes).max() ?? 0
    let rows = [
      ("nap", values { $0.napVersion }),
      ("commit", values { $0.gitCommit ?? "not known" }),
      ("Swift", values { $0.swiftVersion }),
      ("libtorch", values { $0.libtorchVersion }),
      ("device", values { $0.device }),
      ("threads", values { String($0.threadCount) }),
      (
        "machine",
        values {
          "\($0.host.processor), \(Format.count($0.host.coreCount, "core")), "
            + "\(Format.bytes($0.host.memoryBytes)), \($0.host.operatingSystem)"
        }
      ),
      ("started", values { $0.started.formatted(.iso8601) }),
      ("wall-clock time of all runs", Format.duration(seconds)),
      ("largest resident memory", memory > 0 ? Format.bytes(memory) : "not known"),
    ]
    let list = rows.map { element("dt", $0.0) + element("dd", $0.1) }.joined(separator: "\n")
    return fold("Provenance", "<dl>\n\(list)\n</dl>")
  }

  /// What the runs were measured in.
  private var protocols: String? {
    let lines = Set(input.runs.flatMap { $0.manifest?.lines ?? [] }).sorted()
    return lines.isEmpty ? nil : fold("Protocol", pre(lines))
  }

  private var runTable: String? {
    guard !input.runs.isEmpty else { return nil }
    let columns = ["run", "arm", "seed", "status", "time", "memory", "resumed"]
    let head = columns.map { element("th", $0, class: "left") }.joined()
    let rows = input.runs.map { run in
      let cells = [
        run.id.text, run.arm, String(run.seed), run.status.description,
        Format.duration(run.wallSeconds),
        run.peakMemoryBytes > 0 ? Format.bytes(run.peakMemoryBytes) : Format.none,
        run.resumptions.isEmpty
          ? Format.none
          : run.resumptions.map { "from update \($0.updates)" }.joined(separator: ", "),
      ]
      return "<tr>" + cells.map { element("td", $0, class: "left") }.joined() + "</tr>"
    }
    let table =
      "<div class=\"scroll\"><table><thead><tr>\(head)</tr></thead><tbody>\n"
      + rows.joined(separator: "\n") + "\n</tbody></table></div>"
    return fold("\(Format.count(input.runs.count, "run"))", table)
  }

  private var definitions: String? {
    let entries = input.panels.compactMap { panel -> Metric.Entry? in
      guard case .series(let panel) = panel else { return nil }
      return panel.metric.entry
    }
    guard !entries.isEmpty else { return nil }
    let list = entries.map { entry in
      let unit = entry.unit.isEmpty ? "" : " Unit: \(entry.unit)."
      return element("dt", "\(entry.title) (\(entry.metric.name))")
        + element("dd", "\(entry.definition).\(unit)")
    }
    return fold("What was measured", "<dl>\n\(list.joined(separator: "\n"))\n</dl>")
  }

  private func fold(_ title: String, _ body: String) -> String {
    "<details class=\"fold\">\(element("summary", title))\n\(body)\n</details>"
  }

  private func pre(_ lines: [String]) -> String {
    element("pre", lines.joined(separator: "\n"))
  }
}
