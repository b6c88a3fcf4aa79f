import Foundation

/// A file that is not whole yet: written beside its place, flushed, then renamed into it.
///
/// The value holds an exclusive lock on it, so two processes never write one file.
final class PartialFile {
  let path: String
  let finalPath: String
  private let descriptor: Int32
  private(set) var byteCount: Int

  /// Opens `finalPath` + `suffix`, keeping what an earlier attempt left there.
  init(_ finalPath: String, suffix: String = ".part") throws {
    self.finalPath = finalPath
    path = finalPath + suffix
    let folder = (finalPath as NSString).deletingLastPathComponent
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw Self.unwritable(folder, "\(error.localizedDescription)")
    }
    // Without waiting: opening, or writing to, a pipe of this name would hang.
    descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o644)
    guard descriptor >= 0 else { throw Self.unwritable(path, String(cString: strerror(errno))) }
    // From here on the value is whole, and leaving by an error closes the file.
    byteCount = 0
    guard Self.isRegular(descriptor) else {
      throw Self.unwritable(path, "something that is no regular file; remove it")
    }
    // The name may have moved on between opening and locking: the other process then finished it.
    guard Self.locks(descriptor), Self.names(path, descriptor) else {
      throw DatasetError(
        .busy, path: path, expected: "no other process writing this file", found: "one that does",
        remedy: "wait for it to finish, then run the command again")
    }
    byteCount = max(Int(lseek(descriptor, 0, SEEK_END)), 0)
  }

  deinit { close(descriptor) }

  /// Adds bytes at the end.
  func append(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let count = write(
          descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { throw Self.unwritable(path, String(cString: strerror(errno))) }
        byteCount += count
        rest = rest.dropFirst(count)
      }
    }
  }

  /// Empties the file.
  func restart() throws {
    guard ftruncate(descriptor, 0) == 0 else {
      throw Self.unwritable(path, String(cString: strerror(errno)))
    }
    byteCount = 0
  }

  /// Flushes the file to disk and gives it its name.
  func finish() throws {
    guard fsync(descriptor) == 0 else {
      throw Self.unwritable(path, String(cString: strerror(errno)))
    }
    guard rename(path, finalPath) == 0 else {
      throw Self.unwritable(finalPath, String(cString: strerror(errno)))
    }
  }

  /// Removes the file.
  func discard() { unlink(path) }

  /// Whether nobody else writes the file. Where the file system has no locks nobody can tell; the checksum at the end
  /// does.
  private static func locks(_ descriptor: Int32) -> Bool {
    flock(descriptor, LOCK_EX | LOCK_NB) == 0
      || [ENOSYS, ENOTSUP, EOPNOTSUPP, ENOLCK].contains(errno)
  }

  private static func isRegular(_ descriptor: Int32) -> Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && (status.st_mode & S_IFMT) == S_IFREG
  }

  private static func names(_ path: String, _ descriptor: Int32) -> Bool {
    var named = stat()
    var opened = stat()
    return stat(path, &named) == 0 && fstat(descriptor, &opened) == 0
      && named.st_ino == opened.st_ino && named.st_dev == opened.st_dev
  }

  private static func unwritable(_ path: String, _ reason: String) -> DatasetError {
    DatasetError(
      .unwritable, path: path, expected: "a place that may be written, with room", found: reason,
      remedy: "free space, mend the permissions, or set NAP_DATA to another folder")
  }
}

extension PartialFile {
  /// Puts a file in its place in one step.
  static func put(_ bytes: [UInt8], to path: String) throws {
    let suffix = ".\(ProcessInfo.processInfo.processIdentifier).part"
    let part = try PartialFile(path, suffix: suffix)
    do {
      try part.restart()
      try part.append(bytes)
      try part.finish()
    } catch {
      part.discard()
      throw error
    }
  }
}
