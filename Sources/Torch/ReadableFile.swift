import Foundation

/// An open file, read at offsets; closed when the last reference goes.
final class ReadableFile: Sendable {
  private let descriptor: Int32

  init(_ path: String) throws {
    // Without waiting: opening a pipe would last until somebody writes to it.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Self.unreadable(errno).located(at: path) }
  }

  deinit { close(descriptor) }

  /// Bytes in the file.
  func length() throws -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.unreadable(errno) }
    guard (status.st_mode & S_IFMT) == S_IFREG else {
      throw SafetensorsProblem(
        kind: .unreadable, expected: "a file", found: "something else, such as a folder or a pipe",
        advice: "check the path")
    }
    return Int(status.st_size)
  }

  /// Fills the whole buffer.
  func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws {
    var (rest, position) = (buffer, offset)
    while !rest.isEmpty {
      let count = pread(descriptor, rest.baseAddress, rest.count, off_t(position))
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw Self.unreadable(errno) }
      guard count > 0 else {
        throw SafetensorsProblem(
          kind: .wrongLength, expected: "\(rest.count) more bytes at byte \(position)",
          found: "the end of the file", advice: "the file was cut off while open: read it again")
      }
      rest = UnsafeMutableRawBufferPointer(rebasing: rest.dropFirst(count))
      position += count
    }
  }

  private static func unreadable(_ code: Int32) -> SafetensorsProblem {
    SafetensorsProblem(
      kind: .unreadable, expected: "a readable file",
      found: "\(String(cString: strerror(code))) (error \(code))",
      advice: "check the path and the permissions")
  }
}
