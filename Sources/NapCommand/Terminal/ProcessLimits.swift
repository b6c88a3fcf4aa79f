import Foundation
import Torch

/// Process limits below which system libraries fail without a message or wait for ever.
enum ProcessLimits {
  /// Files that a run has open at once, including its store and child processes.
  private static let leastFiles = 64
  /// Threads beside the first, which the store and the readers of other programs' output need.
  private static let leastThreads = 2
  /// Bytes of address space that threads and the first tensors take.
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
    let threads = startedThreads(of: leastThreads)
    guard threads == leastThreads else {
      return
        "this process can start \(threads) further threads, and nap needs \(leastThreads): raise the limit on "
        + "processes (ulimit -u, or pids.max of the control group), or end others"
    }
    return nil
  }

  /// How many of so many threads can be had at one time. Libraries wait for ever for one that cannot.
  private static func startedThreads(of count: Int) -> Int {
    let gate = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    defer { gate.deallocate() }
    pthread_mutex_init(gate, nil)
    pthread_mutex_lock(gate)
    var started: [pthread_t] = []
    for _ in 0..<count {
      var thread = pthread_t()
      let status = pthread_create(
        &thread, nil,
        { gate in
          guard let gate = gate?.assumingMemoryBound(to: pthread_mutex_t.self) else { return nil }
          pthread_mutex_lock(gate)
          pthread_mutex_unlock(gate)
          return nil
        }, gate)
      if status == 0 { started.append(thread) }
    }
    pthread_mutex_unlock(gate)
    for thread in started { pthread_join(thread, nil) }
    pthread_mutex_destroy(gate)
    return started.count
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
