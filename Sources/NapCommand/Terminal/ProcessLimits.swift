import Foundation
import Torch

/// Limits of the process under which libraries of the system fail without a word, or wait for ever.
enum ProcessLimits {
  /// Files that a run has open at one time, its store and the processes that it starts included.
  private static let leastFiles = 64
  /// Bytes of address space that threads and the first tensors take.
  private static let leastAddresses = 200e6
  /// Bytes of memory that the smallest run takes beyond the program.
  private static let leastMemory = 100e6

  /// What is too little, in one sentence; `nil` where all is well. More files are asked for where the system allows them.
  static var objection: String? {
    let files = openFiles()
    if files < leastFiles {
      return
        "this process may have \(files) files open (ulimit -n), and nap needs \(leastFiles): raise the limit"
    }
    let limit = MemoryLimit.current
    let least = limit.source.contains("ulimit") ? leastAddresses : leastMemory
    guard limit.leftBytes >= least else {
      return
        "there are \(MemoryLimit.gigabytes(limit.leftBytes)) left of \(limit.words), and nap needs "
        + "\(MemoryLimit.gigabytes(least)) at least: raise the limit"
    }
    return nil
  }

  /// The most files, after asking for 1,024 where there are fewer.
  private static func openFiles() -> Int {
    var limit = rlimit()
    #if canImport(Glibc)
      let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
      let resource = RLIMIT_NOFILE
    #endif
    guard getrlimit(resource, &limit) == 0 else { return .max }
    if limit.rlim_cur < 1_024, limit.rlim_cur < limit.rlim_max {
      limit.rlim_cur = min(1_024, limit.rlim_max)
      setrlimit(resource, &limit)
    }
    return Int(clamping: limit.rlim_cur)
  }
}
