public import Foundation

/// Why a file could not be written; the file that was there before is untouched.
public struct DurableFileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file that was to be written.
  public let path: String
  /// The step that failed: `create`, `write`, `flush` or `rename`.
  public let step: String
  /// The operating system's error number.
  public let code: Int32
  /// What to try.
  public let advice: String

  init(path: String, step: String, code: Int32) {
    (self.path, self.step, self.code) = (path, step, code)
    advice =
      switch code {
      case ENOSPC, EDQUOT, EFBIG: "free some space, raise the limit, or choose another folder"
      case EACCES, EPERM, EROFS: "choose a folder that you may write to"
      case ENOENT: "create the folder first"
      case ENOTDIR: "a part of the path is a file, not a folder: choose another path"
      case EISDIR: "a folder has this name: choose another name"
      default: "check the disk and try again"
      }
  }

  /// One line: the path, what was tried, the system's reason and what to try.
  public var description: String {
    let reason = String(cString: strerror(code))
    return "\(path): expected to \(step) the file, found: \(reason) (error \(code)); \(advice)"
  }
}

/// A file that is either wholly there under its name, on the disk, or not at all.
///
/// The bytes go to a temporary file in the same folder, are flushed to the disk, and take the name
/// by renaming; then the folder is flushed. A crash, a full disk or a thrown error at any moment
/// leaves the file that was there before, and the temporary one is removed. A killed process leaves
/// it, under a name that ends in `.partial`; ``removeAbandoned(in:)`` clears such files away.
public final class DurableFile {
  private let descriptor: Int32
  private let path: String

  private init(descriptor: Int32, path: String) {
    (self.descriptor, self.path) = (descriptor, path)
  }

  /// Appends bytes.
  ///
  /// - Throws: ``DurableFileError`` when the disk takes no more.
  public func append(_ bytes: UnsafeRawBufferPointer) throws(DurableFileError) {
    try put(bytes) { Foundation.write(descriptor, $0.baseAddress, $0.count) }
  }

  /// Appends bytes.
  ///
  /// - Throws: ``DurableFileError`` when the disk takes no more.
  public func append(_ data: some ContiguousBytes) throws {
    try data.withUnsafeBytes { try append($0) }
  }

  /// Puts bytes at an offset that was appended before.
  ///
  /// - Throws: ``DurableFileError`` when the disk fails.
  public func overwrite(at offset: Int, with data: some ContiguousBytes) throws {
    try data.withUnsafeBytes { bytes in
      var position = offset
      try put(bytes) { rest in
        let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(position))
        position += max(count, 0)
        return count
      }
    }
  }

  private func put(
    _ bytes: UnsafeRawBufferPointer, _ call: (UnsafeRawBufferPointer) -> Int
  ) throws(DurableFileError) {
    var rest = bytes
    while !rest.isEmpty {
      let count = call(rest)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        throw DurableFileError(path: path, step: "write", code: count < 0 ? errno : ENOSPC)
      }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
    }
  }

  /// Writes `data` as the whole of a file.
  ///
  /// - Throws: ``DurableFileError``; the old file is then untouched.
  public static func write(_ data: some ContiguousBytes, to url: URL) throws {
    try write(to: url) { try $0.append(data) }
  }

  /// Writes a file piece by piece; it takes its name when `body` returns.
  ///
  /// A name that is a symbolic link stays one: the file that it points to is replaced. The file
  /// keeps the permissions of the one it replaces.
  /// - Throws: ``DurableFileError``, or what `body` throws; the old file is then untouched.
  public static func write(to url: URL, _ body: (DurableFile) throws -> Void) throws {
    let target = url.resolvingSymlinksInPath().path
    let folder = (target as NSString).deletingLastPathComponent
    let name = (target as NSString).lastPathComponent
    func failure(_ step: String) -> DurableFileError {
      DurableFileError(path: target, step: step, code: errno)
    }

    var old = stat()
    let replaces = stat(target, &old) == 0
    if replaces && (old.st_mode & S_IFMT) == S_IFDIR {
      throw DurableFileError(path: target, step: "create", code: EISDIR)
    }
    let (descriptor, temporary) = try createTemporary(for: target, in: folder, named: name)
    // Open, and so locked, until the file has its name.
    defer { close(descriptor) }
    do {
      if replaces { _ = fchmod(descriptor, old.st_mode & 0o7777) }
      try body(DurableFile(descriptor: descriptor, path: target))
      guard flush(descriptor) == 0 else { throw failure("flush") }
      guard rename(temporary, target) == 0 else { throw failure("rename") }
    } catch {
      unlink(temporary)
      throw error
    }
    let folderDescriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folderDescriptor >= 0 else { return }
    defer { close(folderDescriptor) }
    // Some network file systems cannot flush a folder and say so with EINVAL.
    guard flush(folderDescriptor) == 0 || errno == EINVAL else { throw failure("flush") }
  }

  /// Removes the temporary files that killed writers left in a folder.
  ///
  /// A writer holds a lock on its file from its making to its renaming, and the system releases the lock
  /// however the writer ends; so a file that somebody is writing stays. On a file system without
  /// locks nothing is removed.
  /// - Returns: the names of the files that were removed.
  @discardableResult
  public static func removeAbandoned(in folder: URL) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasPrefix(".") && $0.hasSuffix(ending) }.sorted().filter { name in
      let path = folder.appendingPathComponent(name).path
      let descriptor = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
      guard descriptor >= 0 else { return false }
      defer { close(descriptor) }
      return flock(descriptor, LOCK_EX | LOCK_NB) == 0 && unlink(path) == 0
    }
  }

  private static let ending = ".partial"

  /// A new, locked file beside the target, under a name that no other writer has.
  private static func createTemporary(
    for target: String, in folder: String, named name: String
  ) throws(DurableFileError) -> (descriptor: Int32, path: String) {
    while true {
      let unique = String(UInt64.random(in: 0...UInt64.max), radix: 36)
      let path = (folder as NSString).appendingPathComponent(
        ".\(name.prefix(100)).\(unique)\(ending)")
      let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else {
        throw DurableFileError(path: target, step: "create", code: errno)
      }
      while flock(descriptor, LOCK_EX) != 0 && errno == EINTR {}
      // Between the two calls above somebody may have taken the file for an abandoned one.
      var status = stat()
      if fstat(descriptor, &status) == 0, status.st_nlink > 0 { return (descriptor, path) }
      close(descriptor)
    }
  }

  private static func flush(_ descriptor: Int32) -> Int32 {
    #if canImport(Darwin)
      // fsync leaves the bytes in the drive's own memory there.
      if fcntl(descriptor, F_FULLFSYNC) == 0 { return 0 }
    #endif
    var status: Int32
    repeat { status = fsync(descriptor) } while status != 0 && errno == EINTR
    return status
  }
}
