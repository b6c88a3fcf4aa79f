import RunStore
import Statistics

/// The table of a comparison: one row per arm, the same for the terminal and the page.
struct ArmTable {
  let columns: [TextTable.Column]
  let rows: [[String]]

  init(_ input: ReportInput) {
    let comparison = input.comparison
    let reference = comparison.reference ?? input.reference
    // A single arm is compared with none.
    let hasDifferences = comparison.rows.contains { $0.difference != nil }
    let parts =
      (input.isSequence
      ? Part.ofSequence(input, reference: reference)
      : Part.ofTasks(input.measure, reference: reference))
      .filter { hasDifferences || !$0.isOfReference }
    columns = parts.map(\.column)
    rows = zip(input.arms, comparison.rows).enumerated().map { index, pair in
      parts.map { $0.cell(Row(index: index, arm: pair.0, compared: pair.1)) }
    }
  }

  /// One arm with its results.
  private struct Row {
    let index: Int
    let arm: ArmSummary
    let compared: ArmComparison.Row

    /// A part of the trend, mean over the seeds that finished.
    func number(_ part: (Trend) -> Double) -> String {
      let mean = arm.sample(part).mean
      return mean.isNaN ? Format.none : Format.fixed(mean)
    }
  }

  /// A column with its cells.
  private struct Part {
    let column: TextTable.Column
    /// Whether it compares an arm with the reference.
    let isOfReference: Bool
    let cell: (Row) -> String

    init(
      _ title: String, _ alignment: TextTable.Alignment = .right, isOfReference: Bool = false,
      _ cell: @escaping (Row) -> String
    ) {
      column = TextTable.Column(title, alignment)
      self.isOfReference = isOfReference
      self.cell = cell
    }

    private static var first: [Part] {
      [
        Part("arm", .left) { $0.arm.arm },
        Part("learning rate") { Format.rate($0.arm.learningRate) },
        Part("seeds") { row in
          let planned = row.arm.trendBySeed.count + row.arm.unfinishedBySeed.count
          return row.arm.unfinishedBySeed.isEmpty
            ? "\(planned)" : "\(row.arm.trendBySeed.count) of \(planned)"
        },
      ]
    }

    /// The measure, and its comparison with the reference.
    private static func judged(_ measure: PrimaryMeasure, reference: String) -> [Part] {
      [
        Part("mean (\(measure.higherIsBetter ? "higher" : "lower") is better)") { row in
          row.number { measure.score($0) }
        },
        Part("− \(reference)", isOfReference: true) {
          Format.signed(ArmTable.difference($0.compared)?.mean)
        },
        Part("95 % interval", isOfReference: true) { row in
          ArmTable.difference(row.compared)?.interval.map {
            "\(Format.signed($0.lower)) to \(Format.signed($0.upper))"
          } ?? Format.none
        },
        Part("Holm p", isOfReference: true) { Format.probability($0.compared.adjustedP) },
        Part("verdict", .left, isOfReference: true) { ArmTable.verdict($0.compared) },
      ]
    }

    /// The trend of the measure over tasks.
    static func ofTasks(_ measure: PrimaryMeasure, reference: String) -> [Part] {
      first + [
        Part("first fifth") { $0.number(\.firstFifth) },
        Part("last fifth") { $0.number(\.lastFifth) },
        Part("slope /100 \(measure.axis.noun)s") { slope($0.arm) },
      ] + judged(measure, reference: reference)
    }

    /// The first and second half of a sequence, the number of solved tasks, and the interquartile mean last.
    static func ofSequence(_ input: ReportInput, reference: String) -> [Part] {
      let measure = input.measure
      let other = input.comparison(by: .interquartileMean).rows
      var parts = first + [Part("first half") { $0.number(\.firstHalf) }]
      parts += judged(measure, reference: reference)
      if let words = input.solvedWords {
        parts.append(
          Part("solved (\(words))") { row in
            row.arm.solved(measure).map { "\($0.count) of \($0.of)" } ?? Format.none
          })
      }
      return parts + [
        Part("interquartile mean") { row in
          row.number { measure.score($0, by: .interquartileMean) }
        },
        Part("its − \(reference)", isOfReference: true) {
          Format.signed(ArmTable.difference(other[$0.index])?.mean)
        },
        Part("its verdict", .left, isOfReference: true) { ArmTable.verdict(other[$0.index]) },
      ]
    }

    private static func slope(_ arm: ArmSummary) -> String {
      let slopes = arm.sample { $0.slope * 100 }
      // A single task has no slope.
      guard !slopes.mean.isNaN else { return Format.none }
      let text = Format.signed(slopes.mean, places: 4)
      return Evidence.interval(of: slopes).map {
        text + " ± \(Format.fixed($0.upper - slopes.mean, places: 4))"
      } ?? text
    }
  }

  /// The difference to the reference, if a seed has one.
  private static func difference(_ row: ArmComparison.Row) -> PairedDifference? {
    row.difference.flatMap { $0.differences.count > 0 ? $0 : nil }
  }

  /// The verdict on an arm compared with the reference, with its corrected p.
  static func verdict(_ row: ArmComparison.Row) -> String {
    let word =
      switch row.nonInferiority {
      case nil: "reference"
      case .noHarm: "no harm"
      case .harm: "harm"
      case .undecided: "undecided"
      case .tooFewSeeds: "too few seeds"
      }
    return row.nonInferiorityP.map { "\(word), p \(Format.probability($0))" } ?? word
  }
}

extension ReportInput {
  /// The report for the terminal: unfinished runs, findings, the table, remarks and protocols.
  public var terminalText: String {
    var parts: [String] = []
    let unfinished = unfinishedLines
    if !unfinished.isEmpty {
      parts.append("\(unfinishedTitle):\n" + unfinished.map { "  \($0)\n" }.joined())
    }
    let findings = findings.map { "  \($0.verdict.words): \($0.statement)\n" }
    if !findings.isEmpty { parts.append("\(findingsTitle):\n" + findings.joined()) }
    let table = ArmTable(self)
    parts.append(TextTable(table.columns, rows: table.rows).text)
    parts.append("Measure: \(measure.words).\n")
    let remarks = disagreements + notes
    if !remarks.isEmpty { parts.append("Remarks:\n" + remarks.map { "  \($0)\n" }.joined()) }
    let protocols = protocolParagraphs.map { "  \($0)\n" }
    if !protocols.isEmpty { parts.append("Measured in:\n" + protocols.joined()) }
    return parts.joined(separator: "\n")
  }

  /// The title of the findings, with the source of the claims.
  var findingsTitle: String {
    hypotheses.contains { $0.source.hasPrefix("the paper") }
      ? "The paper's claims, checked" : "Claims, checked"
  }

  /// The title of the runs without a score.
  var unfinishedTitle: String {
    let all = arms.flatMap(\.unfinishedBySeed.values)
    let finished = all.count { $0.status == .finished }
    return finished == 0
      ? "Did not finish"
      : finished == all.count ? "Without a score" : "Did not finish, or have no score"
  }

  /// The runs without a score, one per line.
  var unfinishedLines: [String] {
    arms.flatMap { arm in
      arm.unfinishedBySeed.sorted { $0.key < $1.key }.map { seed, run in
        run.status == .finished
          ? "\(arm.arm), seed \(seed): finished, and nothing that counts has a value of the measure"
          : "\(arm.arm), seed \(seed): \(run.status), after \(Format.count(run.taskCount, measure.axis.noun))"
      }
    }
  }
}
