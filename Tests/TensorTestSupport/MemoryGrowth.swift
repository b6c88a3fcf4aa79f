import TestSupport
import Torch

/// Whether repeating a step makes the process grow.
///
/// Memory in use is read after each of four windows of steps that follow a warm-up. What leaks
/// leaks in every window, while a heap that settles does not, so the least growth of a window counts.
/// To be called in a process of its own, where nothing else allocates.
public struct MemoryGrowth: Sendable {
  /// Steps of the warm-up and of each window.
  public let windowSteps: Int
  /// What may be added a step: less than the smallest object on a heap.
  public static let allowedBytesPerStep = 16

  /// Windows of so many steps; with `NAP_NIGHTLY=1` of 2,500, which makes 10,000 in all.
  public init(windowSteps: Int) {
    self.windowSteps = isNightly ? 2_500 : windowSteps
  }

  /// Exact where the C library says, so that what a step leaves free hides nothing.
  private var bytesInUse: Int { Machine.allocatedBytes ?? ProcessMemory.residentBytes }

  /// Bytes that a step adds, by the window that grew least.
  public func bytesPerStep(_ step: () throws -> Void) rethrows -> Int {
    for _ in 0..<windowSteps { try step() }
    var least = Int.max
    for _ in 0..<4 {
      let before = bytesInUse
      for _ in 0..<windowSteps { try step() }
      least = min(least, bytesInUse - before)
    }
    return least / windowSteps
  }
}
