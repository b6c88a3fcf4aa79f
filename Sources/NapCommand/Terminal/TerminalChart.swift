import Foundation

/// Curves in braille dots, two a column and four a line, with the ends of both axes.
struct TerminalChart {
  /// The points of each curve, by place on the horizontal axis.
  var curves: [[(x: Double, y: Double)]]
  /// Whether the vertical axis is logarithmic, where every value is above zero.
  var isLogarithmic = false
  /// Columns and lines, axes included.
  var size: (columns: Int, lines: Int)

  /// The colours of curves in turn: numbers of ANSI's foreground colours.
  static let colours = [36, 33, 35, 32, 31, 34]

  /// The chart, a text a line; every curve in its colour where `isColoured`.
  func lines(isColoured: Bool) -> [String] {
    let finite = curves.map { $0.filter { $0.x.isFinite && $0.y.isFinite } }
    let all = finite.flatMap { $0 }
    guard let first = all.first else { return ["no value yet"] }
    let isLogarithmic = isLogarithmic && all.allSatisfy { $0.y > 0 }
    let scaled = { (y: Double) in isLogarithmic ? log10(y) : y }
    var (low, high) = (first.y, first.y)
    var (left, right) = (first.x, first.x)
    for point in all {
      (low, high) = (min(low, point.y), max(high, point.y))
      (left, right) = (min(left, point.x), max(right, point.x))
    }
    let labels = [high, low].map { String(format: "%.4g", $0) }
    let margin = labels.map(\.count).max() ?? 0
    let (columns, rows) = (max(4, size.columns - margin - 1), max(2, size.lines - 1))
    var cells = Array(repeating: (dots: UInt32(0), curve: 0), count: columns * rows)
    func place(_ value: Double, _ from: Double, _ to: Double, _ count: Int) -> Int {
      to > from ? Int(((value - from) / (to - from) * Double(count - 1)).rounded()) : 0
    }
    for (curve, points) in finite.enumerated() {
      for point in points {
        let x = place(point.x, left, right, 2 * columns)
        let y = 4 * rows - 1 - place(scaled(point.y), scaled(low), scaled(high), 4 * rows)
        let cell = (y / 4) * columns + x / 2
        cells[cell] = (cells[cell].dots | Self.dot(x % 2, y % 4), curve)
      }
    }
    var lines = (0..<rows).map { row -> String in
      let label = row == 0 ? labels[0] : row == rows - 1 ? labels[1] : ""
      return String(repeating: " ", count: margin - label.count) + label + "│"
        + (0..<columns).map { column in
          let cell = cells[row * columns + column]
          guard cell.dots > 0, let mark = Unicode.Scalar(0x2800 + cell.dots) else { return " " }
          let colour = Self.colours[cell.curve % Self.colours.count]
          return isColoured ? "\u{1B}[\(colour)m\(mark)\u{1B}[0m" : String(mark)
        }.joined()
    }
    let ends = [left, right].map { String(format: "%.0f", $0) }
    let gap = max(1, columns - ends[0].count - ends[1].count)
    lines.append(
      String(repeating: " ", count: margin + 1) + ends[0] + String(repeating: " ", count: gap)
        + ends[1])
    return lines
  }

  /// The bit of a braille character, as Unicode's block U+2800 numbers them.
  private static func dot(_ column: Int, _ row: Int) -> UInt32 {
    row == 3 ? 0x40 << UInt32(column) : 1 << UInt32(row + 3 * column)
  }
}
