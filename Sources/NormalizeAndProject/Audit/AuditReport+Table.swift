import Foundation

extension AuditReport.Row {
  /// The group's names, joined.
  var label: String { names.joined(separator: " + ") }

  fileprivate var cells: [String] {
    [
      label, projected == names ? "yes" : projected.isEmpty ? "no" : "partly",
      verdict?.description ?? "not examined",
      verdict == nil ? "" : AuditReport.short(max(outputChange, gradientChange)),
      epsilonEffect.map(AuditReport.short) ?? "",
    ]
  }
}

extension AuditReport: CustomStringConvertible {
  /// The table and the summary.
  public var description: String { table + "\n" + summary }

  /// The rows in aligned columns of text; what to do stands below its row.
  ///
  /// `change` is the larger of the changes of outputs and gradients at ε = 0.
  public var table: String {
    let header = ["scale group", "projected", "verdict", "change", "with own epsilon"]
    let lines = rows.map(\.cells)
    let widths = header.indices.map { column in
      ([header] + lines).map { $0[column].count }.max() ?? 0
    }
    func aligned(_ cells: [String]) -> String {
      let padded = zip(cells, widths).map { cell, width in
        cell + String(repeating: " ", count: width - cell.count)
      }
      return String(padded.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
    }
    let rule = widths.map { String(repeating: "-", count: $0) }.joined(separator: "  ")
    var text = [aligned(header), rule]
    for (row, cells) in zip(rows, lines) {
      text.append(aligned(cells))
      if let advice = row.advice { text.append("    " + advice) }
    }
    return text.joined(separator: "\n")
  }

  /// A number in two digits.
  static func short(_ value: Double) -> String {
    value == 0 ? "0" : String(format: "%.1e", value)
  }
}
