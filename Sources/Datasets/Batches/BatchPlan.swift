public import Torch

/// How examples are grouped into batches: everything that does not change while training.
public struct BatchPlan: Codable, Hashable, Sendable {
  /// The order of examples within an epoch.
  public enum Order: String, Codable, Hashable, Sendable, CaseIterable {
    /// As they lie in the dataset.
    case sequential
    /// A fresh permutation every epoch: each example once.
    case withoutReplacement
    /// Independent uniform draws: an example may come twice, or not at all.
    case withReplacement
    /// A fresh permutation every epoch, each example once, computed place by place: nothing is kept of it in memory.
    case bijection
  }

  /// The number of examples in the dataset.
  public let exampleCount: Int
  /// The number of examples in a batch.
  public let batchSize: Int
  /// The order of examples within an epoch.
  public let order: Order
  /// Whether an epoch's last, smaller batch is left out.
  public let dropsLast: Bool
  /// What lies together, for ``Order/bijection``, which then mixes the examples of some blocks at a time; `nil` mixes
  /// all.
  public let blocks: ExampleBlocks?

  /// States a plan.
  ///
  /// - Throws: `DatasetError` (`invalidRequest`) if a count is below 1, if the last batch is dropped and
  ///   there is no whole one, or if blocks do not hold the examples.
  public init(
    exampleCount: Int, batchSize: Int, order: Order = .withoutReplacement, dropsLast: Bool = false,
    blocks: ExampleBlocks? = nil
  ) throws {
    self.exampleCount = exampleCount
    self.batchSize = batchSize
    self.order = order
    self.dropsLast = dropsLast
    self.blocks = blocks
    if let blocks {
      let sum = blocks.counts.reduce(0) { $0.addingReportingOverflow($1).partialValue }
      guard order == .bijection, blocks.together >= 1, blocks.counts.allSatisfy({ $0 > 0 }),
        sum == exampleCount
      else {
        throw DatasetError(
          .invalidRequest, path: "batches",
          expected:
            "blocks of \(exampleCount) examples in all, none of them empty, in the order bijection",
          found:
            "\(blocks.counts.count) blocks of \(sum) examples, \(blocks.together) together, in the order "
            + order.rawValue, remedy: "list the files of the data set again")
      }
    }
    guard exampleCount > 0, batchSize > 0, !dropsLast || batchSize <= exampleCount else {
      throw DatasetError(
        .invalidRequest, path: "batches",
        expected: "at least one example and a batch of at least one"
          + (dropsLast ? " and, where the last is dropped, at most all examples" : ""),
        found: "\(exampleCount) examples in batches of \(batchSize)",
        remedy: "choose a batch size from 1 to the number of examples")
    }
  }

  /// Batches in an epoch.
  public var batchesPerEpoch: Int { (examplesPerEpoch + batchSize - 1) / batchSize }

  /// Examples that an epoch hands out: all of them, or the whole batches' if the last is dropped.
  public var examplesPerEpoch: Int {
    dropsLast ? exampleCount / batchSize * batchSize : exampleCount
  }

  private enum CodingKeys: String, CodingKey {
    case exampleCount, batchSize, order, dropsLast, blocks
  }

  /// Reads a plan and checks it as `init(exampleCount:batchSize:order:dropsLast:)` does.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      exampleCount: values.decode(Int.self, forKey: .exampleCount),
      batchSize: values.decode(Int.self, forKey: .batchSize),
      order: values.decode(Order.self, forKey: .order),
      dropsLast: values.decode(Bool.self, forKey: .dropsLast),
      blocks: values.decodeIfPresent(ExampleBlocks.self, forKey: .blocks))
  }
}

/// Where a sampler stands. With the plan it determines every batch to come.
public struct BatchPosition: Codable, Hashable, Sendable {
  /// Epochs finished.
  public let epoch: Int
  /// Examples already handed out in this epoch.
  public let offset: Int
  /// The generator as it was when this epoch began, from which its permutation is drawn again.
  public let epochStart: SeededGenerator
  /// The generator as it is now.
  public let generator: SeededGenerator
}

/// The examples of one batch, by their index in the dataset: those of one process's share.
public struct Batch: Hashable, Sendable {
  /// Indices of the examples, in order.
  public let indices: [Int]
  /// Epochs that were finished before this batch.
  public let epoch: Int
  /// Whether this is the epoch's last batch.
  public let endsEpoch: Bool
  /// The examples' places in the epoch's order.
  public let places: Range<Int>
  /// The places of all processes' examples of this batch.
  public let whole: Range<Int>
  /// Batches before this one, of all epochs.
  public let number: Int

  /// A batch of one process, the first of its epoch unless more is said.
  init(
    indices: [Int], epoch: Int, endsEpoch: Bool, places: Range<Int>? = nil,
    whole: Range<Int>? = nil,
    number: Int = 0
  ) {
    (self.indices, self.epoch, self.endsEpoch) = (indices, epoch, endsEpoch)
    self.places = places ?? 0..<indices.count
    self.whole = whole ?? self.places
    self.number = number
  }

  /// Where this process's examples lie among those of the whole batch.
  var part: Range<Int> {
    places.lowerBound - whole.lowerBound..<places.upperBound - whole.lowerBound
  }
}
