import Reinforcement
public import Torch

/// Whether the losses of a run are finite, without a wait for the device at every update.
///
///     try watch.observe(loss, update: update)
///     if isRecorded { try watch.check() }
///
/// A loss in the host's memory is judged at once. Others are judged together when asked, at the latest after 1,000
/// updates; the outcome names the first that is not finite, though updates have been taken since. Check before anything
/// of the run is kept.
public struct LossWatch {
  private static let limit = 1_000
  private var losses = PendingNumbers()
  private var updates: [Int] = []

  /// A watch that has seen nothing.
  public init() {}

  /// Takes in the loss of an update.
  ///
  /// - Throws: `TrainingDivergence` for one that is not finite.
  public mutating func observe(_ loss: Tensor, update: Int) throws {
    if let value = loss.itemAtHand {
      try Self.judge(value, update)
    } else {
      losses.append(loss)
      updates.append(update)
      if updates.count == Self.limit { try check() }
    }
  }

  /// Judges the losses that were not at hand. Waits for their device, once.
  ///
  /// - Throws: `TrainingDivergence` for the first that is not finite.
  public mutating func check() throws {
    let pending = zip(losses.take(), updates)
    updates = []
    for (value, update) in pending { try Self.judge(value, update) }
  }

  private static func judge(_ value: Double, _ update: Int) throws {
    guard value.isFinite else { throw TrainingDivergence(update: update, .loss, value: value) }
  }
}
