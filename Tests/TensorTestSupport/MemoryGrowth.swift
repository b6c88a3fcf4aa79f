import TestSupport
import Torch

/// Whether repeating a step makes the process grow.
///
/// Memory in use is read after each of up to twelve windows of steps that follow a warm-up. What leaks
/// leaks in every window, while a heap that settles, soon or late, does not, so the least growth of a window counts.
/// To be called in a process of its own, where nothing else allocates.
public struct MemoryGrowth: Sendable {
  /// Steps of the warm-up and of each window.
  public let windowSteps: Int
  /// What may be added a step.
  public let allowedBytesPerStep: Int
  private static let mostWindows = 12

  /// Windows of so many steps; with `NAP_NIGHTLY=1` of 2,500, of which four make 10,000.
  ///
  /// - Parameter allowedBytesPerStep: less than the smallest object on a heap, unless said otherwise.
  public init(windowSteps: Int, allowedBytesPerStep: Int = 16) {
    self.windowSteps = isNightly ? 2_500 : windowSteps
    self.allowedBytesPerStep = allowedBytesPerStep
  }

  /// Exact where the C library says, so that what a step leaves free hides nothing.
  private var bytesInUse: Int { Machine.allocatedBytes ?? ProcessMemory.residentBytes }

  /// Bytes that a step adds, by the window that grew least: the first that grew by no more than is allowed, after the
  /// first four in the nightly tests.
  public func bytesPerStep(_ step: () throws -> Void) rethrows -> Int {
    for _ in 0..<windowSteps { try step() }
    var least = Int.max
    for window in 1...Self.mostWindows {
      let before = bytesInUse
      for _ in 0..<windowSteps { try step() }
      least = min(least, (bytesInUse - before) / windowSteps)
      if least <= allowedBytesPerStep, window >= (isNightly ? 4 : 1) { break }
    }
    return least
  }
}
