public import Torch

/// An endless sequence of batches that can be stopped anywhere and resumed exactly.
///
/// ```swift
/// var sampler = BatchSampler(plan, seed: 7)
/// let batch = sampler.nextBatch()
/// let saved = sampler.position                      // Codable
/// var resumed = try BatchSampler(plan, position: saved)
/// ```
/// Memory: one index an example. Cost of a batch: its size, and at an epoch's start one permutation.
public struct BatchSampler: Sendable, IteratorProtocol, Sequence {
  /// How examples are grouped.
  public let plan: BatchPlan
  private var epoch: Int
  private var offset: Int
  private var epochStart: SeededGenerator
  private var generator: SeededGenerator
  private var permutation: [Int]

  /// Starts at the first batch of the first epoch.
  public init(_ plan: BatchPlan, seed: UInt64) {
    self.init(plan, generator: SeededGenerator(seed: seed))
  }

  /// Starts at the first batch of the first epoch, with numbers from `generator`.
  public init(_ plan: BatchPlan, generator: SeededGenerator) {
    self.plan = plan
    self.epoch = 0
    self.offset = 0
    self.epochStart = generator
    self.generator = generator
    self.permutation = []
    drawPermutation()
  }

  /// Continues from a saved position, bit for bit.
  ///
  /// - Throws: `DatasetError` (`invalidRequest`) if the position cannot come from this plan.
  public init(_ plan: BatchPlan, position: BatchPosition) throws {
    self.plan = plan
    self.epoch = position.epoch
    self.offset = position.offset
    self.epochStart = position.epochStart
    self.generator = position.epochStart
    self.permutation = []
    drawPermutation()
    let isAtBatch = position.offset % plan.batchSize == 0
    let isInside = (0..<plan.examplesPerEpoch).contains(position.offset)
    // Only draws with replacement move the generator within an epoch.
    let generatorAgrees = plan.order == .withReplacement || generator == position.generator
    let isCountable = (0...1 << 53).contains(position.epoch)
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
    let end = Swift.min(offset + plan.batchSize, plan.examplesPerEpoch)
    let indices: [Int] =
      switch plan.order {
      case .sequential: Array(offset..<end)
      case .withoutReplacement: Array(permutation[offset..<end])
      case .withReplacement:
        (offset..<end).map { _ in generator.index(below: plan.exampleCount) }
      }
    let batch = Batch(indices: indices, epoch: epoch, endsEpoch: end == plan.examplesPerEpoch)
    offset = end
    if batch.endsEpoch {
      epoch += 1
      offset = 0
      epochStart = generator
      drawPermutation()
    }
    return batch
  }

  private mutating func drawPermutation() {
    guard plan.order == .withoutReplacement else { return }
    permutation = generator.permutation(of: plan.exampleCount)
  }
}
