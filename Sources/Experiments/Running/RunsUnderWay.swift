import RunStore
import Synchronization

/// The runs that this process is recording. A fault that ends the process without an error is recorded for them.
public enum RunsUnderWay {
  private struct Entry: Sendable {
    let store: Store
    let started: ContinuousClock.Instant
  }

  private static let entries = Mutex<[StoreIdentifier: Entry]>([:])

  /// A run is in progress for as long as the value lives.
  final class Mark: Sendable {
    private let run: StoreIdentifier

    init(_ run: StoreIdentifier, in store: Store) {
      self.run = run
      entries.withLock { $0[run] = Entry(store: store, started: .now) }
    }

    deinit { _ = entries.withLock { $0.removeValue(forKey: run) } }
  }

  /// Records all of them as failed, where the store allows it.
  ///
  /// - Parameter message: why.
  /// - Returns: the commands that continue them.
  @discardableResult
  public static func fail(_ message: String) -> [String] {
    let found = entries.withLock { entries in
      defer { entries = [:] }
      return entries
    }
    for (run, entry) in found {
      let seconds = (ContinuousClock.now - entry.started) / .seconds(1)
      try? entry.store.end(run, as: .failed(message: message), wallSeconds: seconds)
    }
    return found.sorted { $0.key < $1.key }
      .map { run, entry in entry.store.command("train --resume \(run)") }
  }
}
