import Foundation
import RunStore
import Statistics

/// A comparison of runs for people: a page, an image, a document or numbers.
public enum Report {
  /// Writes a report; the file's ending names the format.
  ///
  /// HTML has everything and opens offline. PNG, SVG and PDF have the figures under one legend. CSV has the figures'
  /// numbers (see ``csv(_:)``) and needs no renderer. The file is written completely or not at all; missing folders are
  /// made.
  ///
  /// - Parameter renderer: draws the charts; the default is looked for by
  ///   ``ChartRenderer/find(environment:in:)``, and only where the format needs it.
  /// - Throws: ``DashboardError``.
  public static func write(
    _ input: ReportInput, to path: String, renderer: ChartRenderer? = nil
  ) throws {
    let format = try ReportFormat(path: path)
    let data = try data(input, as: format) { try renderer ?? ChartRenderer.find() }
    let file = URL(fileURLWithPath: path)
    do {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try data.write(to: file, options: .atomic)
    } catch {
      throw DashboardError.notWritable(path: path, reason: error.localizedDescription)
    }
  }

  static func data(
    _ input: ReportInput, as format: ReportFormat, renderer: () throws -> ChartRenderer
  ) throws -> Data {
    switch format {
    case .csv:
      return Data(csv(input).utf8)
    case .html:
      return Data(HTMLPage(input: input, bundle: try renderer().scriptBundle()).text.utf8)
    case .png, .svg, .pdf:
      guard !input.panels.isEmpty else {
        throw DashboardError.nothingToShow(reason: "the report has no figure")
      }
      return try renderer().image(input.figure.image, as: format)
    }
  }

  /// The figures' numbers, before any smoothing, one per line: `panel,unit,arm,seed,x,y,value`.
  ///
  /// `x` is the task of a series, the tuned value of a sweep, the horizontal setting of a heat map, whose vertical one
  /// is `y`. Values that are not finite are `nan`, `inf`, `-inf`; a value that is missing because a run did not finish
  /// is empty. For a sequence of tasks, the results of each run's second half follow, one line per seed: `measure` and
  /// `interquartile mean` with the measure's words, and `solved`, the number of solved tasks, with the number of tasks
  /// as `y`. The last lines are facts of the protocols, with `panel` only: `protocol: ALE/Pong.romMD5 = …`. Where runs
  /// differ, `arm` has the runs of a fact.
  public static func csv(_ input: ReportInput) -> String {
    var text = SeriesCSV.line(["panel", "unit", "arm", "seed", "x", "y", "value"])
    for panel in input.panels {
      for row in rows(of: panel) { text += SeriesCSV.line(row) }
    }
    for row in sequenceRows(input) { text += SeriesCSV.line(row) }
    for (fact, runs) in input.protocolFacts(\.lines) {
      text += SeriesCSV.line(["protocol: \(fact)", "", runs.joined(separator: " "), "", "", "", ""])
    }
    return text
  }

  /// The results of the second half of each run of a sequence.
  private static func sequenceRows(_ input: ReportInput) -> [[String]] {
    guard input.isSequence else { return [] }
    let (measure, number) = (input.measure, SeriesCSV.number)
    return input.arms.flatMap { arm in
      arm.trendBySeed.sorted { $0.key < $1.key }.flatMap { seed, trend -> [[String]] in
        let scores = TaskAverage.allCases.map { average in
          [
            average == .mean ? "measure: \(measure.words)" : average.rawValue, "", arm.arm,
            "\(seed)", "", "", number(measure.score(trend, by: average)),
          ]
        }
        guard let words = input.solvedWords, let solved = measure.solved(trend) else {
          return scores
        }
        return scores + [
          ["solved: \(words)", "", arm.arm, "\(seed)", "", "\(solved.of)", "\(solved.count)"]
        ]
      }
    }
  }

  private static func rows(of panel: Panel) -> [[String]] {
    let number = SeriesCSV.number
    switch panel {
    case .series(let panel):
      return (panel.lines + panel.undrawnLines).flatMap { line in
        line.values.sorted { $0.key < $1.key }.map { task, value in
          [panel.title, panel.unit, line.arm, "\(line.seed)", "\(task)", "", number(value)]
        }
      }
    case .sweep(let panel):
      return panel.settings.flatMap { setting in
        setting.candidates.flatMap { candidate -> [[String]] in
          let scores = candidate.scoreBySeed.sorted { $0.key < $1.key }.map {
            ($0.key, number($0.value))
          }
          return (scores + candidate.unfinishedSeeds.map { ($0, "") }).map { seed, score in
            [panel.title, "", setting.arm, "\(seed)", number(candidate.value), "", score]
          }
        }
      }
    case .heatMap(let panel):
      return panel.cells.map { cell in
        [
          panel.title, "", "", "", number(cell.x), number(cell.y), cell.value.map(number) ?? "",
        ]
      }
    case .baselines(let panel):
      return panel.rows.flatMap { row in
        let arm = row.base + (row.methods == BaselinesPanel.noMethods ? "" : "/\(row.methods)")
        let title = panel.isByGame ? "\(panel.title): \(row.methods)" : panel.title
        let name = panel.isByGame ? row.base : arm
        let seeds = row.scoreBySeed.sorted { $0.key < $1.key }.map { ("\($0.key)", $0.value) }
        return (seeds + (row.average.map { [("", $0)] } ?? [])).map { seed, score in
          [title, "", name, seed, "", "", number(score)]
        }
      }
    case .difference(let panel):
      return panel.rows.flatMap { row -> [[String]] in
        guard let difference = row.difference else { return [] }
        return zip(difference.seeds, difference.differences.values).map { seed, value in
          [panel.title, "", row.outcome.arm, "\(seed)", "", "", number(value)]
        }
      }
    }
  }
}
