public import Torch

/// Windows of tokens to train and validate a language model on, each with the tokens that follow its own.
///
/// Legend: B windows of a batch, T tokens of a window.
public protocol WindowSource: Sendable {
  /// T, the tokens that a window gives as inputs, and as many that it has for targets.
  var length: Int { get }

  /// The places of the tokens that validation predicts, each once; they follow those of training.
  var validation: Range<Int> { get }

  /// One batch to train on: `size` windows. They depend on the generator as it is and on `update` alone.
  ///
  /// - Returns: inputs and targets, int64 (B, T); each target is the token after its input.
  /// - Precondition: `size` is at least 1.
  func trainingBatch(
    of size: Int, update: Int, generator: SeededGenerator, device: Device
  ) -> (inputs: Tensor, targets: Tensor)

  /// The windows of so many tokens from these places on, and the tokens after each.
  ///
  /// - Precondition: they are there.
  func windows(
    at starts: [Int], length: Int, device: Device
  ) -> (inputs: Tensor, targets: Tensor)
}

extension WindowSource {
  /// Batches of `size` windows that validation has in all.
  ///
  /// - Precondition: `size` is at least 1.
  public func validationBatchCount(of size: Int) -> Int {
    precondition(size >= 1, "validationBatchCount(of:): at least 1 window, got \(size)")
    let windows = validation.count / length
    return (windows + size - 1) / size + (validation.count % length > 0 ? 1 : 0)
  }

  /// A batch of the validation windows, which follow one another without overlap, in order.
  ///
  /// All batches together predict every validation token once. The first token's input is the last of training. The
  /// last batch of whole windows may have fewer than `size`. Tokens that fill no window come after it as a batch of one
  /// shorter window: a mean over all of them weighs each batch by its number of targets.
  /// - Returns: inputs and targets, int64 (B, T).
  /// - Precondition: `index` is in 0 ..< `validationBatchCount(of: size)`.
  public func validationBatch(
    _ index: Int, of size: Int, device: Device = .cpu
  ) -> (inputs: Tensor, targets: Tensor) {
    let count = validationBatchCount(of: size)
    precondition(
      (0..<count).contains(index), "validationBatch: an index in 0 ..< \(count), got \(index)")
    let windows = validation.count / length
    let first = min(index * size, windows)
    let chosen = first..<min(first + size, windows)
    let before = validation.lowerBound - 1
    guard !chosen.isEmpty else {
      return self.windows(
        at: [before + windows * length], length: validation.count % length, device: device)
    }
    return self.windows(
      at: chosen.map { before + $0 * length }, length: length, device: device)
  }
}
