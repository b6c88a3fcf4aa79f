import Foundation

/// Work on several threads whose results come in the order of what was given.
///
/// The caller's thread gives work and takes results; at most twice as many pieces as threads are under way.
final class OrderedWork<Input: Sendable, Output: Sendable>: @unchecked Sendable {
  private let condition = NSCondition()
  private var waiting: [(index: Int, input: Input)] = []
  private var results: [Int: Result<Output, any Error>] = [:]
  private var (given, taken, running) = (0, 0, 0)
  private var isOver = false
  private let most: Int

  /// Starts threads, each of which makes a worker of its own.
  init(
    threads: Int, makeWorker: @escaping @Sendable () -> (Input) throws -> Output
  ) {
    most = 2 * threads
    running = threads
    for _ in 0..<threads {
      let thread = Thread { [self] in
        let worker = makeWorker()
        while let (index, input) = nextInput() {
          let result = Result { try worker(input) }
          condition.withLock {
            results[index] = result
            condition.broadcast()
          }
        }
        condition.withLock {
          running -= 1
          condition.broadcast()
        }
      }
      // The main thread's: recursion over a language model's merges is shallow, that of libraries is not known.
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  private func nextInput() -> (Int, Input)? {
    condition.withLock {
      while waiting.isEmpty, !isOver { condition.wait() }
      return isOver ? nil : waiting.removeFirst()
    }
  }

  /// Whether more may be given before a result is taken.
  var hasRoom: Bool { given - taken < most }

  /// Whether a result is still to come.
  var isBusy: Bool { taken < given }

  /// Gives a piece of work.
  func give(_ input: Input) {
    condition.withLock {
      waiting.append((given, input))
      given += 1
      condition.broadcast()
    }
  }

  /// The result of the oldest piece that is under way, waited for.
  ///
  /// - Throws: what its work threw.
  func take() throws -> Output {
    let result = condition.withLock {
      while results[taken] == nil { condition.wait() }
      defer { taken += 1 }
      return results.removeValue(forKey: taken)
    }
    guard let result else { preconditionFailure("a result that was there is gone") }
    return try result.get()
  }

  /// Ends the threads, after the pieces that they work on.
  func end() {
    condition.withLock {
      isOver = true
      condition.broadcast()
      while running > 0 { condition.wait() }
    }
  }
}
