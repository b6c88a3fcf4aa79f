import Dispatch
import Foundation
import Hummingbird
import Logging
import NIOCore
package import RunStore
import Synchronization

/// Serves a queue over HTTP until it is stopped.
package final class PlanServer: Sendable {
  private enum State {
    case starting
    case listening(port: Int)
    case ended(String)
  }

  private let state = Mutex(State.starting)
  private let task = Mutex(Task<Void, Never>?.none)
  private let lock: FolderClaim

  /// Starts to serve; returns once requests are taken.
  ///
  /// - Parameter port: 0 for any that is free.
  /// - Throws: ``PlanServiceError`` where another process serves the folder, or the address cannot be had, and
  ///   `StoreError`.
  package init(
    queue: PlanQueue, store: Store, token: String, host: String, port: Int
  ) throws {
    guard let lock = try FolderClaim(store.folder.appendingPathComponent("plans.serving")) else {
      throw PlanServiceError(
        "another nap plan serve has the queue in \(store.folder.path): stop it, or give another folder of runs"
      )
    }
    self.lock = lock
    let router = PlanRouter(queue: queue, store: store, token: token).router()
    var app = Application(
      router: router,
      configuration: ApplicationConfiguration(
        address: .hostname(host, port: port), serverName: "nap"),
      onServerRunning: { [weak self] channel in
        self?.note(.listening(port: channel.localAddress?.port ?? port))
      })
    app.logger.logLevel = .critical
    let service = app
    let running = Task { [weak self] in
      do {
        try await service.run()
        self?.note(.ended("it was stopped"))
      } catch {
        self?.note(.ended("\(error)"))
      }
    }
    task.withLock { $0 = running }
    while true {
      switch state.withLock({ $0 }) {
      case .listening: return
      case .ended(let reason):
        throw PlanServiceError(
          "\(host):\(port) cannot be listened at: \(reason); give another --host or --port")
      case .starting: Thread.sleep(forTimeInterval: 0.01)
      }
    }
  }

  private func note(_ new: State) { state.withLock { $0 = new } }

  /// The port; `nil` once it no longer serves.
  package var port: Int? {
    guard case .listening(let port) = state.withLock({ $0 }) else { return nil }
    return port
  }

  /// Takes no more requests, and ends.
  package func stop() { task.withLock { $0?.cancel() } }
}
