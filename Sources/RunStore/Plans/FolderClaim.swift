package import Foundation

/// A process's claim on the use of a file's name, for the lifetime of the value. The system releases it however the
/// process ends.
package final class FolderClaim: Sendable {
  private let descriptor: Int32

  /// Claims; `nil` where another process has it.
  ///
  /// - Throws: ``StoreError/notWritable(path:reason:)``, also where the file system has no locks.
  package convenience init?(_ file: URL) throws { try self.init(file, .system) }

  init?(_ file: URL, _ locking: FileLocking) throws {
    descriptor = Foundation.open(file.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw StoreError.notWritable(path: file.path, reason: String(cString: strerror(errno)))
    }
    let reason = locking.lock(descriptor, LOCK_EX | LOCK_NB)
    if reason == 0 { return }
    close(descriptor)
    guard reason == EWOULDBLOCK else {
      throw StoreError.notWritable(path: file.path, reason: String(cString: strerror(reason)))
    }
    return nil
  }

  deinit { close(descriptor) }
}
