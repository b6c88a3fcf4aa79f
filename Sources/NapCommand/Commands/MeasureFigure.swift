import Dashboard
import Experiments
import Plasticity
import RunStore

/// Measurements of checkpoints as a figure over updates: the probe, then diagnostics.
enum MeasureFigure {
  private static let drawn: [Metric] = [
    .deadUnits, .dormantUnits, .effectiveRank, .parameterNorm, .weightDrift, .jacobianNorm,
    .tangentKernelRank, .sharpness, .gradientCosine,
  ]

  static func input(_ results: [CheckpointMeasurement]) -> ReportInput {
    let first = results.first?.identity
    let subject = first.map { "\($0.recipe), \($0.arm), seed \($0.seed)" } ?? "checkpoints"
    let isProbed = results.contains { !$0.fits.isEmpty }
    return ReportInput(
      title: "Plasticity along training", kicker: subject,
      summary: !isProbed
        ? "Diagnostics of each checkpoint's network."
        : "Each checkpoint's network and fresh networks of the same design are trained on the "
          + "same random tasks for a fixed budget. Plasticity is the loss of guessing minus the loss "
          + "afterwards.",
      reference: "fresh", arms: [], panels: panels(results))
  }

  private static func panels(_ results: [CheckpointMeasurement]) -> [Panel] {
    let probes = FreshTaskProbe.Battery.allCases.compactMap { battery -> Panel? in
      let lines =
        lines("checkpoint", battery, results, \.fits)
        + lines("fresh", battery, results, \.freshFits)
      guard !lines.isEmpty else { return nil }
      var panel = SeriesPanel(
        "plasticity", title: "Plasticity: \(battery.rawValue)", axis: .update, lines: lines)
      panel.lineNoun = "task"
      return .series(panel)
    }
    let diagnostics = drawn.compactMap { metric -> Panel? in
      let values = results.enumerated().compactMap { index, result in
        result.outcome(metric.name).map { (result.updates ?? index + 1, $0.number ?? .nan) }
      }
      guard values.contains(where: { $0.1.isFinite }) else { return nil }
      var panel = SeriesPanel(
        metric, axis: .update,
        lines: [
          .init(
            arm: "checkpoint", seed: 0,
            values: Dictionary(values, uniquingKeysWith: { _, last in last }))
        ])
      panel.lineNoun = "run"
      return .series(panel)
    }
    return probes + diagnostics
  }

  /// One line per draw.
  private static func lines(
    _ arm: String, _ battery: FreshTaskProbe.Battery, _ results: [CheckpointMeasurement],
    _ fits: KeyPath<CheckpointMeasurement, [FreshTaskProbe.Fit]>
  ) -> [SeriesPanel.Line] {
    var byDraw: [Int: [Int: Double]] = [:]
    for (index, result) in results.enumerated() {
      for fit in result[keyPath: fits] where fit.battery == battery {
        byDraw[fit.draw, default: [:]][result.updates ?? index + 1] = fit.plasticity.number ?? .nan
      }
    }
    return byDraw.sorted { $0.key < $1.key }.map {
      SeriesPanel.Line(arm: arm, seed: $0.key, values: $0.value)
    }
  }
}
