public import Torch

/// An endless sequence of batches that can be stopped anywhere and resumed exactly.
///
/// ```swift
/// var sampler = BatchSampler(plan, seed: 7)
/// let batch = sampler.nextBatch()
/// let saved = sampler.position                      // Codable
/// var resumed = try BatchSampler(plan, position: saved)
/// ```
/// Memory: one index an example for ``BatchPlan/Order/withoutReplacement``, one a block for
/// ``BatchPlan/Order/bijection``. Cost of a batch: its size, and at an epoch's start one permutation, of examples or of
/// blocks.
public struct BatchSampler: Sendable, IteratorProtocol, Sequence, BatchSource {
  /// How examples are grouped.
  public let plan: BatchPlan
  /// Which part of each batch is handed out.
  public let share: ProcessShare
  private var epoch: Int
  private var offset: Int
  private var epochStart: SeededGenerator
  private var generator: SeededGenerator
  private var permutation: [Int]
  private var blockOrder: BlockOrder?

  /// Starts at the first batch of the first epoch.
  public init(_ plan: BatchPlan, seed: UInt64, share: ProcessShare = .whole) {
    self.init(plan, generator: SeededGenerator(seed: seed), share: share)
  }

  /// Starts at the first batch of the first epoch, with numbers from `generator`.
  public init(_ plan: BatchPlan, generator: SeededGenerator, share: ProcessShare = .whole) {
    self.plan = plan
    self.share = share
    self.epoch = 0
    self.offset = 0
    self.epochStart = generator
    self.generator = generator
    self.permutation = []
    drawOrder()
  }

  /// Continues from a saved position, bit for bit.
  ///
  /// - Throws: `DatasetError` (`invalidRequest`) if the position cannot come from this plan.
  public init(_ plan: BatchPlan, position: BatchPosition, share: ProcessShare = .whole) throws {
    self.plan = plan
    self.share = share
    self.epoch = position.epoch
    self.offset = position.offset
    self.epochStart = position.epochStart
    self.generator = position.epochStart
    self.permutation = []
    drawOrder()
    let isAtBatch = position.offset % plan.batchSize == 0
    let isInside = (0..<plan.examplesPerEpoch).contains(position.offset)
    // Only draws with replacement move the generator within an epoch.
    let generatorAgrees = plan.order == .withReplacement || generator == position.generator
    let isCountable = (0...(1 << 53) / plan.batchesPerEpoch).contains(position.epoch)
    guard isAtBatch, isInside, isCountable, generatorAgrees else {
      throw DatasetError(
        .invalidRequest, path: "saved position of the batches",
        expected: "an offset in 0..<\(plan.examplesPerEpoch) that is a multiple of "
          + "\(plan.batchSize), and a generator that fits it",
        found: "epoch \(position.epoch), offset \(position.offset)"
          + (generatorAgrees ? "" : ", generator of another plan"),
        remedy: "resume with the dataset, batch size and order the run was started with")
    }
    self.generator = position.generator
  }

  /// Where the sampler stands: before the batch that `nextBatch` would give.
  public var position: BatchPosition {
    BatchPosition(epoch: epoch, offset: offset, epochStart: epochStart, generator: generator)
  }

  /// The next batch, never nil: for `for`-`in` and `prefix`.
  public mutating func next() -> Batch? { nextBatch() }

  /// The next batch.
  public mutating func nextBatch() -> Batch {
    let whole = offset..<Swift.min(offset + plan.batchSize, plan.examplesPerEpoch)
    let places = share.part(of: whole)
    let indices: [Int] =
      switch plan.order {
      case .sequential: Array(places)
      case .withoutReplacement: Array(permutation[places])
      case .withReplacement:
        Array(
          whole.map { _ in generator.index(below: plan.exampleCount) }[
            places.lowerBound - offset..<places.upperBound - offset])
      case .bijection: places.map { blockOrder?.index(at: $0) ?? $0 }
      }
    let batch = Batch(
      indices: indices, epoch: epoch, endsEpoch: whole.upperBound == plan.examplesPerEpoch,
      places: places, whole: whole, number: epoch * plan.batchesPerEpoch + offset / plan.batchSize)
    offset = whole.upperBound
    if batch.endsEpoch {
      epoch += 1
      offset = 0
      epochStart = generator
      drawOrder()
    }
    return batch
  }

  /// Continues from a saved position; see ``init(_:position:share:)``.
  public mutating func seek(_ position: BatchPosition) throws {
    self = try BatchSampler(plan, position: position, share: share)
  }

  private mutating func drawOrder() {
    switch plan.order {
    case .withoutReplacement: permutation = generator.permutation(of: plan.exampleCount)
    case .bijection:
      // The next state holds the number of examples, so that a position of other data is found out.
      blockOrder = BlockOrder(
        plan.blocks ?? ExampleBlocks(counts: [plan.exampleCount], together: 1),
        key: generator.next())
      generator = generator.split("\(plan.exampleCount)")
    case .sequential, .withReplacement: break
    }
  }
}
