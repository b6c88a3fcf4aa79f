import Environments

/// What went wrong with an actor, which it names: one sentence that says what to do.
public struct ActorError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One sentence, with the process's last lines where there are any.
  public let description: String

  /// An error of an actor, counted from 0, of so many.
  init(_ actor: Int, of count: Int, process: Int32? = nil, _ reason: String) {
    let number = process.map { ", process \($0)" } ?? ""
    description = "actor \(actor) (of \(count)\(number)): \(reason)"
  }
}
