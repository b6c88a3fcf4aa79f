import ArgumentParser
import Experiments
import Foundation
import RunStore
import Texts

extension PlanCommand {
  struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows plans: runs done, running, waiting and failed, and hours left.",
      discussion: """
        nap plan status
        nap plan status PLAN      every run, too
        nap plan status --json

        Hours left are the forecast's, corrected by the runs that are done, for as many workers as train now.
        """)
    @Argument(help: "A plan, of which every run is shown.") var plan: String?
    @Flag(help: "Writes one line of JSON.") var json = false
    @OptionGroup var runs: RunsOption

    func run() throws {
      let store = try runs.openForReading()
      // Looking leaves no queue behind.
      guard PlanQueue.exists(in: store.folder) else {
        if let plan { throw PlanCommand.inNoQueue(try store.findComparison(plan).id) }
        return Console.line(json ? "[]" : "no plans in \(runs.url.path)")
      }
      let queue = try PlanQueue.open(in: store.folder, busyTimeout: RunsOption.timeout())
      let asked = try plan.map { try PlanCommand.plan($0, in: queue, store) }
      let plans = try asked.map { [$0] } ?? queue.plans()
      let reports = try plans.map { try PlanReport($0, queue, store) }
      guard !json else {
        Console.line(try JSONText.encode(reports))
        return
      }
      if reports.isEmpty { Console.line("no plans in \(runs.url.path)") }
      for report in reports { Console.line(report.line) }
      guard asked != nil, let report = reports.first else { return }
      for (place, entry) in report.entries.enumerated() {
        Console.line(PlanReport.line(place, report.labels[place], entry))
      }
    }
  }
}

/// Where a plan stands.
struct PlanReport: Encodable {
  var id: StoreIdentifier
  var command: [String]
  var counts: [String: Int] = [:]
  /// Hours of training left, of all runs together.
  var runHoursLeft: Double
  /// Hours left with the workers that train now, one at least.
  var hoursLeft: Double
  var leftOut: String?
  var labels: [String]
  var entries: [PlanQueue.Entry]

  init(_ plan: PlanQueue.Plan, _ queue: PlanQueue, _ store: Store) throws {
    id = plan.id
    command = plan.command
    leftOut = plan.leftOut
    entries = try queue.entries(of: plan.id)
    let comparison = try store.comparison(plan.id)
    labels = entries.indices.map { PlanRunner.label(comparison, $0) }
    for state in entries.map(\.state) { counts[state.rawValue, default: 0] += 1 }
    var (forecast, taken) = (0.0, 0.0)
    for (place, entry) in entries.enumerated() where entry.state == .done && entry.hours > 0 {
      guard let run = try comparison.entries[place].run.map({ try store.run($0) }),
        run.status == .finished
      else { continue }
      forecast += entry.hours
      taken += run.wallSeconds / 3_600
    }
    let factor = forecast > 0 && taken > 0 ? taken / forecast : 1
    let left = entries.filter { $0.state == .waiting || $0.state == .running }
      .map { $0.hours * (1 - $0.share) * factor }
    runHoursLeft = left.reduce(0, +)
    hoursLeft = PlanForecast.elapsed(left, workers: entries.count { $0.state == .running })
  }

  /// A line for a person.
  var line: String {
    let states: [PlanQueue.State] = [.done, .running, .waiting, .failed, .canceled]
    let figures = states.compactMap { state in
      counts[state.rawValue].map { "\($0) \(state.rawValue)" }
    }.joined(separator: ", ")
    return "\(id)  \(command.map(ShellText.quoted).joined(separator: " "))\n  \(figures)"
      + (runHoursLeft > 0 ? "; about \(LongWorkOption.words(hours: hoursLeft)) left" : "")
      + (leftOut.map { "\n  \($0)" } ?? "")
  }

  /// A line of one entry.
  static func line(_ place: Int, _ label: String, _ entry: PlanQueue.Entry) -> String {
    var line = "  \(place)  \(label)  \(entry.state.rawValue)"
    if entry.state == .running {
      line += "  \(Int(entry.share * 100)) %  by \(entry.worker ?? "a worker")"
    }
    if entry.attempts > 1 { line += "  \(entry.attempts) attempts" }
    if entry.state != .done, let message = entry.message { line += "  \(message)" }
    return line
  }
}
