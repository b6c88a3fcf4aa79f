import Foundation
public import RunStore
import Statistics

/// Options of a report from a store's runs; all have defaults.
public struct ReportOptions: Sendable {
  /// The headline; the default names the arms.
  public var title: String?
  /// The measure.
  public var measure = PrimaryMeasure()
  /// The reference arm.
  public var reference = "fresh"
  /// The metrics to draw, in order; those without a value are left out. ``standardMetrics`` and what the program adds
  /// unless set.
  public var metrics: [Metric] = standardMetrics + Metric.added.map(\.metric)
  /// Metrics that are drawn over updates, whatever the measure's axis.
  public var metricsAlongUpdates: [Metric] = []
  /// The title of the axis of tasks.
  public var taskAxisTitle = "label resets"
  /// What a task is called, in the singular.
  public var taskNoun = "task"
  /// The names of tasks, if they have names that all runs share.
  public var taskRow: TaskRow?
  /// Metrics of which the difference to the reference arm is drawn too, seed by seed.
  public var gapMetrics: [Metric] = []
  /// The key of the learning rate in a run's configuration, joined by dots.
  public var learningRateKey = "optimizer.learningRate"
  /// Notes on arms, such as `knows the task boundary`.
  public var armNotes: [String: String] = [:]
  /// The runs that know the task boundary by their settings, whatever the notes on their arms.
  public var runsThatKnowBoundaries: Set<StoreIdentifier> = []
  /// The order of arms, by the beginning of their names; others follow in the order of their first run.
  public var armOrder: [String] = ["plain", "norm", "project", "nap"]
  /// Arms with baseline methods: the base arm and the methods' names. With two methods or more a figure shows them on
  /// each base, and lines are drawn only for base arms.
  public var baselines: [String: (base: String, methods: String)] = [:]
  /// The hypotheses.
  public var hypotheses: [Hypothesis] = []
  /// The sweep's choices, drawn as a figure.
  public var tuned: [TunedSetting] = []
  /// Figures to add after the others.
  public var panels: [Panel] = []
  /// Commands that repeat the report, in addition to those of the runs.
  public var commands: [String] = []
  /// Remarks for the reader, one per paragraph.
  public var notes: [String] = []
  /// Whether runs of different protocols may be shown together; the differences are then a remark.
  public var mixesProtocols = false

  /// The learning rates that the weights feel, the panels of the paper's first figure, then the others.
  public static let standardMetrics: [Metric] =
    Metric.rates + [
      .taskEndLoss, .jacobianNorm, .parameterNorm, .taskEndAccuracy, .onlineAccuracy, .testAccuracy,
      .attentionEntropy, .deadUnits, .gradientNorm,
    ]

  /// The mark of an arm that knows task boundaries.
  public static let boundaryMark = "[knows the boundary]"

  /// The defaults.
  public init() {}
}

extension ReportInput {
  /// Makes a report from a store's runs.
  ///
  /// Finished runs are scored; the others are listed and drawn up to their end. Runs of one arm with different
  /// configurations get different names. Of repeated runs the latest finished one is shown. The reference arm is last.
  ///
  /// Throws ``DashboardError/nothingToShow(reason:)`` without a run or a measurement,
  /// ``DashboardError/mixedProtocols(differences:)`` unless the options allow it, and what reading the store throws.
  public init(store: Store, runs all: [Run], options: ReportOptions = ReportOptions()) throws {
    guard !all.isEmpty else { throw DashboardError.nothingToShow(reason: "no run was given") }
    let differences = ProtocolManifest.differences(among: all)
    guard differences.isEmpty || options.mixesProtocols else {
      throw DashboardError.mixedProtocols(differences: differences)
    }
    let measure = options.measure
    let labels = ArmLabels(all, learningRateKey: options.learningRateKey)
    let runs = labels.runs
    let label = { (run: Run) in labels.label[run.id] ?? run.arm }
    let names = ReportInput.order(runs.map(label), options)
    let arms = try names.map { name in
      try ReportInput.summarize(name, runs.filter { label($0) == name }, store, options)
    }
    let baselines = ReportInput.baselines(arms, options)
    let isLeftOut = { (run: Run) in baselines != nil && options.baselines[label(run)] != nil }
    var panels: [Panel] = baselines.map { [.baselines($0)] } ?? []
    for metric in options.metrics {
      let axis = options.metricsAlongUpdates.contains(metric) ? .update : measure.axis
      func readLines(_ runs: [Run]) throws -> [SeriesPanel.Line] {
        try runs.compactMap { run in
          let values = try store.values(SeriesKey(metric), of: run.id, along: axis)
          guard !values.isEmpty else { return nil }
          return SeriesPanel.Line(
            arm: label(run), seed: run.seed, values: values,
            isOver: axis == .update && run.status == .finished)
        }
      }
      let lines = try readLines(runs.filter { !isLeftOut($0) })
      // Over updates, a metric of task ends may have a single place, which makes no line.
      let isPoint = axis == .update && lines.allSatisfy { $0.values.count == 1 }
      guard !lines.isEmpty, !isPoint else { continue }
      var panel = SeriesPanel(
        metric, axis: axis, axisTitle: axis == .task ? options.taskAxisTitle : nil, lines: lines)
      panel.undrawnLines = try readLines(runs.filter(isLeftOut))
      panels.append(.series(panel))
      if options.gapMetrics.contains(metric), let gap = panel.gap(to: options.reference) {
        panels.append(.series(gap))
      }
    }
    if let row = options.taskRow {
      panels += try SeriesPanel.panels(
        of: row, store: store, runs: runs.filter { !isLeftOut($0) }, label: label
      ).map { .series($0) }
    }
    guard !panels.isEmpty || !options.panels.isEmpty else {
      throw DashboardError.nothingToShow(
        reason: "the runs have no measurement of \(Format.list(options.metrics.map(\.name)))")
    }
    let withoutScore = try ReportInput.withoutScore(runs, label: label, store, options)
    self.init(
      title: options.title ?? ReportInput.title(names, options.reference),
      kicker: ReportInput.kicker(runs), summary: "", measure: measure,
      reference: options.reference, arms: arms, hypotheses: options.hypotheses,
      panels: panels, runs: runs, commands: options.commands,
      notes: options.notes + labels.notes + withoutScore
        + (differences.isEmpty
          ? []
          : ["The runs have different protocols: \(Format.list(differences))."])
        + (baselines == nil
          ? []
          : [
            "Lines and differences are drawn only for arms without baseline methods. The table and the "
              + "figure of baseline methods have every arm, and a report to .csv every point."
          ]))
    summary = describe(length: try ReportInput.length(runs, panels, store, options))
    notes += growth
    // The figure of baseline methods shows their distances from the base, and the table each difference.
    let rows = comparison.rows.filter {
      baselines == nil || options.baselines[$0.outcome.arm] == nil
    }
    if rows.contains(where: { $0.difference?.differences.count ?? 0 > 0 }) {
      self.panels.append(
        .difference(
          DifferencePanel(
            title: "Difference to \(options.reference), seed by seed",
            valueTitle: measure.words, margin: measure.margin,
            higherIsBetter: measure.higherIsBetter, rows: rows)))
    }
    // A figure per key: settings of different kinds share no axis.
    let tuned = options.tuned.filter { baselines == nil || options.baselines[$0.arm] == nil }
    for key in Set(tuned.map(\.key)).sorted() {
      let settings = tuned.filter { $0.key == key }
      self.panels.append(
        .sweep(
          key == options.learningRateKey
            ? SweepPanel(settings: settings)
            : SweepPanel(title: "Choosing \(key)", axisTitle: key, settings: settings)))
    }
    self.panels += options.panels
  }

  /// The figure of baseline methods, if there are two or more combinations on base arms.
  private static func baselines(_ arms: [ArmSummary], _ options: ReportOptions) -> BaselinesPanel? {
    let rows = arms.map { arm in
      let baseline = options.baselines[arm.arm]
      return BaselinesPanel.Row(
        base: baseline?.base ?? arm.arm, methods: baseline?.methods ?? BaselinesPanel.noMethods,
        scoreBySeed: arm.trendBySeed.mapValues { options.measure.score($0) })
    }
    let bases = Set(rows.filter { $0.methods != BaselinesPanel.noMethods }.map(\.base))
    let panel = BaselinesPanel(
      valueTitle: options.measure.words, higherIsBetter: options.measure.higherIsBetter,
      rows: rows.filter { bases.contains($0.base) })
    return Set(panel.rows.map(\.methods)).count > 2 && !panel.spreads.isEmpty ? panel : nil
  }

  private static func order(_ arms: [String], _ options: ReportOptions) -> [String] {
    var names: [String] = []
    let rank = { (arm: String) in
      options.armOrder.lastIndex { arm.hasPrefix($0) } ?? options.armOrder.count
    }
    let sorted = arms.enumerated()
      .sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }
    for arm in sorted.map(\.element) where arm != options.reference && !names.contains(arm) {
      names.append(arm)
    }
    return names + (arms.contains(options.reference) ? [options.reference] : [])
  }

  private static func summarize(
    _ arm: String, _ runs: [Run], _ store: Store, _ options: ReportOptions
  ) throws -> ArmSummary {
    var trends: [Int: Trend] = [:]
    var unfinished: [Int: ArmSummary.Unfinished] = [:]
    for run in runs {
      let trend = try options.measure.trend(of: run.id, in: store)
      if run.status == .finished, let trend {
        trends[run.seed] = trend
      } else {
        let values = try options.measure.values(of: run.id, in: store)
        let isByTask = options.measure.axis == .task
        unfinished[run.seed] = ArmSummary.Unfinished(
          status: run.status, taskCount: isByTask ? values.count : values.keys.max() ?? 0)
      }
    }
    let rates = Set(runs.map { number(in: $0.configuration, at: options.learningRateKey) })
    return ArmSummary(
      arm: arm, note: note(arm, runs, options),
      learningRate: rates.count == 1 ? rates.first ?? nil : nil, trendBySeed: trends,
      unfinishedBySeed: unfinished.filter { trends[$0.key] == nil })
  }

  /// The note on an arm, also if its label tells it from others of its name.
  private static func note(_ label: String, _ runs: [Run], _ options: ReportOptions) -> String {
    let mark = ReportOptions.boundaryMark
    let note = options.armNotes[label] ?? runs.first.flatMap { options.armNotes[$0.arm] } ?? ""
    let isTold = runs.contains { options.runsThatKnowBoundaries.contains($0.id) }
    return !isTold || note.hasSuffix(mark) ? note : note.isEmpty ? mark : "\(note) \(mark)"
  }

  /// The number in a configuration under keys joined by dots.
  static func number(in configuration: String, at key: String) -> Double? {
    var value = try? JSONSerialization.jsonObject(with: Data(configuration.utf8))
    for part in key.split(separator: ".") {
      value = (value as? [String: Any])?[String(part)]
    }
    return (value as? NSNumber)?.doubleValue
  }

  private static func title(_ arms: [String], _ reference: String) -> String {
    let others = arms.filter { $0 != reference }
    guard !others.isEmpty else { return "How \(reference) learns, task after task" }
    return "Which arms keep learning: \(Format.list(others))"
  }

  private static func kicker(_ runs: [Run]) -> String {
    Set(runs.map { "\($0.recipe) · \($0.preset)" }).sorted().joined(separator: ", ")
  }

  /// The length of the longest run in words: tasks if the measure is by task, else updates.
  private static func length(
    _ runs: [Run], _ panels: [Panel], _ store: Store, _ options: ReportOptions
  ) throws -> String {
    guard options.measure.axis == .task else {
      let places = panels.flatMap { panel -> [Int] in
        guard case .series(let series) = panel, series.axis == .update else { return [] }
        return series.lines.flatMap { Array($0.values.keys) }
      }
      return Format.count(places.max() ?? 0, options.measure.axis.noun)
    }
    return Format.count(
      try runs.map { try store.taskCount(of: $0.id) }.max() ?? 0, options.taskNoun)
  }

  private func describe(length: String) -> String {
    let seeds = Set(arms.flatMap { Array($0.trendBySeed.keys) + Array($0.unfinishedBySeed.keys) })
    let scoreless = arms.flatMap(\.unfinishedBySeed.values)
    let unfinished = scoreless.count { $0.status != .finished }
    let silent = scoreless.count - unfinished
    let rates = arms.compactMap { arm in
      arm.learningRate.map { "\(arm.arm) \(Format.rate($0))" }
    }
    var sentences = [
      "\(Format.list(arms.map(\.arm))) over \(length) and "
        + "\(Format.count(seeds.count, "seed"))."
    ]
    if !data.isEmpty { sentences.append("Made from \(Format.list(data)).") }
    if !rates.isEmpty { sentences.append("Learning rates: \(Format.list(rates)).") }
    let isCompared = arms.count > 1 && arms.contains { $0.arm == reference }
    sentences.append(
      "The measure is \(measure.words)"
        + (isCompared ? "; each arm is compared with \(reference) seed by seed." : "."))
    if let words = solvedWords {
      sentences.append("A \(measure.axis.noun) counts as solved where its value is \(words).")
    }
    if seeds.count < Evidence.minimumSeedCount {
      sentences.append(
        "With fewer than \(Evidence.minimumSeedCount) seeds there are points but no intervals.")
    }
    sentences.append(
      unfinished == 0
        ? "Every run finished."
        : "\(Format.count(unfinished, "run")) of \(runs.count) did not finish and "
          + "\(unfinished == 1 ? "has" : "have") no score.")
    if silent > 0 {
      sentences.append(
        "\(Format.count(silent, "finished run")) \(silent == 1 ? "has" : "have") no value of the measure."
      )
    }
    return sentences.joined(separator: " ")
  }
}
