public import Torch

/// Windows of tokens as a source of batches: batch u is `WindowSource.trainingBatch(update: u)`, so its position is u.
///
/// Those of a text are drawn with replacement, without epochs; those of token shards come once an epoch.
public struct TokenBatches: BatchSource {
  private let windows: any WindowSource
  private let size: Int
  private let generator: SeededGenerator
  private let device: Device
  public let share: ProcessShare
  /// Batches so far.
  public private(set) var position = 0

  /// Batches of `size` windows at places that `generator` decides.
  ///
  /// - Throws: `DatasetError` (`invalidRequest`) for a size below 1.
  public init(
    _ windows: any WindowSource, of size: Int, generator: SeededGenerator, share: ProcessShare = .whole,
    device: Device = .cpu
  ) throws {
    guard size >= 1 else {
      throw DatasetError(
        .invalidRequest, path: "batches", expected: "at least 1 window", found: "\(size)",
        remedy: "choose a batch size from 1 up")
    }
    (self.windows, self.size, self.generator) = (windows, size, generator)
    (self.share, self.device) = (share, device)
  }

  /// Inputs and targets, int64 (B, T).
  public mutating func nextBatch() -> (inputs: Tensor, targets: Tensor) {
    let whole = windows.trainingBatch(
      of: size, update: position, generator: generator, device: device)
    position += 1
    guard share.count > 1 else { return whole }
    let part = share.part(of: 0..<size)
    return (whole.inputs[part], whole.targets[part])
  }

  /// Continues before batch `position`.
  public mutating func seek(_ position: Int) throws {
    guard (0...1 << 53).contains(position) else {
      throw DatasetError(
        .invalidRequest, path: "saved position of the batches",
        expected: "a number of batches from 0",
        found: "\(position)", remedy: "resume from another checkpoint")
    }
    self.position = position
  }
}
