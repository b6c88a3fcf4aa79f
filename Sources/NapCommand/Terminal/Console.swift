import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Where the program writes.
enum Console {
  /// Whether standard error is a terminal.
  static let isTerminal = isatty(STDERR_FILENO) == 1

  /// Whether standard error is a terminal that can move its cursor, and not a `dumb` one.
  static let takesEscapes =
    isTerminal && !["", "dumb"].contains(ProcessInfo.processInfo.environment["TERM"] ?? "")

  /// One line on standard error.
  static func error(_ message: String) { write(plain(message) + "\n", to: STDERR_FILENO) }

  /// One line on standard output, at once.
  static func line(_ message: String) { write(plain(message) + "\n", to: STDOUT_FILENO) }

  /// Text on standard output without a newline, at once.
  static func text(_ text: String) { write(plain(text), to: STDOUT_FILENO) }

  /// The text with control characters, and characters that change the direction of writing, written as `\u{1B}`. Names
  /// of runs and tensors may come from anybody.
  static func plain(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isOrder) else { return text }
    return text.unicodeScalars.map { scalar in
      isOrder(scalar)
        ? "\\u{\(String(scalar.value, radix: 16, uppercase: true))}" : String(scalar)
    }.joined()
  }

  /// Whether a terminal takes a character as a command. Line ends and tabs are none.
  static func isOrder(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0A, 0x09: false
    case 0x202A...0x202E, 0x2066...0x2069: true
    default: scalar.properties.generalCategory == .control
    }
  }

  /// Text on standard error without a newline, for progress.
  static func status(_ text: String) { write(text, to: STDERR_FILENO) }

  /// Columns of the terminal; 80 when there is none.
  static var width: Int { size.map { Int($0.ws_col) } ?? 80 }

  /// Lines of the terminal; 24 when there is none.
  static var height: Int { size.map { Int($0.ws_row) } ?? 24 }

  private static var size: winsize? {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return size
  }

  /// Why standard output could not be written; 0 where it could. A closed pipe is no error.
  private static let outputError = Atomic<Int32>(0)

  /// Fails if a result could not be shown.
  ///
  /// - Throws: ``OutputLost``, once a line of standard output was lost.
  static func requireOutput() throws {
    let code = outputError.load(ordering: .relaxed)
    if code != 0 { throw OutputLost(reason: String(cString: strerror(code))) }
  }

  /// A result could not be shown.
  struct OutputLost: Error, CustomStringConvertible {
    var reason: String
    var description: String {
      "standard output cannot be written: \(reason); its text is lost, but saved files are complete"
    }
  }

  private static func write(_ text: String, to descriptor: Int32) {
    let bytes = Array(text.utf8)
    var start = 0
    while start < bytes.count {
      let written = bytes[start...].withUnsafeBytes { unsafe in
        Foundation.write(descriptor, unsafe.baseAddress, unsafe.count)
      }
      if written > 0 {
        start += written
        continue
      }
      switch errno {
      case EINTR: continue
      case EAGAIN:
        // Another program made the pipe non-blocking: wait for it.
        var place = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&place, 1, 1_000)
      case EPIPE: return
      default:
        if descriptor == STDOUT_FILENO { outputError.store(errno, ordering: .relaxed) }
        return
      }
    }
  }
}
