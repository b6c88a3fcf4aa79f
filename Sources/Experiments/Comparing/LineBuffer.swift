import Foundation
import Synchronization
import Torch

/// Collects the lines that a process writes to a pipe, from any thread.
final class LineBuffer: Sendable {
  private struct State {
    var lines: [String] = []
    var partial = Data()
    var hasEnded = false
  }

  /// The pipe that the process writes to.
  let pipe = Pipe()
  private let state = Mutex(State())

  /// Reads on its own thread: on Linux Foundation's `readabilityHandler` does not always report the end, and the last
  /// output is then lost.
  init() {
    let reading = pipe.fileHandleForReading
    Thread.detachNewThread { [weak self] in
      // Foundation keeps an ended process and its pipes: a plan of many runs would run out of descriptors.
      defer { try? reading.close() }
      // Nothing holds the buffer while this waits. When it is freed, so is the other end of the pipe.
      while true {
        let block = Self.nextBlock(reading.fileDescriptor)
        guard self?.take(block) == true else { return }
      }
    }
  }

  /// What can be read next, empty at the end.
  private static func nextBlock(_ descriptor: Int32) -> Data {
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &block, block.count)
      if count < 0 && errno == EINTR { continue }
      return Data(block.prefix(max(count, 0)))
    }
  }

  /// The whole lines that arrived since the last call.
  func takeLines() -> [String] {
    state.withLock { state in
      defer { state.lines = [] }
      return state.lines
    }
  }

  /// Waits (at most two seconds) until everything that an ended process wrote has arrived.
  func drain() {
    let deadline = ContinuousClock.now + .seconds(2)
    while !state.withLock({ $0.hasEnded }), ContinuousClock.now < deadline {
      Thread.sleep(forTimeInterval: 0.005)
    }
  }

  /// Adds a block; whether more may follow.
  private func take(_ data: Data) -> Bool {
    state.withLock { state in
      if data.isEmpty {
        state.hasEnded = true
        if !state.partial.isEmpty {
          state.lines.append(String(decoding: state.partial, as: UTF8.self))
          state.partial = Data()
        }
        return false
      }
      state.partial += data
      guard let last = state.partial.lastIndex(of: UInt8(ascii: "\n")) else { return true }
      let whole = state.partial[..<last]
      state.lines += whole.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
      state.partial = Data(state.partial[state.partial.index(after: last)...])
      return true
    }
  }
}
