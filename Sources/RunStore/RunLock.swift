import Foundation

/// A process's lock on a run, for the lifetime of the value.
///
/// The system releases the lock however the process ends. So a killed run can be resumed at once, and a running one
/// cannot be resumed twice. A process identifier ensures neither: another program may get it after a restart, and it
/// means nothing in another container.
public final class RunLock: Sendable {
  /// The name of the locked file in a run's folder. The empty file stays after the lock is released.
  public static let fileName = "lock"

  /// Whether the file existed: an earlier process had the lock and is gone.
  let followsAnother: Bool
  private let descriptor: Int32

  /// Claims the run of a folder; `nil` when a living process has it.
  ///
  /// Where the file system has no locks, the value claims nothing.
  /// - Throws: ``StoreError/notWritable(path:reason:)``.
  init?(_ folder: URL, _ locking: FileLocking) throws {
    let path = folder.appendingPathComponent(Self.fileName).path
    followsAnother = FileManager.default.fileExists(atPath: path)
    descriptor = Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw StoreError.notWritable(path: path, reason: String(cString: strerror(errno)))
    }
    // A process that only asks holds the lock for a moment.
    for _ in 0..<20 {
      let reason = locking.lock(descriptor, LOCK_EX | LOCK_NB)
      if reason == 0 { return }
      guard reason == EWOULDBLOCK || reason == EINTR else {
        // Without the file, process identifiers decide.
        unlink(path)
        return
      }
      usleep(10_000)
    }
    return nil
  }

  deinit { close(descriptor) }

  /// What the lock of a folder says about the run's process.
  enum Holder {
    /// It lives.
    case alive
    /// It is gone.
    case gone
    /// The run was never claimed, or the file system has no locks.
    case unknown
  }

  /// Asks without claiming.
  static func holder(of folder: URL, _ locking: FileLocking) -> Holder {
    let path = folder.appendingPathComponent(fileName).path
    let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return .unknown }
    defer { close(descriptor) }
    let reason = locking.lock(descriptor, LOCK_SH | LOCK_NB)
    if reason == 0 { return .gone }
    return reason == EWOULDBLOCK ? .alive : .unknown
  }
}

extension Store {
  /// Claims a run, new or recorded, for this process; makes the run's folder.
  ///
  /// Whoever trains a run claims it before creating or resuming it and keeps the claim to the end.
  /// - Throws: ``StoreError/wrongState(identifier:found:expected:suggestion:)`` when a living
  ///   process has the run, ``StoreError/notWritable(path:reason:)``.
  public func lock(_ identifier: StoreIdentifier) throws -> RunLock {
    let folder = folder(of: identifier)
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw StoreError.notWritable(path: folder.path, reason: "the run's folder cannot be made")
    }
    if let lock = try RunLock(folder, locking) { return lock }
    let run = try? run(identifier)
    let process = run.map { "process \($0.processIdentifier) on \($0.hostName)" }
    throw StoreError.wrongState(
      identifier: identifier.text, found: "running", expected: "stopped",
      suggestion: "Stop \(process ?? "the process that trains it") first, or wait for it.")
  }

  /// Removes the folder of a claimed run that could not be recorded.
  public func discardFolder(of lock: RunLock, for identifier: StoreIdentifier) {
    guard !lock.followsAnother else { return }
    let folder = folder(of: identifier)
    unlink(folder.appendingPathComponent(RunLock.fileName).path)
    rmdir(folder.path)
  }
}
