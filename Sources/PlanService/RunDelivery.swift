import Foundation
import RunStore
import Synchronization

/// Sends what a run has saved to the server while it trains, so that another worker goes on from there when this
/// machine is lost.
///
/// A copy is sent only if no file of the run changed while it was made: its files then belong together. Otherwise the
/// next call tries again. One copy is under way at a time, on a thread of its own.
final class RunDelivery: Sendable {
  private struct Progress {
    var isSending = false
    var next: ContinuousClock.Instant
    var sent: Set<SavedFile> = []
  }

  private let store: Store
  private let seconds: Double
  private let send: @Sendable (PlanClaim, URL) throws -> Bool
  private let progress: Mutex<Progress>
  private let sending = DispatchGroup()

  /// A delivery of runs of a store.
  ///
  /// - Parameters:
  ///   - seconds: between two copies; none is sent where it is 0.
  ///   - send: sends the copy in a file, and says whether the server took it.
  init(
    of store: Store, every seconds: Double,
    send: @escaping @Sendable (PlanClaim, URL) throws -> Bool
  ) {
    (self.store, self.seconds, self.send) = (store, seconds, send)
    progress = Mutex(Progress(next: .now + .seconds(seconds)))
  }

  /// Begins to send what the run of an entry has saved, if it is time and there is something new. Returns at once.
  func look(_ claim: PlanClaim) {
    guard seconds > 0 else { return }
    let begins = progress.withLock { progress in
      guard !progress.isSending, .now >= progress.next else { return false }
      progress.isSending = true
      return true
    }
    guard begins else { return }
    sending.enter()
    Thread.detachNewThread { [self] in
      // A copy that failed is made again later; the worker tells of a server that is away.
      try? deliver(claim)
      progress.withLock { $0.isSending = false }
      sending.leave()
    }
  }

  /// Waits until no copy is under way.
  func finish() { sending.wait() }

  private func deliver(_ claim: PlanClaim) throws {
    guard let run = try store.comparison(claim.plan).entries[claim.position].run else { return }
    let folder = store.folder(of: run)
    let saved = SavedFile.all(in: folder)
    guard !saved.isEmpty, saved != progress.withLock({ $0.sent }) else { return }
    progress.withLock { $0.next = .now + .seconds(seconds) }
    let file = HTTPCall.temporary()
    defer { try? FileManager.default.removeItem(at: file) }
    try PackedRun.write(run, of: store, to: file)
    guard SavedFile.all(in: folder) == saved else {
      progress.withLock { $0.next = .now }
      return
    }
    if try send(claim, file) { progress.withLock { $0.sent = saved } }
  }
}

/// A file as it was at one moment: another one in its place differs.
private struct SavedFile: Hashable {
  var path: String
  var inode: UInt64
  var bytes: UInt64
  var changed: Date

  /// The files below a folder; none where there is no folder.
  static func all(in folder: URL) -> Set<SavedFile> {
    let files = FileManager.default
    let paths = (try? files.subpathsOfDirectory(atPath: folder.path)) ?? []
    return Set(
      paths.compactMap { path in
        let path = folder.appendingPathComponent(path).path
        guard let facts = try? files.attributesOfItem(atPath: path),
          facts[.type] as? FileAttributeType == .typeRegular,
          let inode = facts[.systemFileNumber] as? UInt64, let bytes = facts[.size] as? UInt64,
          let changed = facts[.modificationDate] as? Date
        else { return nil }
        return SavedFile(path: path, inode: inode, bytes: bytes, changed: changed)
      })
  }
}
