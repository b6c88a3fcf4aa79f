import Foundation

/// A question to the person at the terminal.
enum Question {
  /// Asks, and goes on at a yes.
  ///
  /// - Parameter refused: what the message says of a no, such as `nothing was begun`.
  /// - Throws: ``Failure/Abandoned`` at any other answer, and when the program is interrupted.
  static func require(_ question: String, orElse refused: String) throws {
    Console.status("\(question) [y/N] (--yes does not ask) ")
    guard try answer(refused).lowercased().hasPrefix("y") else {
      throw Failure.Abandoned(what: refused)
    }
  }

  /// Whether a person can answer: input and error are a terminal, and this job is in the foreground. A background job
  /// would be stopped for reading.
  static var isAnswerable: Bool {
    isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 && tcgetpgrp(STDIN_FILENO) == getpgrp()
  }

  /// The typed line; empty at the end of the input.
  private static func answer(_ refused: String) throws -> String {
    var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    // A signal only sets a flag, so waiting for a line has to check the flag from time to time.
    while poll(&input, 1, 200) <= 0 {
      if Interruption.isRequested { throw Failure.Abandoned(what: refused) }
    }
    return readLine() ?? ""
  }
}
