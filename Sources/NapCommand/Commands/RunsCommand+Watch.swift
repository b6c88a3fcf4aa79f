import ArgumentParser
import Experiments
import Foundation
import RunStore

extension RunsCommand {
  struct Watch: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Draws curves of runs in the terminal while they train, and ends with them.",
      discussion: """
        nap runs watch                        every run that trains now
        nap runs watch RUN RUN --metric training_loss
        nap runs watch RUN | tee curve.txt    outside a terminal: a line a new value

        Any process may train the runs, also one on another machine that shares the folder. Ctrl-C ends watching, and \
        the runs go on.
        """)

    @Argument(help: "Runs: identifiers or names (default: those that train now).") var names:
      [String] = []
    @Option(help: "What is drawn, such as training_loss (default: what the recipe is compared by).")
    var metric: String?
    @Option(help: "Seconds between two looks.") var every = 1.0
    @OptionGroup var runs: RunsOption

    func validate() throws {
      guard (0.05...3_600).contains(every) else {
        throw ValidationError("--every \(every): expected 0.05 to 3600 seconds")
      }
    }

    func run() throws {
      Interruption.listen()
      let store = try runs.openForReading()
      let watched =
        try names.isEmpty
        ? store.runs().filter { $0.status == .running } : names.map { try store.findRun($0) }
      guard !watched.isEmpty else {
        throw UsageError("no run trains in \(runs.url.path) now; name runs to see their curves")
      }
      var view = RunView(
        metric: metric, isMoving: Console.takesEscapes && isatty(STDOUT_FILENO) == 1)
      while true {
        // Opened again for each look, since a copy is read where the folder cannot be written.
        let isUnderWay = try view.show(watched.map(\.id), in: runs.openForReading())
        guard isUnderWay else { return }
        let end = ContinuousClock.now + .seconds(every)
        while ContinuousClock.now < end {
          if Interruption.isRequested { throw Failure.Abandoned(what: "the runs go on") }
          usleep(20_000)
        }
      }
    }
  }
}

/// What is on the screen of runs that train.
struct RunView {
  /// What is drawn; `nil` for what each run's recipe is compared by.
  let metric: String?
  /// Whether curves move, or new values are lines.
  let isMoving: Bool
  private var drawn = (lines: 0, columns: 0)
  private var told: [StoreIdentifier: Int] = [:]

  init(metric: String?, isMoving: Bool) {
    self.metric = metric
    self.isMoving = isMoving
  }

  /// Shows how the runs stand.
  ///
  /// - Returns: whether one of them still trains.
  mutating func show(_ identifiers: [StoreIdentifier], in store: Store) throws -> Bool {
    let runs = try identifiers.map { try store.run($0) }
    let metrics = try runs.map { try chosen($0, in: store) }
    let points = try zip(runs, metrics).map { try store.points($1, of: $0.id) }
    if isMoving {
      draw(runs, metrics, points)
    } else {
      for (place, run) in runs.enumerated() {
        for point in points[place] where point.updates > told[run.id, default: -1] {
          Console.line(
            "\(run.id)  update \(point.updates)  task \(point.task + 1)  "
              + "\(metrics[place]) \(String(format: "%.6g", point.value))")
          told[run.id] = point.updates
        }
      }
    }
    let isUnderWay = runs.contains { $0.status == .running }
    if !isMoving, !isUnderWay {
      for run in runs { Console.line("\(run.id)  \(run.status)") }
    }
    return isUnderWay
  }

  /// The metric of a run: the one asked for, else what its recipe is compared by, else the first that it has.
  private func chosen(_ run: Run, in store: Store) throws -> Metric {
    if let metric { return Metric(metric) }
    let keys = try store.seriesKeys(of: run.id).filter(\.scope.isEmpty).map(\.metric)
    let wanted = (try? Recipes.named(run.recipe)).map { $0.primaryMeasure.metric }
    let known = [wanted, .trainingLoss, .agentLoss, .episodeReturn].compactMap { $0 }
    return known.first(where: keys.contains) ?? keys.first ?? wanted ?? .trainingLoss
  }

  private mutating func draw(_ runs: [Run], _ metrics: [Metric], _ points: [[SeriesPoint]]) {
    let (columns, rows) = (Console.width - 1, Console.height)
    let shown = runs.indices.prefix(max(1, rows - 8))
    var heads = shown.map { place -> String in
      let (run, last) = (runs[place], points[place].last)
      let value =
        last.map { String(format: "%.4g at update %d", $0.value, $0.updates) } ?? "no value yet"
      return String(
        "● \(run.name)  \(run.status.state)  \(metrics[place].title) \(value)".prefix(columns))
    }
    if shown.count < runs.count { heads.append("  and \(runs.count - shown.count) more") }
    let chart = TerminalChart(
      curves: points.map { $0.map { (Double($0.updates), $0.value) } },
      isLogarithmic: metrics.allSatisfy { $0.entry?.spansDecades == true },
      size: (columns, min(20, max(4, rows - heads.count - 2))))
    let coloured = heads.enumerated().map { place, head in
      guard head.hasPrefix("●") else { return head }
      let colour = TerminalChart.colours[place % TerminalChart.colours.count]
      return "\u{1B}[\(colour)m●\u{1B}[0m" + Console.plain(String(head.dropFirst()))
    }
    let lines = coloured + chart.lines(isColoured: true)
    // In a window of another width old lines may take two: everything is cleared.
    let back = drawn.columns == columns ? "\u{1B}[\(drawn.lines)F" : "\u{1B}[2J\u{1B}[H"
    Console.status(
      (drawn.lines > 0 ? back : "") + "\u{1B}[0J" + lines.joined(separator: "\n") + "\n")
    drawn = (lines.count, columns)
  }
}
