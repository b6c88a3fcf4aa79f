package import Foundation
import GRDB
import Synchronization

/// Makes sure that the machines that share a folder of runs see one another's locks.
///
/// Each worker holds a lock on a file of its own while it lives. One whose lease is renewed although its lock is free
/// for the taking is alive on a machine whose locks do not reach here: then two workers could train one run, and the
/// database could be damaged.
package final class WorkerLocks: Sendable {
  private let folder: URL
  private let queue: PlanQueue
  private let locking: FileLocking
  private let own: FolderClaim
  private let name: String
  /// Leases of workers whose locks were free, and when they were to end then.
  private let suspects = Mutex<[String: Double]>([:])

  /// Joins the workers of a folder.
  ///
  /// - Parameter name: ``ClaimRequest/worker``.
  /// - Throws: ``StoreError``.
  package convenience init(_ name: String, of queue: PlanQueue, in folder: URL) throws {
    try self.init(name, of: queue, in: folder, .system)
  }

  init(_ name: String, of queue: PlanQueue, in folder: URL, _ locking: FileLocking) throws {
    self.folder = folder.appendingPathComponent(".workers", isDirectory: true)
    (self.queue, self.locking, self.name) = (queue, locking, name)
    try? FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
    guard let own = try FolderClaim(self.folder.appendingPathComponent(name), locking) else {
      throw StoreError.notWritable(
        path: folder.path, reason: "another worker is called \(name); start this one again")
    }
    self.own = own
  }

  deinit { unlink(folder.appendingPathComponent(name).path) }

  /// Looks at the other workers' locks; to be called now and then.
  ///
  /// - Throws: ``StoreError/notWritable(path:reason:)`` naming a worker whose lock does not reach this machine.
  package func check() throws {
    let leases = try queue.read { database in
      try Row.fetchAll(
        database,
        sql: "SELECT worker, token, until FROM entry WHERE state = 'running' AND token IS NOT NULL")
    }
    for row in leases {
      let (worker, token, until) = (
        row["worker"] as String, row["token"] as String, row["until"] as Double
      )
      let file = folder.appendingPathComponent(worker)
      guard worker != name, FileManager.default.fileExists(atPath: file.path),
        try FolderClaim(file, locking) != nil
      else {
        suspects.withLock { $0[token] = nil }
        continue
      }
      guard let before = suspects.withLock({ $0[token] }) else {
        // Noted as it is after the lock was seen to be free: a worker that died since has not renewed it.
        let now = try queue.until(ofLease: token)
        suspects.withLock { $0[token] = now }
        continue
      }
      guard until > before else { continue }
      throw StoreError.notWritable(
        path: folder.deletingLastPathComponent().path,
        reason:
          "worker \(worker) is alive, but its lock is not seen here, so that two workers could train one run; "
          + "keep the runs on another file system, or work through `nap plan serve`")
    }
  }
}

extension PlanQueue {
  /// When a lease ends; `nil` for one that has ended.
  func until(ofLease token: String) throws -> Double? {
    try read { database in
      try Double.fetchOne(
        database, sql: "SELECT until FROM entry WHERE token = ? AND state = 'running'",
        arguments: [token])
    }
  }
}
