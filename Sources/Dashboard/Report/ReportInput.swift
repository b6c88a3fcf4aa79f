public import RunStore
import Statistics

/// Everything that a report shows, as plain values: put together by a caller, or from a store by
/// ``init(store:runs:options:)``.
public struct ReportInput: Sendable {
  /// The headline.
  public var title: String
  /// The line above it, such as `random-labels · short`.
  public var kicker: String
  /// One paragraph: what was compared, and how.
  public var summary: String
  /// The number each run is judged by.
  public var measure: PrimaryMeasure
  /// The arm that the others are measured against.
  public var reference: String
  /// What each arm gave, in the order shown.
  public var arms: [ArmSummary]
  /// What was expected.
  public var hypotheses: [Hypothesis]
  /// The figures, in the order shown.
  public var panels: [Panel]
  /// The runs, for commands, configuration and provenance.
  public var runs: [Run]
  /// Commands that make all of this again, besides those of the runs.
  public var commands: [String]
  /// Remarks for the reader, a paragraph each.
  public var notes: [String]

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

  /// The arms beside the reference.
  public var comparison: ArmComparison { comparison(by: .mean) }

  /// The arms beside the reference, with the tasks of a run averaged in one way.
  func comparison(by average: TaskAverage) -> ArmComparison {
    ArmComparison(
      arms.map { $0.outcome(measure, by: average) }, reference: reference, margin: measure.margin,
      higherIsBetter: measure.higherIsBetter, by: average)
  }

  /// The hypotheses beside what was found, those that failed first.
  public var findings: [Finding] {
    Finding.judged(hypotheses, arms: arms, measure: measure)
      .enumerated().sorted { ($0.element.verdict, $0.offset) < ($1.element.verdict, $1.offset) }
      .map(\.element)
  }

  /// Whether runs go through a sequence of tasks whose second half is judged, so that solved tasks and interquartile means say
  /// something.
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

  /// What the runs were measured in, a group of facts each; where runs differ, with those that it holds for.
  var protocolParagraphs: [String] {
    protocolFacts(\.paragraphs).map { fact, runs in
      runs.isEmpty ? fact : "\(fact) (\(runs.joined(separator: ", ")))"
    }
  }

  /// Lines about what the runs were measured in, sorted, each with the runs that it holds for: none where it holds for all that have
  /// a manifest.
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
