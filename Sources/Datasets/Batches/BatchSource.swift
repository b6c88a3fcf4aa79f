/// Batches of examples, one after another without end, in an order that a seed decides: what training reads.
///
/// ```swift
/// var source = try images.training(batchSize: 256, draws: SeededGenerator(seed: 7))
/// let (images_BCHW, labels_B) = try source.nextBatch()
/// let saved = source.position                       // Codable
/// try source.seek(saved)                            // the same batches again, to the byte
/// ```
/// What holds for every source (`BatchSourceLaws` of the tests):
/// - What a batch holds depends on the seed and its position alone, not on how many threads prepare it.
/// - All processes of one run see the same positions. Their parts of a batch make up the whole, each example once, and
///   every process has as many batches as the others: where a batch has fewer examples than there are processes, some
///   parts are empty.
/// - A position says nothing of the share, so a run may go on with another number of processes.
public protocol BatchSource<Examples, Position> {
  /// What a batch is: indices, or tensors.
  associatedtype Examples
  /// Where a source stands. With how the source was made it determines every batch to come.
  associatedtype Position: Codable, Hashable, Sendable

  /// Before the batch that `nextBatch` would give.
  var position: Position { get }
  /// Which part of each batch this process takes.
  var share: ProcessShare { get }

  /// This process's part of the next batch.
  ///
  /// - Throws: `DatasetError` naming the file that cannot be read; the position is then as it was.
  mutating func nextBatch() throws -> Examples

  /// Continues from a saved position, of this share or another.
  ///
  /// - Throws: `DatasetError` (`invalidRequest`) for a position that cannot come from such a source, which changes
  ///   nothing.
  mutating func seek(_ position: Position) throws
}

/// The part of each batch that one of several processes takes: rows `B·r/n ..< B·(r + 1)/n` of B for process r of n.
public struct ProcessShare: Codable, Hashable, Sendable {
  /// The number of this process, from 0.
  public let rank: Int
  /// The number of processes.
  public let count: Int

  /// Everything: the share of one process alone.
  public static let whole = ProcessShare()

  private init() { (rank, count) = (0, 1) }

  /// States a share.
  ///
  /// - Throws: `DatasetError` (`invalidRequest`) for a rank that is not below the number of processes, or none of
  ///   these.
  public init(rank: Int, of count: Int) throws {
    guard count >= 1, (0..<max(count, 1)).contains(rank) else {
      throw DatasetError(
        .invalidRequest, path: "share of the batches",
        expected: "a rank from 0 to below the number of processes",
        found: "rank \(rank) of \(count)", remedy: "start the processes with ranks 0, 1, …")
    }
    (self.rank, self.count) = (rank, count)
  }

  /// The part of a range.
  public func part(of whole: Range<Int>) -> Range<Int> {
    whole.lowerBound + whole.count * rank / count..<whole.lowerBound + whole.count * (rank + 1)
      / count
  }
}

/// Batches that follow from the indices of their examples, such as rows of tensors in memory.
public struct ExampleBatches<Examples>: BatchSource {
  private var sampler: BatchSampler
  private let examples: (Batch) throws -> Examples

  /// The batches of a sampler.
  ///
  /// - Parameter examples: what a batch of these indices holds; the same whenever it is asked.
  public init(_ sampler: BatchSampler, _ examples: @escaping (Batch) throws -> Examples) {
    self.sampler = sampler
    self.examples = examples
  }

  public var position: BatchPosition { sampler.position }
  public var share: ProcessShare { sampler.share }

  public mutating func nextBatch() throws -> Examples {
    var next = sampler
    let result = try examples(next.nextBatch())
    sampler = next
    return result
  }

  public mutating func seek(_ position: BatchPosition) throws { try sampler.seek(position) }
}
