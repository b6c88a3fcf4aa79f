import Foundation

/// How the others see that a busy process works.
package struct BusyWork: Sendable {
  /// A number that grows as a thread works, asked from another one.
  let done: @Sendable (BusyThread) -> Int
  /// Timeouts that a busy process may go without work: a disk may take minutes to have everything.
  let patience: Double

  package init(
    patience: Double = 10, done: @escaping @Sendable (BusyThread) -> Int = { $0.work }
  ) {
    (self.patience, self.done) = (patience, done)
  }
}

/// The thread that does what its process is busy with.
///
/// The time of the whole process would not do: other threads answer for the store and give signs of life.
package struct BusyThread: Sendable {
  private let clock: clockid_t

  /// The calling thread.
  package static var current: BusyThread {
    var clock = CLOCK_PROCESS_CPUTIME_ID
    #if os(Linux)
      pthread_getcpuclockid(pthread_self(), &clock)
    #endif
    return BusyThread(clock: clock)
  }

  /// Hundredths of a second of a processor that it took, and MiB that its process wrote to disks and read from them.
  ///
  /// A thread that waits for a file system that does not answer has neither.
  package var work: Int {
    var time = timespec()
    guard clock_gettime(clock, &time) == 0 else { return 0 }
    return Int(time.tv_sec) * 100 + Int(time.tv_nsec) / 10_000_000 + Self.transferredBytes >> 20
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
