import Foundation
import Synchronization

/// Remembers that Ctrl-C or SIGTERM arrived, so that loops can save and stop.
enum Interruption {
  private static let arrived = Atomic<Bool>(false)

  /// Whether the program was asked to stop.
  static var isRequested: Bool { arrived.load(ordering: .relaxed) }

  /// From here on SIGINT and SIGTERM ask instead of ending the program.
  static func listen() {
    arrived.store(false, ordering: .relaxed)
    var numbers = sigset_t()
    sigemptyset(&numbers)
    for number in [SIGINT, SIGTERM] {
      sigaddset(&numbers, number)
      signal(number) { _ in Interruption.arrived.store(true, ordering: .relaxed) }
    }
    // A program that starts this one from a worker thread may hand down a mask that blocks them.
    pthread_sigmask(SIG_UNBLOCK, &numbers, nil)
    // A reader that goes away must not end a run.
    signal(SIGPIPE, SIG_IGN)
  }
}
