import Foundation

/// File descriptors that no other process inherits by accident.
package enum Descriptors {
  /// What the system refused, and its code.
  package struct Refusal: Error, CustomStringConvertible {
    let what: String
    let code: Int32
    package var description: String {
      "the system refused \(what): \(String(cString: strerror(code)))"
    }
  }

  /// The same file under a number of at least 16, closed on exec: clear of the numbers that the child gets.
  static func moved(_ descriptor: Int32) throws -> Int32 {
    let moved = fcntl(descriptor, F_DUPFD_CLOEXEC, 16)
    let code = errno
    close(descriptor)
    guard moved >= 0 else { throw Refusal(what: "a file descriptor", code: code) }
    return moved
  }

  static func pipe() throws -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [0, 0]
    guard Foundation.pipe(&ends) == 0 else { throw Refusal(what: "a pipe", code: errno) }
    return try pair(ends)
  }

  /// Two ends; writing to ours when the other is gone is an error and no signal, with `MSG_NOSIGNAL` where there is
  /// such a flag.
  static func sockets() throws -> (ours: Int32, theirs: Int32) {
    var ends: [Int32] = [0, 0]
    #if canImport(Glibc)
      let kind = Int32(SOCK_STREAM.rawValue)
    #else
      let kind = SOCK_STREAM
    #endif
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
      throw Refusal(what: "a pair of sockets", code: errno)
    }
    let both = try pair(ends)
    #if !canImport(Glibc)
      // Elsewhere a flag of each write says so.
      var yes: Int32 = 1
      setsockopt(both.0, SOL_SOCKET, SO_NOSIGPIPE, &yes, 4)
    #endif
    return both
  }

  private static func pair(_ ends: [Int32]) throws -> (Int32, Int32) {
    let first = Result { try moved(ends[0]) }
    let second = Result { try moved(ends[1]) }
    if case (.success(let open), .failure) = (first, second) { close(open) }
    if case (.failure, .success(let open)) = (first, second) { close(open) }
    return (try first.get(), try second.get())
  }
}
