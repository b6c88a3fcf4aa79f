import ArgumentParser
import Experiments
import Foundation

/// Work that takes long says so before it begins.
struct LongWorkOption: ParsableArguments {
  @Flag(name: .long, help: "Begins what is forecast to take more than an hour without asking.")
  var yes = false

  /// Says what more than an hour is to be spent on. Where a person sits at the terminal, asks whether to begin.
  ///
  /// - Parameter work: such as `one run`.
  /// - Throws: ``Failure/Abandoned`` where the person says no, or interrupts.
  func confirm(_ work: String, hours: Double, on words: String) throws {
    guard hours > 1 else { return }
    Console.error("\(work): about \(Self.words(hours: hours)) here, \(words)")
    guard !yes, Self.isAnswerable else { return }
    Console.status("Begin? [y/N] (--yes does not ask) ")
    guard try Self.answer().lowercased().hasPrefix("y") else {
      throw Failure.Abandoned(what: "nothing was begun")
    }
  }

  /// Whether a person can answer: both ways lead to a terminal, and this job is the one in front of it. A job in the
  /// background would be stopped for reading.
  private static var isAnswerable: Bool {
    isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 && tcgetpgrp(STDIN_FILENO) == getpgrp()
  }

  /// The line that is typed, empty at the end of the input.
  private static func answer() throws -> String {
    var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    // A signal only sets a mark, so waiting for a line must look up from time to time.
    while poll(&input, 1, 200) <= 0 {
      if Interruption.isRequested { throw Failure.Abandoned(what: "nothing was begun") }
    }
    return readLine() ?? ""
  }

  /// `40 s`, `25 min`, `3.2 h`, `4.0 days`.
  static func words(hours: Double) -> String {
    switch hours {
    case ..<(1 / 60.0): String(format: "%.0f s", hours * 3_600)
    case ..<1.5: String(format: "%.0f min", hours * 60)
    case ..<72: String(format: "%.1f h", hours)
    default: String(format: "%.1f days", hours / 24)
    }
  }
}
