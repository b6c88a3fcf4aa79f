public import Torch

/// Token shards as what a language model trains on: windows of the row of all documents, one packed after the other.
///
/// Windows for training follow one another without overlap, and each comes once in an epoch, in an order that is
/// computed on the fly, another one each epoch. A window may hold the end of one document and the
/// beginning of the next, with the token between them that the tokenizer has for it; `TokenShards.document(_:)` has the
/// places. The last tenth of the tokens is for validation, but at most ``mostValidation``.
///
/// Nothing of it has to be saved: a batch follows from the shards, the generator and the number of windows that were
/// taken before. Memory: one batch; the shards are memory-mapped.
///
/// Legend: B windows of a batch, T tokens of a window.
public struct ShardWindows: WindowSource {
  /// Tokens that validation has at most; our choice.
  public static let mostValidation = 1 << 24

  /// Where the tokens lie.
  public let shards: TokenShards
  public let length: Int
  public let validation: Range<Int>
  /// Windows of an epoch.
  public let windowCount: Int

  /// Takes windows of `length` tokens.
  ///
  /// - Throws: `DatasetError` (`invalidRequest`) for a length below 1, and shards that are too short for a window of
  ///   training and one of validation.
  public init(_ shards: TokenShards, length: Int) throws(DatasetError) {
    let count = shards.tokenCount
    let split = count - min((count + 9) / 10, Self.mostValidation)
    guard length >= 1, split > length, count - split >= length else {
      throw DatasetError(
        .invalidRequest, path: shards.folder,
        expected: length < 1
          ? "windows of at least 1 token"
          : "at least \(length + 1) tokens for training and \(length) for validation",
        found: length < 1 ? "\(length)" : "\(split) and \(count - split)",
        remedy: "choose shorter windows (network.context) or tokenize more text")
    }
    (self.shards, self.length) = (shards, length)
    validation = split..<count
    windowCount = (split - 1) / length
  }

  public func trainingBatch(
    of size: Int, update: Int, generator: SeededGenerator, device: Device
  ) -> (inputs: Tensor, targets: Tensor) {
    precondition(size >= 1, "trainingBatch(of:): at least 1 window, got \(size)")
    return trainingBatch(
      update * size..<(update + 1) * size, generator: generator, device: device)
  }

  /// The windows at some places of the endless row of epochs.
  ///
  /// Of several processes each takes a part of a step's places; where the row stands is all that has to be saved, and
  /// says nothing of their number.
  /// - Returns: inputs and targets, int64 (B, T); each target is the token after its input.
  /// - Precondition: places are not negative, and there is one.
  /// - Cost: one pass over the tokens; on a disk, one place for each window.
  public func trainingBatch(
    _ places: Range<Int>, generator: SeededGenerator, device: Device = .cpu
  ) -> (inputs: Tensor, targets: Tensor) {
    windows(
      at: starts(places, generator: generator), length: length, device: device)
  }

  /// Where these windows begin.
  func starts(_ places: Range<Int>, generator: SeededGenerator) -> [Int] {
    precondition(
      places.lowerBound >= 0 && !places.isEmpty, "trainingBatch: places from 0, got \(places)")
    let draws = generator.split("windows")
    var order: (epoch: Int, windows: Bijection)?
    return places.map { place in
      let epoch = place / windowCount
      if order?.epoch != epoch {
        var draws = draws.split("epoch-\(epoch)")
        order = (epoch, Bijection(count: windowCount, key: draws.next()))
      }
      return (order?.windows[place % windowCount] ?? 0) * length
    }
  }

  public func windows(
    at starts: [Int], length: Int, device: Device
  ) -> (inputs: Tensor, targets: Tensor) {
    func tokens(_ shift: Int) -> Tensor {
      Tensor(shape: [starts.count, length], dtype: .int64, device: device) { bytes in
        let tokens = bytes.bindMemory(to: Int64.self)
        for (row, start) in starts.enumerated() {
          shards.copyTokens(
            from: start + shift,
            into: UnsafeMutableBufferPointer(
              rebasing: tokens[(row * length)..<((row + 1) * length)])
          )
        }
      }
    }
    return (tokens(0), tokens(1))
  }
}
