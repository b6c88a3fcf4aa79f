import Foundation
import Synchronization

/// Ends the process when one piece of work takes too long: a hang becomes a failure that says where.
final class DeadlineWatch: Sendable {
  private struct State {
    var index = 0
    var end: ContinuousClock.Instant?
    var isOver = false
  }

  private let state = Mutex(State())

  /// Watches from a thread of its own until ``stop()``.
  init(_ name: String, seconds: Double) {
    Thread.detachNewThread { [self] in
      while !state.withLock(\.isOver) {
        let late = state.withLock { state in
          state.end.map { ContinuousClock.now > $0 } == true
            ? state.index : nil
        }
        if let late {
          let message = "\(name): input \(late) took too long\n"
          try? FileHandle.standardError.write(contentsOf: Data(message.utf8))
          abort()
        }
        Thread.sleep(forTimeInterval: min(0.1, seconds / 4))
      }
    }
  }

  func begin(_ index: Int, seconds: Double) {
    state.withLock { ($0.index, $0.end) = (index, .now + .seconds(seconds)) }
  }

  func end() { state.withLock { $0.end = nil } }

  func stop() { state.withLock { $0.isOver = true } }
}
