import Foundation
import Torch

/// Process limits below which system libraries fail without a message or wait for ever.
enum ProcessLimits {
  /// Files that a run has open at once, including its store and child processes.
  private static let leastFiles = 64
  /// Bytes of address space that threads and the first tensors need.
  private static let leastAddresses = 200e6
  /// Bytes of memory that the smallest run needs beyond the program.
  private static let leastMemory = 100e6

  /// The limit that is too low, in one sentence; `nil` if none is. Raises the limit of open files where allowed.
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

  /// The limit of open files, after trying to raise it to 1,024.
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
