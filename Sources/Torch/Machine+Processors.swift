internal import CTorch
internal import Foundation

extension Machine {
  /// Processors that this process may keep busy at once, at least 1: those of its affinity (`taskset`, a cluster's
  /// share), or what its control group's quota comes to in whole processors, where that is less.
  public static var usableProcessorCount: Int {
    let allowed = Int(nap_allowed_processors())
    let count = allowed > 0 ? allowed : ProcessInfo.processInfo.activeProcessorCount
    return max(1, min(count, ControlGroups().processorQuota.map { Int($0) } ?? count))
  }

  /// What the environment asks for by `OMP_NUM_THREADS`, which libtorch obeys; `nil` where it says nothing.
  public static var threadsOfEnvironment: Int? {
    guard let text = ProcessInfo.processInfo.environment["OMP_NUM_THREADS"] else { return nil }
    return text.split(separator: ",").first.flatMap { Int($0) }.flatMap { $0 >= 1 ? $0 : nil }
  }
}
