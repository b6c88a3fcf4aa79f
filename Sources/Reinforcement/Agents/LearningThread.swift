import Foundation
import Torch

/// A thread that computes one thing at a time beside the caller: an agent's updates.
///
/// It lives as long as this value, so that the threads of kernels that belong to it are made once.
final class LearningThread {
  /// What comes back from the thread. The condition's lock orders what both sides do with it.
  final class Parcel<Value>: @unchecked Sendable {
    var outcome: Result<Value, any Error>?
  }

  private let state = State()

  init() {
    let thread = Thread { [state] in state.run() }
    thread.name = "learner"
    thread.start()
  }

  deinit {
    state.wait()
    state.end()
  }

  /// Begins to compute.
  ///
  /// - Parameter body: touches nothing that the caller touches before ``wait(for:)`` returns.
  /// - Precondition: nothing else is being computed.
  func start<Value>(_ body: @escaping () throws -> Value) -> Parcel<Value> {
    let parcel = Parcel<Value>()
    // The caller's scope of errors does not reach another thread.
    state.take { parcel.outcome = Result { try withTorchErrors(body) } }
    return parcel
  }

  /// Waits for what was begun.
  func wait<Value>(for parcel: Parcel<Value>) throws -> Value {
    state.wait()
    guard let outcome = parcel.outcome else { preconditionFailure("LearningThread: no outcome") }
    return try outcome.get()
  }

  private final class State: @unchecked Sendable {
    // What the condition guards.
    private let condition = NSCondition()
    private var work: (() -> Void)?
    private var isWorking = false
    private var hasEnded = false

    func run() {
      while let work = next() {
        work()
        condition.withLock {
          isWorking = false
          condition.broadcast()
        }
      }
    }

    private func next() -> (() -> Void)? {
      condition.withLock {
        while work == nil, !hasEnded { condition.wait() }
        defer { work = nil }
        return work
      }
    }

    func take(_ new: @escaping () -> Void) {
      condition.withLock {
        precondition(!isWorking, "LearningThread: it is busy")
        isWorking = true
        work = new
        condition.broadcast()
      }
    }

    func wait() {
      condition.withLock { while isWorking { condition.wait() } }
    }

    func end() {
      condition.withLock {
        hasEnded = true
        condition.broadcast()
      }
    }
  }
}
