/// Whether whoever runs a long computation has been asked to end it, such as by Ctrl-C.
///
/// The program says how that is found out, for all that is called within:
///
///     StopRequest.answering({ Interruption.isRequested }) { … }
///
/// and long loops look, between steps that are short, by ``check()``. Nobody asks unless it is said.
public struct StopRequest: Sendable {
  private let answer: @Sendable () -> Bool

  // A value of a nominal type: a task-local closure crashes in optimized builds of Swift 6.3.1 (docs/log.md).
  @TaskLocal private static var current = StopRequest { false }

  private init(answer: @escaping @Sendable () -> Bool) { self.answer = answer }

  /// Whether an end was asked for.
  public static var isAsked: Bool { current.answer() }

  /// Runs `body`, within which ``isAsked`` is true also where `answer` says so.
  ///
  /// - Throws: what `body` throws.
  public static func answering<Result>(
    _ answer: @escaping @Sendable () -> Bool, _ body: () throws -> Result
  ) rethrows -> Result {
    let outer = current
    return try $current.withValue(
      StopRequest { answer() || outer.answer() }, operation: body)
  }

  /// Runs `body`, within which nobody is asked to end: processes that compute together end together.
  package static func ignoring<Result>(_ body: () throws -> Result) rethrows -> Result {
    try $current.withValue(StopRequest { false }, operation: body)
  }

  /// Ends a computation whose result is then not needed.
  ///
  /// - Throws: ``Stopped`` once an end was asked for. Cost: about 50 ns.
  public static func check() throws(Stopped) {
    if isAsked { throw Stopped() }
  }

  /// A computation that was ended before its end because that was asked for.
  public struct Stopped: Error, Hashable, Sendable, CustomStringConvertible {
    /// One sentence.
    public let description = "it was asked to stop"

    /// The error.
    public init() {}
  }
}
