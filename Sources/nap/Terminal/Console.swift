import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// Where the program writes.
enum Console {
  /// Whether a person is looking at standard error.
  static let isTerminal = isatty(STDERR_FILENO) == 1

  /// Whether standard error is a terminal that moves its cursor as it is told: not one called `dumb`, or nothing at all.
  static let takesEscapes =
    isTerminal && !["", "dumb"].contains(ProcessInfo.processInfo.environment["TERM"] ?? "")

  /// One line on standard error.
  static func error(_ message: String) { write(plain(message) + "\n", to: STDERR_FILENO) }

  /// One line on standard output, at once.
  static func line(_ message: String) { write(plain(message) + "\n", to: STDOUT_FILENO) }

  /// Text in which no character gives a terminal orders: control characters, and those that turn the direction of writing, as
  /// `\u{1B}`. Names of runs and of tensors are anybody's.
  static func plain(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isOrder) else { return text }
    return text.unicodeScalars.map { scalar in
      isOrder(scalar)
        ? "\\u{\(String(scalar.value, radix: 16, uppercase: true))}" : String(scalar)
    }.joined()
  }

  /// Whether a character is more than itself to a terminal. Line ends and tabs are not.
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
