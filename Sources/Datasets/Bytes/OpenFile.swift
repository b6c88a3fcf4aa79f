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
    byteCount = try FileSource(path: path).storedByteCount
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    modified = Self.modified(descriptor)
    guard descriptor >= 0 else {
      throw DatasetError(
        .unreadable, path: path, expected: "a file that can be opened",
        found: String(cString: strerror(errno)),
        remedy: "raise the limit of open files (`ulimit -n`)")
    }
  }

  deinit { close(descriptor) }

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

  /// Size and time of the last change, seconds and nanoseconds.
  private static func modified(_ descriptor: Int32) -> [Int] {
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { return [] }
    #if canImport(Darwin)
      return [Int(facts.st_size), facts.st_mtimespec.tv_sec, facts.st_mtimespec.tv_nsec]
    #else
      return [Int(facts.st_size), facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec]
    #endif
  }
}
