import Foundation
import Networks
import Plasticity
import Torch

/// Times each diagnostic alone and all of them together on a reference workload.
///
/// Lines are `NAME diagnostics MEASURE median_ms share`, the share of a run that measures every 100
/// steps. Alone, a measure pays for what it otherwise shares, so the parts are more than the whole.
struct DiagnosticCosts {
  var kind: Workload.Kind
  var tries: Int
  var device: Device

  func printed() throws {
    var workload = try Workload(kind, projects: true, device: device)
    let initial = Dictionary(
      uniqueKeysWithValues: workload.network.namedTensors.map { ($0.name, $0.tensor.cloned()) })
    let reference = DiagnosticReference(workload.subject(initial, nil))
    for _ in 0..<5 { _ = try workload.step() }
    let step = try median { _ = try workload.step() }
    workload.measuresUpdates = true
    _ = try workload.step()
    line("step", step, step)
    for measure in Diagnostics.all {
      let suite = try DiagnosticSuite([measure.name])
      var outcome: DiagnosticOutcome?
      let time = try median {
        outcome = suite.measure(workload.subject(initial, reference)).first?.outcome
      }
      line(measure.name, time, step, outcome?.reason.map { "(\($0))" } ?? "")
    }
    let all = try DiagnosticSuite([DiagnosticSuite.everything])
    let time = try median {
      let subject = workload.subject(initial, reference)
      _ = all.measure(subject)
      _ = DiagnosticReference(subject)
    }
    line("all", time, step)
    let share = time / (100 * step + time)
    print(
      "\(kind.rawValue) diagnostics target "
        + String(format: "%.1f %% of a run, below 10 %%: ", share * 100)
        + (share < 0.1 ? "met" : "MISSED"))
  }

  private func line(_ name: String, _ time: Double, _ step: Double, _ note: String = "") {
    let share = name == "step" ? 100 : 100 * time / (100 * step + time)
    print(
      "\(kind.rawValue) diagnostics \(name) " + String(format: "%.3f %.2f %%", time, share)
        + (note.isEmpty ? "" : " \(note)"))
  }

  /// Milliseconds, after one that is not timed.
  private func median(_ body: () throws -> Void) throws -> Double {
    var times: [Double] = []
    for round in 0...max(1, tries) {
      let start = ContinuousClock.now
      try body()
      device.synchronize()
      let elapsed = (ContinuousClock.now - start).components
      if round > 0 {
        times.append(Double(elapsed.seconds) * 1e3 + Double(elapsed.attoseconds) * 1e-15)
      }
    }
    return times.sorted()[times.count / 2]
  }
}
