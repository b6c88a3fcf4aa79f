import RunStore

/// The table of a comparison: one row an arm, the same for the terminal and the page.
struct ArmTable {
  let columns: [TextTable.Column]
  let rows: [[String]]

  init(_ input: ReportInput) {
    let comparison = input.comparison
    let reference = comparison.reference ?? input.reference
    let better = input.measure.higherIsBetter ? "higher is better" : "lower is better"
    columns = [
      .init("arm", .left), .init("learning rate"), .init("seeds"), .init("first fifth"),
      .init("last fifth"), .init("slope /100 \(input.measure.axis.noun)s"),
      .init("mean (\(better))"),
      .init("− \(reference)"), .init("95 % interval"), .init("Holm p"), .init("verdict", .left),
    ]
    rows = zip(input.arms, comparison.rows).map { arm, row in
      ArmTable.cells(arm, row, input.measure)
    }
  }

  private static func cells(
    _ arm: ArmSummary, _ row: ArmComparison.Row, _ measure: PrimaryMeasure
  ) -> [String] {
    let planned = arm.trendBySeed.count + arm.unfinishedBySeed.count
    let seeds =
      arm.unfinishedBySeed.isEmpty ? "\(planned)" : "\(arm.trendBySeed.count) of \(planned)"
    let number = { (part: (Trend) -> Double) -> String in
      arm.trendBySeed.isEmpty ? Format.none : Format.fixed(arm.sample(part).mean)
    }
    let difference = row.difference.flatMap { $0.differences.count > 0 ? $0 : nil }
    let interval = difference?.interval.map {
      "\(Format.signed($0.lower)) to \(Format.signed($0.upper))"
    }
    let slopes = arm.sample { $0.slope * 100 }
    // A single task has no slope.
    var slope = slopes.mean.isNaN ? Format.none : Format.signed(slopes.mean, places: 4)
    if !slopes.mean.isNaN, let interval = Evidence.interval(of: slopes) {
      slope += " ± \(Format.fixed(interval.upper - slopes.mean, places: 4))"
    }
    return [
      arm.arm, Format.rate(arm.learningRate), seeds, number(\.firstFifth), number(\.lastFifth),
      slope, number(measure.score), Format.signed(difference?.mean), interval ?? Format.none,
      Format.probability(row.adjustedP), verdict(row),
    ]
  }

  private static func verdict(_ row: ArmComparison.Row) -> String {
    switch row.nonInferiority {
    case nil: "reference"
    case .noHarm: "no harm"
    case .harm: "harm"
    case .undecided: "undecided"
    case .tooFewSeeds: row.difference == nil ? Format.none : "too few seeds"
    }
  }
}

extension ReportInput {
  /// The report for the terminal: what did not finish, the findings that failed, the table, remarks, and what it was measured in.
  public var terminalText: String {
    var parts: [String] = []
    let unfinished = unfinishedLines
    if !unfinished.isEmpty {
      parts.append("\(unfinishedTitle):\n" + unfinished.map { "  \($0)\n" }.joined())
    }
    let findings = findings.map { "  \($0.verdict.words): \($0.statement)\n" }
    if !findings.isEmpty { parts.append("Findings:\n" + findings.joined()) }
    let table = ArmTable(self)
    parts.append(TextTable(table.columns, rows: table.rows).text)
    parts.append("Measure: \(measure.words).\n")
    if !notes.isEmpty { parts.append("Remarks:\n" + notes.map { "  \($0)\n" }.joined()) }
    let protocols = protocolParagraphs.map { "  \($0)\n" }
    if !protocols.isEmpty { parts.append("Measured in:\n" + protocols.joined()) }
    return parts.joined(separator: "\n")
  }

  /// What runs without a score have in common.
  var unfinishedTitle: String {
    let all = arms.flatMap(\.unfinishedBySeed.values)
    let finished = all.count { $0.status == .finished }
    return finished == 0
      ? "Did not finish"
      : finished == all.count ? "Without a score" : "Did not finish, or have no score"
  }

  /// The runs without a score, a line each.
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
