import ArgumentParser
import Experiments
import Foundation
import RunStore

/// `nap report`.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Writes figures and tables of runs, a comparison or a sweep.",
    discussion: """
      nap report 261123-0910 -o report.html     a page that opens offline
      nap report RUN RUN -o figure.png          also .svg, .pdf and .csv

      Give identifiers, the unambiguous beginning or end of one, or names of runs. Without a name, the \
      report shows the latest comparison, or if there is none, the newest runs of nap train.
      """)

  @Argument(help: "Runs, or one comparison or sweep.")
  var names: [String] = []

  @Option(
    name: .shortAndLong, help: "The file: .html, .png, .svg, .pdf or .csv.")
  var output = "report.html"

  @OptionGroup var mixing: MixingOption
  @OptionGroup var runs: RunsOption

  func run() throws {
    try OutputFile.requireReport(output, option: "-o")
    let store = try runs.openForReading()
    let writer = ReportWriter(store: store, mixesProtocols: mixing.isAllowed)
    if names.isEmpty {
      if let latest = try store.comparisons().last { return try write(latest, writer) }
      let newest = try Self.newestRuns(store.runs())
      guard let first = newest.first else {
        throw UsageError("no run in \(runs.url.path); nap train and nap compare make some")
      }
      Console.error(
        "\(newest.count) run\(newest.count == 1 ? "" : "s") of \(first.recipe)/\(first.preset), the newest"
      )
      return try writer.write(newest, to: output)
    }
    if names.count == 1, let comparison = try? store.findComparison(names[0]) {
      return try write(comparison, writer)
    }
    try writer.write(try names.map { try store.findRun($0) }, to: output)
  }

  /// The runs that can be compared with the newest one: those of its recipe, preset and protocol.
  static func newestRuns(_ runs: [Run]) -> [Run] {
    guard let newest = runs.last else { return [] }
    return runs.filter {
      $0.recipe == newest.recipe && $0.preset == newest.preset
        && ProtocolManifest.differences(among: [$0, newest]).isEmpty
    }
  }

  private func write(_ comparison: Comparison, _ writer: ReportWriter) throws {
    try write(Recipes.named(comparison.recipe), comparison, writer)
  }

  private func write<R: Recipe>(
    _ recipe: R.Type, _ comparison: Comparison, _ writer: ReportWriter
  ) throws {
    try writer.write(R.self, comparison, to: output)
  }
}
