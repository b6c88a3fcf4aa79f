import Foundation

/// Locks on files as the file system has them, or has them not: on clusters it may answer that there are none.
struct FileLocking: Sendable {
  /// `flock(2)` on an open file: 0, or the number of the error.
  var lock: @Sendable (_ descriptor: Int32, _ operation: Int32) -> Int32
  /// A record lock of `fcntl(2)`, which SQLite takes, on an open file, taken and given back: 0, or the number of the
  /// error.
  var recordLock: @Sendable (_ descriptor: Int32) -> Int32
  /// Whether several machines may have a folder's file system open.
  var isShared: @Sendable (_ folder: URL) -> Bool = FileLocking.isOfSeveralMachines

  /// The system's.
  static let system = FileLocking(
    lock: { flock($0, $1) == 0 ? 0 : errno },
    recordLock: { descriptor in
      var range = Foundation.flock()
      (range.l_type, range.l_whence, range.l_len) = (Int16(F_WRLCK), Int16(SEEK_SET), 1)
      guard fcntl(descriptor, F_SETLK, &range) == 0 else { return errno }
      range.l_type = Int16(F_UNLCK)
      _ = fcntl(descriptor, F_SETLK, &range)
      return 0
    })

  /// Types of file systems of networks and clusters, as Linux names them.
  private static let sharedTypes: Set<String> = [
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "lustre", "gpfs", "ceph", "afs", "9p", "beegfs",
    "ocfs2",
    "gfs2", "virtiofs",
  ]

  /// Whether the system calls a folder's file system one of the network, or of a cluster.
  @Sendable static func isOfSeveralMachines(_ folder: URL) -> Bool {
    var status = stat()
    guard stat(folder.path, &status) == 0 else { return false }
    let device = UInt64(truncatingIfNeeded: status.st_dev)
    let (major, minor) = (
      (device >> 8 & 0xFFF) | (device >> 32 & ~0xFFF), (device & 0xFF) | (device >> 12 & ~0xFF)
    )
    let mounts = (try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)) ?? ""
    return type(ofDevice: "\(major):\(minor)", in: mounts).map {
      sharedTypes.contains($0) || $0.hasPrefix("fuse.")
    } ?? false
  }

  /// The type of the file system on a device, in the lines of Linux's `mountinfo`.
  static func type(ofDevice device: String, in mounts: String) -> String? {
    for line in mounts.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count > 3, words[2] == device, let dash = words.firstIndex(of: "-") else {
        continue
      }
      return words.dropFirst(dash + 1).first.map(String.init)
    }
    return nil
  }

  /// Whether an error says that the file system has no locks, and not that somebody has this one.
  static func meansNone(_ code: Int32) -> Bool {
    [ENOSYS, ENOTSUP, EOPNOTSUPP, ENOLCK].contains(code)
  }

  /// Whether SQLite can lock files of a folder. Where the folder cannot be written, it is taken to.
  func hasRecordLocks(in folder: URL) -> Bool {
    let path = folder.appendingPathComponent(
      ".locks-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    ).path
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return true }
    defer {
      close(descriptor)
      unlink(path)
    }
    return !Self.meansNone(recordLock(descriptor))
  }
}

/// What stands for a lock on a folder where there are none: a file that one process can make, with the machine and the
/// process that did.
///
/// It is taken over from a process of this machine that is gone, and from any after a minute: nothing that it guards
/// takes longer.
struct FolderMark {
  private let path: String

  /// Waits for the mark up to `timeout` seconds.
  ///
  /// - Throws: ``StoreError/locked(path:waitedSeconds:)`` or ``StoreError/notWritable(path:reason:)``.
  init(_ folder: URL, _ timeout: Double) throws {
    path = folder.appendingPathComponent(".opening").path
    let deadline = ContinuousClock.now + .seconds(timeout)
    while true {
      let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
      if descriptor >= 0 {
        let text = "\(ProcessInfo.processInfo.hostName) \(getpid())\n"
        _ = text.withCString { write(descriptor, $0, strlen($0)) }
        close(descriptor)
        return
      }
      guard errno == EEXIST else {
        throw StoreError.notWritable(path: folder.path, reason: String(cString: strerror(errno)))
      }
      if Self.isAbandoned(path) {
        unlink(path)
        continue
      }
      guard ContinuousClock.now < deadline else {
        throw StoreError.locked(path: folder.path, waitedSeconds: timeout)
      }
      usleep(10_000)
    }
  }

  /// Lets the next one in.
  func release() { unlink(path) }

  private static func isAbandoned(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return false }
    let words = (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: " ") ?? []
    if words.count == 2, words[0] == ProcessInfo.processInfo.hostName,
      let process = Int32(words[1].trimmingCharacters(in: .whitespacesAndNewlines))
    {
      return kill(process, 0) != 0 && errno == ESRCH
    }
    return Date().timeIntervalSince1970 - Double(status.st_mtim.tv_sec) > 60
  }
}
