/// A table for the terminal: aligned columns under a rule.
public struct TextTable: Hashable, Sendable {
  /// Which side a column's cells keep to.
  public enum Alignment: Hashable, Sendable { case left, right }

  /// A column's head.
  public struct Column: Hashable, Sendable {
    /// The words above the column.
    public var title: String
    /// Which side its cells keep to.
    public var alignment: Alignment

    /// Describes a column; numbers keep right.
    public init(_ title: String, _ alignment: Alignment = .right) {
      self.title = title
      self.alignment = alignment
    }
  }

  /// The columns.
  public var columns: [Column]
  /// The cells, a row per element; missing cells are empty, surplus ones are dropped.
  public var rows: [[String]]

  /// Puts a table together.
  public init(_ columns: [Column], rows: [[String]]) {
    self.columns = columns
    self.rows = rows
  }

  /// The table as lines of text, without trailing blanks. A column all of whose cells are empty is
  /// left out.
  public var text: String {
    let shown = columns.indices.filter { index in
      rows.isEmpty || rows.contains { $0.indices.contains(index) && !$0[index].isEmpty }
    }
    let widths = shown.map { index in
      max(
        columns[index].title.count,
        rows.map { $0.indices.contains(index) ? $0[index].count : 0 }.max() ?? 0)
    }
    func line(_ cell: (Int) -> String) -> String {
      var line = ""
      for (position, index) in shown.enumerated() {
        let text = cell(index)
        let blanks = String(repeating: " ", count: widths[position] - text.count)
        if position > 0 { line += "  " }
        line += columns[index].alignment == .left ? text + blanks : blanks + text
      }
      while line.last == " " { line.removeLast() }
      return line
    }
    let rule = String(repeating: "─", count: widths.reduce(0, +) + 2 * max(0, shown.count - 1))
    let head = line { columns[$0].title }
    let body = rows.map { row in line { row.indices.contains($0) ? row[$0] : "" } }
    return ([head, rule] + body).joined(separator: "\n") + "\n"
  }
}
