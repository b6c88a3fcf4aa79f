import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// Where the program writes.
enum Console {
  /// Whether a person is looking at standard error.
  static let isTerminal = isatty(STDERR_FILENO) == 1

  /// One line on standard error.
  static func error(_ message: String) { write(message + "\n", to: STDERR_FILENO) }

  /// One line on standard output, at once.
  static func line(_ message: String) { write(message + "\n", to: STDOUT_FILENO) }

  /// Text on standard error without a newline, for progress.
  static func status(_ text: String) { write(text, to: STDERR_FILENO) }

  /// Columns of the terminal; 80 when there is none.
  static var width: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  private static func write(_ text: String, to descriptor: Int32) {
    let bytes = Array(text.utf8)
    var start = 0
    while start < bytes.count {
      let written = bytes[start...].withUnsafeBytes { unsafe in
        Foundation.write(descriptor, unsafe.baseAddress, unsafe.count)
      }
      guard written > 0 else { return }
      start += written
    }
  }
}
