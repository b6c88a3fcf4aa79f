public import RunStore
import Statistics

/// Everything that a report shows, as plain values: made by a caller, or from a store by ``init(store:runs:options:)``.
public struct ReportInput: Sendable {
  /// The headline.
  public var title: String
  /// The line above it, such as `random-labels · short`.
  public var kicker: String
  /// One paragraph: what was compared, and how.
  public var summary: String
  /// The measure.
  public var measure: PrimaryMeasure
  /// The reference arm.
  public var reference: String
  /// The results of arms, in the order shown.
  public var arms: [ArmSummary]
  /// The hypotheses.
  public var hypotheses: [Hypothesis]
  /// The figures, in the order shown.
  public var panels: [Panel]
  /// The runs, for commands, configuration and provenance.
  public var runs: [Run]
  /// Commands that repeat the report, in addition to those of the runs.
  public var commands: [String]
  /// Remarks for the reader, one per paragraph.
  public var notes: [String]
  /// Text that stands on a page as it is, such as tables and programs, each under its title.
  public var listings: [(title: String, text: String)] = []

  /// States a report by its parts.
  public init(
    title: String, kicker: String = "", summary: String, measure: PrimaryMeasure = .init(),
    reference: String = "fresh", arms: [ArmSummary], hypotheses: [Hypothesis] = [],
    panels: [Panel], runs: [Run] = [], commands: [String] = [], notes: [String] = []
  ) {
    self.title = title
    self.kicker = kicker
    self.summary = summary
    self.measure = measure
    self.reference = reference
    self.arms = arms
    self.hypotheses = hypotheses
    self.panels = panels
    self.runs = runs
    self.commands = commands
    self.notes = notes
  }

  /// The arms compared with the reference.
  public var comparison: ArmComparison { comparison(by: .mean) }

  /// The arms compared with the reference, with one average over the tasks of a run.
  func comparison(by average: TaskAverage) -> ArmComparison {
    ArmComparison(
      arms.map { $0.outcome(measure, by: average) }, reference: reference, margin: measure.margin,
      higherIsBetter: measure.higherIsBetter, by: average)
  }

  /// The hypotheses with their findings, those that failed first.
  public var findings: [Finding] {
    Finding.judged(hypotheses, arms: arms, measure: measure)
      .enumerated().sorted { ($0.element.verdict, $0.offset) < ($1.element.verdict, $1.offset) }
      .map(\.element)
  }

  /// Whether the measure is of the second half of a sequence of tasks, so that solved tasks and interquartile means are
  /// shown.
  var isSequence: Bool {
    measure.hasInterquartileMean
      && arms.contains { $0.trendBySeed.values.contains { $0.secondHalf.count > 1 } }
  }

  var figure: Figure {
    var names = arms.map(\.arm)
    for arm in panels.flatMap(\.arms) where !names.contains(arm) { names.append(arm) }
    return Figure(
      panels: panels, palette: Palette(arms: names, reference: reference),
      footnotes: protocolParagraphs)
  }

  /// The protocols of the runs, one paragraph per group of facts; where runs differ, with the runs of each.
  var protocolParagraphs: [String] {
    protocolFacts(\.paragraphs).map { fact, runs in
      runs.isEmpty ? fact : "\(fact) (\(runs.joined(separator: ", ")))"
    }
  }

  /// Lines of the protocols, sorted, each with its runs: none if it holds for all runs with a manifest.
  func protocolFacts(_ lines: (ProtocolManifest) -> [String]) -> [(line: String, runs: [String])] {
    var byLine: [String: [String]] = [:]
    let known = runs.filter { $0.manifest != nil }
    for run in known {
      for line in run.manifest.map(lines) ?? [] { byLine[line, default: []].append(run.id.text) }
    }
    return byLine.sorted { $0.key < $1.key }.map { line, runs in
      (line, runs.count == known.count ? [] : runs)
    }
  }
}
