import Foundation

/// A file's bytes in the address space, read from the disk as they are touched.
///
/// A file that another program cuts short while it is mapped ends the process; finished shards are not written again.
final class MappedFile: @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer

  /// Maps a file of so many bytes.
  ///
  /// - Throws: `DatasetError` for a file that is missing or of another size.
  init(path: String, byteCount: Int) throws {
    func refusal(_ kind: DatasetError.Kind, _ found: String) -> DatasetError {
      DatasetError(
        kind, path: path, expected: "a file of \(byteCount) bytes", found: found,
        remedy: TokenFolder.remedy)
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw refusal(.missingFile, String(cString: strerror(errno))) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, Int(status.st_size) == byteCount else {
      throw refusal(.truncated, "one of \(status.st_size)")
    }
    guard byteCount > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let start = mmap(nil, byteCount, PROT_READ, MAP_SHARED, descriptor, 0),
      start != MAP_FAILED
    else { throw refusal(.unreadable, String(cString: strerror(errno))) }
    bytes = UnsafeRawBufferPointer(start: start, count: byteCount)
  }

  deinit {
    if let start = bytes.baseAddress {
      munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
    }
  }
}
