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

  init() {
    pipe.fileHandleForReading.readabilityHandler = { [weak self] handle in
      self?.take(handle.availableData, from: handle)
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
    let deadline = Date().addingTimeInterval(2)
    while !state.withLock({ $0.hasEnded }), Date() < deadline {
      Thread.sleep(forTimeInterval: 0.005)
    }
  }

  private func take(_ data: Data, from handle: FileHandle) {
    state.withLock { state in
      if data.isEmpty {
        handle.readabilityHandler = nil
        state.hasEnded = true
        if !state.partial.isEmpty {
          state.lines.append(String(decoding: state.partial, as: UTF8.self))
          state.partial = Data()
        }
        return
      }
      state.partial += data
      while let newline = state.partial.firstIndex(of: UInt8(ascii: "\n")) {
        state.lines.append(String(decoding: state.partial[..<newline], as: UTF8.self))
        state.partial = Data(state.partial[state.partial.index(after: newline)...])
      }
    }
  }
}
