import Dashboard
import Experiments
import Foundation
import Plasticity
import RunStore

/// A diagnosis as text and as a page.
enum DiagnosisPage {
  static func text(_ diagnosis: Diagnosis) -> String {
    var parts = [diagnosis.verdict + "\n", weights(diagnosis)]
    if diagnosis.files.count > 1, let steps = diagnosis.steps {
      parts.append(
        "Checkpoints at the steps \(steps.map(Diagnosis.grouped).joined(separator: ", ")).\n")
    }
    let units = units(diagnosis)
    if !units.isEmpty { parts.append(units) }
    parts.append(remarks(diagnosis).map { "\($0)\n" }.joined())
    if diagnosis.asksForSchedule, let python = diagnosis.course?.python {
      parts.append(
        "The schedule that makes up for the growth of norms (--schedule FILE.py writes it):\n\n"
          + python)
    }
    return parts.joined(separator: "\n")
  }

  private static func remarks(_ diagnosis: Diagnosis) -> [String] {
    let reasons = Set(diagnosis.weights.flatMap { $0.points.compactMap { $0?.reason } }).sorted()
    let optimizer = diagnosis.optimizer
    return ["Rates: \(optimizer)."] + reasons.map { "No rate is declared for some weights: \($0)." }
      + diagnosis.notes
  }

  /// First and last checkpoint of each weight.
  private static func weights(_ diagnosis: Diagnosis) -> String {
    let isCourse = diagnosis.files.count > 1
    let knowsRate = diagnosis.weights.contains { $0.points.contains { $0?.learningRate != nil } }
    func number(_ value: Double?) -> String { value.map { String(format: "%.4g", $0) } ?? "–" }
    let rows = diagnosis.weights.map { weight -> [String] in
      let (first, last) = (weight.points.first ?? nil, weight.points.last ?? nil)
      func change(_ part: (Diagnosis.Point) -> Double?) -> String {
        guard isCourse, let first = first.flatMap(part), let last = last.flatMap(part), first > 0
        else { return "" }
        return "x \(number(last / first))"
      }
      return [
        weight.name, weight.shape.map(String.init).joined(separator: "x"),
        weight.isHidden ? "" : "output",
        weight.invariance.words, number(first?.norm), isCourse ? number(last?.norm) : "",
        change(\.norm),
        knowsRate ? number(first?.declared) : "",
        knowsRate && isCourse ? number(last?.declared) : "",
        change(\.declared),
        last?.realised == nil ? "" : number(first?.realised),
        last?.realised == nil || !isCourse ? "" : number(last?.realised),
      ]
    }
    return TextTable(
      [
        .init("weight", .left), .init("shape", .left), .init("", .left),
        .init("scale-invariant", .left),
        .init("norm"), .init("at the end"), .init("change"), .init("effective rate"),
        .init("at the end"),
        .init("change"), .init("realised rate"), .init("at the end"),
      ], rows: rows
    ).text
  }

  private static func units(_ diagnosis: Diagnosis) -> String {
    let metrics = [Metric.deadUnits, .dormantUnits, .effectiveRank, .stableRank]
    guard !diagnosis.measurements.isEmpty else { return "" }
    return TextTable(
      [.init("checkpoint", .left)] + metrics.map { .init($0.title) },
      rows: diagnosis.measurements.map { measurement in
        [MeasureTable.label(measurement)]
          + metrics.map { MeasureTable.number(measurement.outcome($0.name)) }
      }
    ).text
  }

  static func input(_ diagnosis: Diagnosis) -> ReportInput {
    func place(_ index: Int) -> Int { diagnosis.steps?[index] ?? index + 1 }
    let shown = diagnosis.weights.filter(\.isHidden).sorted { size($0) > size($1) }.prefix(8)
    func panel(_ metric: Metric, _ title: String, _ value: (Diagnosis.Point) -> Double?) -> Panel? {
      let lines = diagnosis.weights.filter { weight in shown.contains { $0.name == weight.name } }
        .compactMap { weight -> SeriesPanel.Line? in
          let values = weight.points.enumerated().compactMap { index, point in
            point.flatMap(value).map { (place(index), $0) }
          }
          guard !values.isEmpty else { return nil }
          return .init(
            arm: weight.name, seed: 0, values: Dictionary(values, uniquingKeysWith: { $1 }))
        }
      guard !lines.isEmpty else { return nil }
      var panel = SeriesPanel(
        metric, title: title, axis: .update,
        axisTitle: diagnosis.steps == nil ? "checkpoint" : "step", lines: lines)
      panel.lineNoun = "weight"
      return .series(panel)
    }
    let units = [Metric.deadUnits, .effectiveRank].compactMap { metric -> Panel? in
      let values = diagnosis.measurements.enumerated().compactMap { index, measurement in
        measurement.outcome(metric.name)?.number.map { (place(index), $0) }
      }
      guard !values.isEmpty else { return nil }
      var panel = SeriesPanel(
        metric, axis: .update, axisTitle: diagnosis.steps == nil ? "checkpoint" : "step",
        lines: [
          .init(arm: "network", seed: 0, values: Dictionary(values, uniquingKeysWith: { $1 }))
        ])
      panel.lineNoun = "network"
      return .series(panel)
    }
    var input = ReportInput(
      title: "What happened to these weights", kicker: "\(diagnosis.files.count) checkpoints",
      summary: diagnosis.verdict, arms: [],
      panels: [
        panel(.parameterNorm, "Norm", \.norm),
        panel("effective_learning_rate", "Effective rate, by its regime", \.declared),
        panel(
          "realised_effective_learning_rate", "Realised rate, of the optimizer's state", \.realised),
      ].compactMap { $0 } + units, notes: remarks(diagnosis))
    input.listings = [
      ("Weights", weights(diagnosis)), ("Units and ranks", DiagnosisPage.units(diagnosis)),
    ]
    .filter { !$0.1.isEmpty }
    if diagnosis.asksForSchedule, let python = diagnosis.course?.python {
      input.listings.append(
        ("A schedule that makes up for the growth of norms: PyTorch and optax", python))
    }
    input.listings.append(("Files", diagnosis.files.joined(separator: "\n")))
    return input
  }

  private static func size(_ weight: Diagnosis.Weight) -> Int { weight.shape.reduce(1, *) }
}
