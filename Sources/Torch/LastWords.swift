import Synchronization

/// What a program does when a tensor operation fails where nothing can be thrown.
///
/// Without last words such a failure prints one line and ends the process by a signal
/// (``TorchError``). A program that keeps records sets them, so that what was in progress is recorded
/// and the process ends in order.
public enum LastWords {
  private static let words = Mutex<(@Sendable (String) -> Void)?>(nil)

  /// Sets what is done, on the thread of the failed operation, before the process ends.
  ///
  /// - Parameter words: is given the failure in one line. It may end the process itself, which is to be done by
  ///   `_exit`: other threads are still at work.
  public static func set(_ words: @escaping @Sendable (String) -> Void) {
    self.words.withLock { $0 = words }
  }

  /// Says them once: a failure within them finds none.
  static func say(_ message: String) {
    let words = words.withLock { words in
      defer { words = nil }
      return words
    }
    words?(message)
  }
}
