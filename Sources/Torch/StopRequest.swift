/// Whether whoever runs a long computation has been asked to end it, such as by Ctrl-C.
///
/// The program says how that is found out, for all that is called within:
///
///     StopRequest.$isAsked.withValue({ Interruption.isRequested }) { … }
///
/// and long loops look, between steps that are short, by ``check()``. Nobody asks unless it is said.
public enum StopRequest {
  /// Tells whether an end was asked for.
  @TaskLocal public static var isAsked: @Sendable () -> Bool = { false }

  /// Ends a computation whose result is then not needed.
  ///
  /// - Throws: ``Stopped`` once an end was asked for. Cost: about 50 ns.
  public static func check() throws(Stopped) {
    if isAsked() { throw Stopped() }
  }

  /// A computation that was ended before its end because that was asked for.
  public struct Stopped: Error, Hashable, Sendable, CustomStringConvertible {
    /// One sentence.
    public let description = "it was asked to stop"

    /// The error.
    public init() {}
  }
}
