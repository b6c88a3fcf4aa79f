import Foundation
import Synchronization

/// Remembers that Ctrl-C, SIGTERM, SIGHUP or a cluster's warning arrived, so that loops can save and stop. A second
/// signal changes nothing: saving is never cut short.
enum Interruption {
  private static let arrived = Atomic<Bool>(false)

  /// Whether the program was asked to stop.
  static var isRequested: Bool { arrived.load(ordering: .relaxed) }

  /// Signals that ask to stop: Ctrl-C, SIGTERM, a terminal that closes, and warnings of clusters before a time limit
  /// (SLURM and Grid Engine SIGUSR1 or SIGUSR2, LSF SIGXCPU or SIGUSR2).
  static let signals = [SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU]

  /// From here on ``signals`` ask to stop instead of ending the program. SIGHUP stays ignored where it is, as under
  /// `nohup`.
  static func listen() {
    arrived.store(false, ordering: .relaxed)
    var numbers = sigset_t()
    sigemptyset(&numbers)
    for number in signals {
      sigaddset(&numbers, number)
      var before = sigaction()
      if number == SIGHUP, sigaction(number, nil, &before) == 0, isIgnored(before) { continue }
      signal(number) { _ in Interruption.arrived.store(true, ordering: .relaxed) }
    }
    // A program that starts this one from a worker thread may pass on a mask that blocks them.
    pthread_sigmask(SIG_UNBLOCK, &numbers, nil)
    // A closed pipe must not end a run.
    signal(SIGPIPE, SIG_IGN)
  }

  private static func isIgnored(_ action: sigaction) -> Bool {
    #if canImport(Glibc)
      unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
        == unsafeBitCast(SIG_IGN, to: Int.self)
    #else
      unsafeBitCast(action.__sigaction_u.__sa_handler, to: Int.self)
        == unsafeBitCast(SIG_IGN, to: Int.self)
    #endif
  }
}
