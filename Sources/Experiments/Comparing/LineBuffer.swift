import Foundation
import Synchronization

/// Collects the lines that a process writes to a pipe, from whichever thread they arrive on.
final class LineBuffer: Sendable {
  private struct State {
    var lines: [String] = []
    var partial = Data()
    var hasEnded = false
  }

  /// What the process writes to.
  let pipe = Pipe()
  private let state = Mutex(State())

  /// Reads on a thread of its own: Foundation's `readabilityHandler` does not always tell of the end
  /// on Linux, and what was written last is then lost.
  init() {
    let reading = pipe.fileHandleForReading
    Thread.detachNewThread { [weak self] in
      // Foundation keeps a process that has ended, and its pipes with it: a plan of many runs would run out.
      defer { try? reading.close() }
      // Nobody holds the buffer while this waits: when it goes, so does the pipe's other end.
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

  /// Takes a block in; whether more may follow.
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
