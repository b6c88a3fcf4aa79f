public import Torch

/// A text as what a language model trains on: windows of bytes, each with the byte that follows it.
///
/// Tokens are the text's bytes, so that every text has the same vocabulary of 256 and a model can go from one text to
/// the next. The first nine tenths of the text are for training and the last tenth is for validation, as in nanoGPT's
/// `data/shakespeare_char/prepare.py` (Karpathy 2022).
///
/// ```swift
/// let windows = try TokenWindows(text, length: 128)
/// let draws = SeededGenerator(seed: 7)
/// let (inputs_BT, targets_BT) = windows.trainingBatch(of: 16, update: 0, generator: draws)
/// ```
/// Nothing of it has to be saved: a batch follows from the text, the generator and the number of the update.
/// Memory: the text's bytes, shared with whoever else holds them, and one batch.
///
/// Legend: B windows of a batch, T tokens of a window.
public struct TokenWindows: WindowSource, Hashable {
  /// Different tokens: the values of a byte.
  public static let vocabulary = 256

  /// The whole text.
  public let bytes: [UInt8]
  /// T, the tokens that a window gives as inputs, and as many that it has for targets.
  public let length: Int
  /// The bytes that are trained on: nine tenths of all, rounded down.
  public let training: Range<Int>
  /// The bytes that validation predicts, each once: the rest.
  public let validation: Range<Int>

  /// Takes windows of `length` tokens from a text.
  ///
  /// - Throws: `DatasetError` (`invalidRequest`) for a length below 1, or a text whose training part has no
  ///   `length` + 1 bytes or whose validation part has no `length`.
  public init(_ text: TextDataset, length: Int) throws(DatasetError) {
    let count = text.bytes.count
    let split = count * 9 / 10
    guard length >= 1, split > length, count - split >= length else {
      throw DatasetError(
        .invalidRequest, path: text.source,
        expected: length < 1
          ? "windows of at least 1 token"
          : "at least \(length + 1) bytes for training and \(length) for validation, for windows "
            + "of \(length) tokens",
        found: length < 1 ? "\(length)" : "\(split) and \(count - split)",
        remedy: "choose shorter windows or a longer text")
    }
    bytes = text.bytes
    self.length = length
    training = 0..<split
    validation = split..<count
  }

  /// One batch to train on: `size` windows at independent uniform places of the training part.
  ///
  /// The places depend on the generator as it is and on `update` alone; `generator` does not move.
  /// - Returns: inputs and targets, int64 (B, T); each target is the byte after its input.
  /// - Precondition: `size` is at least 1.
  public func trainingBatch(
    of size: Int, update: Int, generator: SeededGenerator, device: Device = .cpu
  ) -> (inputs: Tensor, targets: Tensor) {
    precondition(size >= 1, "trainingBatch(of:): at least 1 window, got \(size)")
    var draws = generator.split("windows").split("update-\(update)")
    let starts = (0..<size).map { _ in draws.index(below: training.count - length) }
    return windows(at: starts, length: length, device: device)
  }

  public func windows(
    at starts: [Int], length: Int, device: Device
  ) -> (inputs: Tensor, targets: Tensor) {
    func tokens(_ shift: Int) -> Tensor {
      let rows = starts.flatMap { bytes[($0 + shift)..<($0 + shift + length)] }
      return Tensor(rows, shape: [starts.count, length], dtype: .int64, device: device)
    }
    return (tokens(0), tokens(1))
  }
}
