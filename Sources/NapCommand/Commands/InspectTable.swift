import Dashboard
import Foundation
import OrderedCollections
import Plasticity
import RunStore

/// Inspected files as text and as a figure.
enum InspectTable {
  /// One row per tensor and file.
  static func text(_ inspection: FileInspection) -> String {
    let hasRate = inspection.learningRate != nil
    let isSeveral = inspection.paths.count > 1
    var reasons: [String] = []
    let rows = inspection.tensors.flatMap { tensor in
      tensor.states.enumerated().map { index, state -> [String] in
        let file = isSeveral ? "\(index + 1)" : ""
        guard let state else { return [tensor.name, file, "missing"] }
        func cell(_ outcome: DiagnosticOutcome?, _ what: String) -> String {
          guard let outcome else { return "" }
          if let number = outcome.number { return String(format: "%.5g", number) }
          if let reason = outcome.reason {
            let remedy: String
            if case .notConverged = reason {
              let side = tensor.states.compactMap { $0 }.map(smallerSide).max() ?? 0
              remedy =
                "; --rank-limit \(side) computes it from all singular values, in side^3 operations"
            } else {
              remedy = ""
            }
            let place = isSeveral ? " in file \(file)" : ""
            reasons.append("  \(what) of \(tensor.name)\(place): \(reason)\(remedy)\n")
          }
          return "–"
        }
        return [
          tensor.name, file, elements(state),
          cell(state.norm, "norm"), cell(state.drift, "drift"),
          cell(state.relativeDrift, "relative drift"),
          hasRate ? cell(state.gradientDescentRate, "SGD rate") : "",
          hasRate ? cell(state.scaleFreeRate, "Adam rate") : "",
          cell(state.step?.realisedRate, "realised rate"),
          isSeveral ? cell(state.relativeGradientDescentRate, "SGD rate by the first") : "",
          isSeveral ? cell(state.relativeScaleFreeRate, "Adam rate by the first") : "",
          cell(state.stableRank, "stable rank"), cell(state.effectiveRank, "effective rank"),
        ]
      }
    }
    let table = TextTable(
      [
        .init("tensor", .left), .init("file"), .init("elements", .left), .init("norm"),
        .init("drift"), .init("drift/norm"), .init("SGD rate"), .init("Adam rate"),
        .init("realised rate"),
        .init("SGD x first"), .init("Adam x first"), .init("stable rank"), .init("effective rank"),
      ], rows: rows
    ).text
    let files =
      isSeveral
      ? "\nFiles:\n"
        + inspection.paths.enumerated().map { index, path in
          let step = inspection.steps.map { "step \($0[index])  " } ?? ""
          return "  \(index + 1)  \(step)\(path)\n"
        }.joined() : ""
    // All columns of a tensor without a norm have the same reason.
    let notes = OrderedSet(reasons).elements
    return table + files
      + (notes.isEmpty ? "" : "\nWithout a value:\n" + notes.joined())
  }

  /// Norm, drift, effective rate and stable rank of the largest matrices over the files.
  static func figure(_ inspection: FileInspection) -> ReportInput {
    let largest = inspection.tensors.filter { tensor in
      tensor.states.compactMap { $0 }.contains { $0.stableRank != nil }
    }.sorted { size($0) > size($1) }.prefix(6)
    let shown = inspection.tensors.filter { tensor in largest.contains { $0.name == tensor.name } }
    func panel(
      _ metric: Metric, _ title: String,
      _ value: (FileInspection.TensorState) -> DiagnosticOutcome?
    ) -> Panel? {
      let lines = shown.compactMap { tensor -> SeriesPanel.Line? in
        let values = tensor.states.enumerated().compactMap { index, state -> (Int, Double)? in
          state.flatMap(value).map { (inspection.steps?[index] ?? index + 1, $0.number ?? .nan) }
        }
        guard values.contains(where: { $0.1.isFinite }) else { return nil }
        return SeriesPanel.Line(
          arm: tensor.name, seed: 0, values: Dictionary(values, uniquingKeysWith: { $1 }))
      }
      guard !lines.isEmpty else { return nil }
      var panel = SeriesPanel(
        metric, title: title, axis: .update, axisTitle: inspection.steps == nil ? "file" : "step",
        lines: lines)
      panel.lineNoun = "tensor"
      return .series(panel)
    }
    let hidden = inspection.tensors.count - shown.count
    return ReportInput(
      title: "Norms of \(count(inspection.paths.count))",
      summary: "The largest matrices; \(hidden) other tensors are in the table.",
      arms: [],
      panels: [
        panel(.parameterNorm, "Norm") { $0.norm },
        panel("inspected_drift", "Drift to the file before") { $0.drift },
        panel("inspected_rate", "Effective rate under Adam, by the first file") {
          $0.relativeScaleFreeRate
        },
        panel(.stableRank, "Stable rank") { $0.stableRank },
      ].compactMap { $0 })
  }

  private static func elements(_ state: FileInspection.TensorState) -> String {
    "\(state.dtype) \(state.shape.map(String.init).joined(separator: "x"))"
  }

  /// The smaller side of the matrix whose rank is taken: axis 0 by all other axes.
  private static func smallerSide(_ state: FileInspection.TensorState) -> Int {
    min(state.shape.first ?? 0, state.shape.dropFirst().reduce(1, *))
  }

  private static func count(_ count: Int) -> String { count == 1 ? "1 file" : "\(count) files" }

  private static func size(_ tensor: FileInspection.TensorHistory) -> Int {
    tensor.states.compactMap { $0?.shape.reduce(1, *) }.max() ?? 0
  }
}
