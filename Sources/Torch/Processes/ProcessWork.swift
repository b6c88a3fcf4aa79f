import Foundation

/// How the others see that a busy process works.
package struct BusyWork: Sendable {
  /// A number that grows as the process works, asked from the thread of its signs.
  let done: @Sendable () -> Int
  /// Timeouts that a busy process may go without work: a disk may take minutes to have everything.
  let patience: Double

  package init(patience: Double = 10, done: @escaping @Sendable () -> Int = ProcessWork.done) {
    (self.patience, self.done) = (patience, done)
  }
}

/// How much this process has worked.
package enum ProcessWork {
  /// Hundredths of a second of its threads but the calling one, and MiB that went to disks and came from there.
  ///
  /// A process that waits for a file system that does not answer has neither.
  @Sendable package static func done() -> Int {
    let ticks = seconds(of: CLOCK_PROCESS_CPUTIME_ID) - seconds(of: CLOCK_THREAD_CPUTIME_ID)
    return Int(ticks * 100) + transferredBytes >> 20
  }

  private static func seconds(of clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Bytes to and from disks, where the system tells them.
  private static var transferredBytes: Int {
    guard let text = try? String(contentsOfFile: "/proc/self/io", encoding: .utf8) else { return 0 }
    return text.split(separator: "\n").reduce(0) { sum, line in
      let words = line.split(separator: " ")
      guard words.count == 2, ["read_bytes:", "write_bytes:"].contains(words[0]) else { return sum }
      return sum + (Int(words[1]) ?? 0)
    }
  }
}
