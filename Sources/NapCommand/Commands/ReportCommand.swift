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
      nap report RUN --watch                    again and again while it trains; the page reloads itself

      Give identifiers, the unambiguous beginning or end of one, or names of runs. Without a name, the \
      report shows the latest comparison, or if there is none, the newest runs of nap train.
      """)

  @Argument(help: "Runs, or one comparison or sweep.")
  var names: [String] = []

  @Option(
    name: .shortAndLong, help: "The file: .html, .png, .svg, .pdf or .csv.")
  var output = "report.html"

  @Flag(
    help:
      "Writes the report again while its runs train, and once more at their end; a page reloads itself."
  )
  var watch = false

  @Option(help: "With --watch: seconds from one writing to the next.")
  var every = 10.0

  @OptionGroup var mixing: MixingOption
  @OptionGroup var runs: RunsOption

  func validate() throws {
    guard (1...86_400).contains(every) else {
      throw ValidationError("--every \(every): expected 1 to 86400 seconds")
    }
  }

  func run() throws {
    try OutputFile.requireReport(output, option: "-o")
    let store = try runs.openForReading()
    if names.isEmpty {
      if let latest = try store.comparisons().last { return try follow(.plan(latest.id)) }
      let newest = try Self.newestRuns(store.runs())
      guard let first = newest.first else {
        throw UsageError("no run in \(runs.url.path); nap train and nap compare make some")
      }
      Console.error(
        "\(newest.count) run\(newest.count == 1 ? "" : "s") of \(first.recipe)/\(first.preset), the newest"
      )
      return try follow(.runs(newest.map(\.id)))
    }
    if names.count == 1, let comparison = try? store.findComparison(names[0]) {
      return try follow(.plan(comparison.id))
    }
    try follow(.runs(names.map { try store.findRun($0).id }))
  }

  /// What a report is of.
  private enum Subject {
    case plan(StoreIdentifier)
    case runs([StoreIdentifier])
  }

  /// Writes the report; again and again with `--watch`, until nothing trains any more.
  private func follow(_ subject: Subject) throws {
    if watch { Interruption.listen() }
    while true {
      let store = try runs.openForReading()
      let writer = ReportWriter(store: store, mixesProtocols: mixing.isAllowed)
      var shown: [Run]
      var plan: Comparison?
      switch subject {
      case .plan(let identifier):
        let found = try store.comparison(identifier)
        plan = found
        shown = try found.entries.compactMap { try $0.run.map { try store.run($0) } }
      case .runs(let identifiers): shown = try identifiers.map { try store.run($0) }
      }
      let isUnderWay = watch && shown.contains { $0.status == .running }
      if let plan { try write(plan, writer) } else { try writer.write(shown, to: output) }
      guard isUnderWay else { return }
      try ReloadingPage.mark(output, seconds: every)
      let end = ContinuousClock.now + .seconds(every)
      while ContinuousClock.now < end {
        if Interruption.isRequested { throw Failure.Abandoned(what: "the runs go on") }
        usleep(50_000)
      }
    }
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
