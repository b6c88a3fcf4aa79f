import Foundation

/// The progress bar over all runs of a plan.
struct PlanProgress {
  var total: Int
  var alreadyDone: Double
  var note = ""
  private let started = ContinuousClock.now

  /// Shows `done` runs, including fractions.
  func show(_ done: Double, in progress: inout Progress) {
    let seconds = (ContinuousClock.now - started) / .seconds(1)
    let rate = (done - alreadyDone) / max(seconds, 1e-9)
    let left = rate > 0 ? Progress.duration((Double(total) - done) / rate) : "--:--"
    progress.show(
      share: done / Double(max(total, 1)),
      figures: String(format: "%.1f of %d runs", done, total) + "  \(left) left", note)
  }
}
