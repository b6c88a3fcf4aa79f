import Dashboard
import Experiments
import Foundation
import RunStore

/// The doctor's report as tables for the terminal.
enum DoctorTable {
  static func text(_ report: DoctorReport, hours: Double) -> String {
    [
      machine(report.machine), components(report.components), datasets(report.datasets),
      presets(report.presets, hours: hours, busy: report.busyShare), remedies(report),
      verdict(report),
    ].filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private static func machine(_ facts: MachineFacts) -> String {
    let disk = facts.freeDiskBytes.map { size($0) + " free" } ?? "free space unknown"
    let writable = facts.canWriteRuns ? "" : ", CANNOT BE WRITTEN"
    let usable = facts.usableProcessors.map { ", of which this process may use \($0)" } ?? ""
    return """
      \(facts.host.operatingSystem), \(facts.host.processor), \(facts.host.coreCount) cores\(usable)
      memory  \(size(facts.host.memoryBytes)), \(size(facts.availableMemoryBytes)) free
      runs    \(facts.runsFolder): \(disk)\(writable)

      """
  }

  private static func components(_ components: [Component]) -> String {
    TextTable(
      [.init("component", .left), .init("version", .left), .init("for", .left), .init("", .left)],
      rows: components.map {
        [
          $0.name, $0.version.map { $0.isEmpty ? "here" : $0 } ?? "not here", $0.purpose,
          shortened($0.detail),
        ]
      }
    ).text
  }

  private static func datasets(_ datasets: [DatasetCondition]) -> String {
    TextTable(
      [
        .init("dataset", .left), .init("state", .left), .init("records", .left),
        .init("checksums", .left), .init("", .left),
      ],
      rows: datasets.map { dataset in
        let records = dataset.records.sorted { $0.key > $1.key }.map { "\($0.value) \($0.key)" }
        let checked = [
          dataset.verifiedFiles > 0 ? "\(dataset.verifiedFiles) match" : "",
          dataset.unverifiedFiles > 0 ? "\(dataset.unverifiedFiles) not on record" : "",
        ]
        return [
          dataset.name, dataset.state.rawValue, records.joined(separator: ", "),
          checked.filter { !$0.isEmpty }.joined(separator: ", "), shortened(dataset.problem ?? ""),
        ]
      }
    ).text
  }

  private static func presets(_ presets: [PresetNeeds], hours: Double, busy: Double?) -> String {
    guard !presets.isEmpty else { return "" }
    let table = TextTable(
      [
        .init("recipe", .left), .init("preset", .left), .init("memory"), .init("an update"),
        .init("one run"), .init("runs"), .init("at once"), .init("all runs"), .init("", .left),
      ],
      rows: presets.map { needs in
        [
          needs.recipe, needs.preset, needs.memoryBytes.map(size) ?? "",
          needs.measurement.map { String(format: "%.2f ms", $0.updateSeconds * 1_000) } ?? "",
          needs.hoursOfOneRun.map(LongWorkOption.words) ?? "", "\(needs.runs)",
          needs.jobs > 0 ? "\(needs.jobs)" : "",
          needs.hoursOfAllRuns.map(LongWorkOption.words) ?? "",
          shortened(withoutPath(needs.problem ?? needs.settings.joined(separator: " "))),
        ]
      }
    ).text
    guard presets.count > 1 else { return table }
    func name(_ needs: PresetNeeds?) -> String {
      needs.map { "\($0.recipe) --preset \($0.preset)" } ?? "none"
    }
    let notes = """
      Largest that fits into memory and \(String(format: "%g", hours)) hours:
        nap compare  \(name(presets.largest(within: hours)))
        nap train    \(name(presets.largestRun(within: hours)))
      Each was measured alone; side by side they share the memory's bandwidth and take longer.

      """
    guard let busy else { return table + notes }
    let percent = Int(busy * 100)
    return table + notes
      + "The machine was busy: training had \(percent) % of a core, so these times are too long.\n"
  }

  private static func remedies(_ report: DoctorReport) -> String {
    let missing =
      report.components.filter { !$0.isPresent }.map { ($0.name, $0.remedy) }
      + report.datasets.map { ($0.name, $0.remedy) }
    let rows = missing.compactMap { name, remedy in remedy.map { [name, $0] } }
    guard !rows.isEmpty else { return "" }
    return TextTable([.init("missing", .left), .init("what brings it", .left)], rows: rows).text
  }

  private static func verdict(_ report: DoctorReport) -> String {
    let images =
      report.usesBuiltInImages
      ? "\nCIFAR-10 is not here. The demo tries to download it, else it uses built-in images: nap data get cifar-10"
      : ""
    let asked = report.demonstration == nil && !report.presets.isEmpty
    return report.obstacles.isEmpty
      ? asked ? "" : "The demo can run here: make demo" + images
      : "The demo cannot run here:\n" + report.obstacles.map { "  \($0)" }.joined(separator: "\n")
  }

  /// A problem without the path at its beginning: what was expected and found.
  private static func withoutPath(_ problem: String) -> String {
    guard problem.hasPrefix("/"), let colon = problem.range(of: ": ") else { return problem }
    return String(problem[colon.upperBound...])
  }

  /// One line of at most 60 characters: a path is cut at its beginning, a sentence at its end.
  private static func shortened(_ text: String) -> String {
    let line = text.split(separator: "\n").first.map(String.init) ?? ""
    guard line.count > 60 else { return line }
    return line.hasPrefix("/") && !line.contains(" ")
      ? "…" + line.suffix(59) : line.prefix(59) + "…"
  }

  private static func size(_ bytes: Int) -> String {
    bytes >= 10_000_000_000
      ? String(format: "%.0f GB", Double(bytes) / 1e9)
      : bytes >= 1_000_000_000
        ? String(format: "%.1f GB", Double(bytes) / 1e9)
        : String(format: "%.0f MB", Double(bytes) / 1e6)
  }
}
