import Foundation
import Torch

/// Steps and sums in several processes, which the environment tells of (``ProcessPlace``).
struct ProcessRates {
  private let group: ProcessGroup
  private let store: RendezvousStore?

  /// `nil` for a process of its own.
  init?() throws {
    guard let place = try ProcessPlace.of(ProcessInfo.processInfo.environment) else { return nil }
    let keeps = place.rank == 0 && place.isStoreOfRank0
    store = keeps ? try .served(port: place.port, seconds: 60) : nil
    group = try ProcessGroup(rank: place.rank, size: place.size) { () throws(ProcessError) in
      try .at(place.address, port: place.port, seconds: 60)
    }
  }

  /// Prints `NAME shared median_ms …` and `NAME waiting share`, or sums; from rank 0.
  func time(_ work: String, steps: Int) throws {
    if work == "sum" {
      for mebibytes in [1, 25, 100] { try timeSum(mebibytes, steps) }
      return
    }
    guard let kind = Workload.Kind(rawValue: work) else { return }
    var workload = try Workload(kind, projects: true, device: .cpu, group: group)
    var (times, waits) = ([Double](), [Double]())
    for round in 0..<(steps + 5) {
      let (start, waited) = (ContinuousClock.now, group.waitedSeconds)
      _ = try workload.step()
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      guard round >= 5 else { continue }
      times.append(seconds)
      waits.append((group.waitedSeconds - waited) / seconds)
    }
    guard group.rank == 0 else { return }
    times.sort()
    print(
      "\(work) shared "
        + String(
          format: "%.3f %.3f %.3f %d", Self.median(times) * 1e3, times[0] * 1e3,
          times[steps - 1] * 1e3, steps))
    print("\(work) waiting " + String(format: "%.4f", Self.median(waits)))
  }

  private func timeSum(_ mebibytes: Int, _ steps: Int) throws {
    let tensor = Tensor.ones([mebibytes << 18])
    var times: [Double] = []
    for round in 0..<(steps + 3) {
      try group.barrier()
      let start = ContinuousClock.now
      try group.allReduce(tensor)
      if round >= 3 { times.append((ContinuousClock.now - start) / .seconds(1)) }
      _ = tensor.fillInPlace(with: 1)
    }
    let middle = Self.median(times)
    if group.rank == 0 {
      let rate = Double(mebibytes << 20) / middle / 1e9
      print("sum \(mebibytes) nap " + String(format: "%.3f %.3f", middle * 1e3, rate))
    }
  }

  private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
