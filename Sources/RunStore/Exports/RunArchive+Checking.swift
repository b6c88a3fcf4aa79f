import Foundation
import Texts

extension RunArchive {
  /// Why no store can take the archive in; `nil` when one can.
  ///
  /// What decodes may still say things that no run does, and that the store could not give back.
  var problem: String? {
    for series in series {
      guard series.tasks.count == series.values.count, series.updates.count == series.values.count,
        series.tasks.allSatisfy({ $0 >= 0 }), series.updates.allSatisfy({ $0 >= 0 })
      else { return "the columns of series \(series.key.metric) do not fit together" }
    }
    guard run.wallSeconds.isFinite, run.wallSeconds >= 0, run.peakMemoryBytes >= 0,
      run.resumptions.allSatisfy({ $0.updates >= 0 })
    else { return "seconds, bytes and updates must be finite and not negative" }
    let dates =
      [run.provenance.started] + run.resumptions.map(\.provenance.started)
      + (run.ended.map { [$0] } ?? [])
    guard dates.allSatisfy(Self.storableDates.contains) else {
      return "its moments must lie in the years 1 to 9999"
    }
    do {
      try JSONText.validate(run.configuration, what: "its configuration")
    } catch { return "\(error)" }
    return nil
  }

  /// 1 January of year 1 to the end of year 9999, which four digits can write.
  private static let storableDates =
    Date(timeIntervalSince1970: -62_135_596_800)...Date(timeIntervalSince1970: 253_402_300_799)
}
