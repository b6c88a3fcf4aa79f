import Foundation

/// A progress bar with rate and time left on a terminal, plain lines elsewhere.
struct Progress {
  /// How the command reports.
  enum Style {
    case bar, lines, silent
  }

  private let style: Style
  private let unit: String
  private let started = ContinuousClock.now
  private let startedAt: Int
  private var shown: ContinuousClock.Instant?

  /// Progress of work counted in `unit`, of which `startedAt` units were done before.
  init(_ style: Style, unit: String, startedAt: Int = 0) {
    self.style = style
    self.unit = unit
    self.startedAt = startedAt
  }

  /// The style for this standard error.
  static var automatic: Style { Console.takesEscapes ? .bar : .lines }

  /// Whether enough time has passed to show progress again.
  var isDue: Bool {
    guard style != .silent, let shown else { return style != .silent }
    return ContinuousClock.now - shown >= (style == .bar ? .milliseconds(100) : .seconds(10))
  }

  /// Shows `done` of `total` with a note, when it is due.
  mutating func show(_ done: Int, of total: Int, _ note: String = "", now: Bool = false) {
    guard style != .silent, now || isDue else { return }
    let share = total > 0 ? Double(done) / Double(total) : 1
    let seconds = max((ContinuousClock.now - started) / .seconds(1), 1e-9)
    let rate = Double(done - startedAt) / seconds
    // Before the first unit is done, rate and time left are unknown.
    let figures =
      rate > 0
      ? "\(Self.rate(rate)) \(unit)/s  \(Self.duration(Double(total - done) / rate)) left"
      : "--:-- left"
    show(share: share, figures: figures, note, now: true)
  }

  /// Shows a share with the caller's figures, when it is due.
  mutating func show(share: Double, figures: String, _ note: String, now: Bool = false) {
    guard style != .silent, now || isDue else { return }
    shown = .now
    let percent = String(format: "%3.0f %%  ", share * 100)
    switch style {
    case .bar:
      let width = max(10, min(30, Console.width - figures.count - 7 - note.count - 8))
      let filled = Int((share * Double(width)).rounded(.down))
      let bar =
        String(repeating: "━", count: filled) + String(repeating: "─", count: width - filled)
      let line = "\(bar) \(percent)\(figures)  \(note)"
      Console.status("\r\u{1B}[2K" + String(line.prefix(Console.width - 1)))
    case .lines: Console.error("\(percent)\(figures)  \(note)")
    case .silent: break
    }
  }

  /// Removes the bar, so that a message can follow.
  func clear() {
    if style == .bar { Console.status("\r\u{1B}[2K") }
  }

  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e7 else { return "--:--" }
    let whole = Int(seconds.rounded())
    let (hours, minutes, rest) = (whole / 3_600, whole / 60 % 60, whole % 60)
    return hours > 0
      ? String(format: "%d:%02d:%02d", hours, minutes, rest)
      : String(format: "%d:%02d", minutes, rest)
  }

  private static func rate(_ value: Double) -> String {
    String(format: value >= 100 ? "%.0f" : value >= 1 ? "%.1f" : "%.3f", value)
  }
}
