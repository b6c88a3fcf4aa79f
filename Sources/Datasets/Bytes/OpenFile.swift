import Foundation

/// A regular file from which parts are read on any thread, and which must not change meanwhile.
final class OpenFile: Sendable {
  let path: String
  let byteCount: Int
  private let descriptor: Int32
  private let modified: [Int]

  /// Opens a file.
  ///
  /// - Throws: `DatasetError` as ``FileSource`` does.
  init(_ path: String) throws {
    self.path = path
    // A pipe is not waited for.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    let reason = errno
    modified = Self.modified(descriptor)
    byteCount = modified.first ?? 0
    guard !modified.isEmpty else {
      // What can be said of a file, its errors say.
      _ = try FileSource(path: path)
      throw DatasetError(
        .unreadable, path: path, expected: "a file that can be opened",
        found: String(cString: strerror(reason)),
        remedy: "raise the limit of open files (`ulimit -n`)")
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Bytes of the file.
  ///
  /// - Throws: `DatasetError` (`truncated`) for a file that is shorter now or was written to since it was opened.
  func read(at offset: Int, count: Int) throws -> [UInt8] {
    var read = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      while read < count {
        let more = pread(
          descriptor, buffer.baseAddress.map { $0 + read }, count - read, off_t(offset + read))
        if more < 0 && errno == EINTR { continue }
        guard more > 0 else { break }
        read += more
      }
      initialized = read
    }
    guard read == count, Self.modified(descriptor) == modified else {
      throw DatasetError(
        .truncated, path: path,
        expected: "a file of \(byteCount) bytes that stays as it is while it is read",
        found: read < count ? "the end at \(offset + read)" : "one that was written to",
        remedy: "let nothing write to the data while a run reads them, then resume the run")
    }
    return bytes
  }

  /// Size and time of the last change, seconds and nanoseconds; nothing for what is no regular file.
  private static func modified(_ descriptor: Int32) -> [Int] {
    var facts = stat()
    guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return [] }
    #if canImport(Darwin)
      return [Int(facts.st_size), facts.st_mtimespec.tv_sec, facts.st_mtimespec.tv_nsec]
    #else
      return [Int(facts.st_size), facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec]
    #endif
  }
}
