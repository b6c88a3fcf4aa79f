import Networks
public import Torch

/// Training shared out over processes: each computes the gradients of its part of every batch, their sum is taken over
/// the processes, and every process takes the same step on the same values.
///
///     try DataParallel(group).during {
///       var learner = try Learner(…)                              // belongs to the group
///       for batch in batches {
///         let own = share.rows(of: batch.count)                   // this process's rows
///         learner.accumulate(loss * (Double(own.count) / Double(batch.count)))
///         try learner.apply()                                     // sums, steps and projects
///       }
///     }
///
/// A loss that is weighed by its share of the batch has the gradients of the whole batch's mean as their sum. Gradients
/// are summed in buckets while the backward pass goes on. After the sum nothing differs between processes: methods,
/// optimizer and projection act once a step on identical values, so that parameters stay identical to the bit. For that
/// every process has the same kind of processor and the same number of threads.
///
/// Without ``synchronizesStatistics`` batch normalizations take the statistics of each process's own part, and keep
/// the running ones of rank 0, as PyTorch's DistributedDataParallel.
public final class DataParallel: @unchecked Sendable {
  /// The processes.
  public let group: ProcessGroup
  /// Whether batch normalizations take the statistics of the whole batch.
  public let synchronizesStatistics: Bool
  /// Whether each process keeps the optimizer's state of its own share of the parameters alone (ZeRO stage 1,
  /// Rajbhandari et al. 2020), by whole parameters.
  public let shardsOptimizer: Bool
  /// Whether a process was asked to stop, as all know since the last exchange of sums.
  public private(set) var isStopAgreed = false

  /// The processes among which learners that are made in this scope share their work.
  @TaskLocal public static var current: DataParallel?

  /// Work shared out over a group.
  public init(
    _ group: ProcessGroup, synchronizesStatistics: Bool = false, shardsOptimizer: Bool = false
  ) {
    self.group = group
    self.synchronizesStatistics = synchronizesStatistics
    self.shardsOptimizer = shardsOptimizer
  }

  /// Runs `body`, in which learners are made for the group.
  public func during<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Self.$current.withValue(self, operation: body)
  }

  /// This process's part of so many rows: as equal parts as can be, in the order of ranks; none where there are too
  /// few.
  public func rows(of count: Int) -> Range<Int> {
    (count * group.rank / group.size)..<(count * (group.rank + 1) / group.size)
  }

  /// The sums of scalars over the processes, in float64 on the host; and whether any of them was asked to stop. Waits
  /// for the scalars' device.
  package func exchange(_ scalars: [Tensor]) throws -> [Tensor] {
    try withoutGradients {
      let asked = Tensor(StopRequest.isAsked ? 1 : 0, dtype: .float64)
      let sums = Tensor.stacked(
        scalars.map { scalar in
          let own = scalar.detached().converted(to: .float64)
          return own.device == .cpu ? own : own.moved(to: .cpu)
        } + [asked])
      try group.allReduce(sums)
      isStopAgreed = isStopAgreed || sums[scalars.count].item > 0
      return scalars.indices.map { sums[$0] }
    }
  }

  /// Requires that parameters are the same, to the bit, in every process.
  ///
  /// - Throws: `ProcessError` naming the first process that has others. Cost: one pass over the parameters.
  package func requireEqual(_ learner: Learner) throws {
    var hash: UInt64 = 0
    for (_, tensor) in learner.network.namedTensors {
      hash = (hash ^ tensor.bitHash) &* 0x9e37_79b9_7f4a_7c15
    }
    let all = try group.gathered(hash)
    if let other = all.firstIndex(where: { $0 != all[0] }) {
      throw ProcessError.different(
        rank: other, what: "state of the network after \(learner.position.update) updates",
        expected: String(all[0], radix: 16), found: String(all[other], radix: 16))
    }
  }
}

/// What a learner of a group keeps between the halves of an update.
final class GradientReduction {
  let parallel: DataParallel
  private var buckets: GradientBuckets?
  private var failure: (any Error)?
  private var isUnderWay = false

  init(_ parallel: DataParallel) { self.parallel = parallel }

  /// Takes the gradients of a loss and begins to sum them with earlier ones. An error is thrown by ``finish()``.
  func begin(_ loss: Tensor, _ leaves: [Tensor], adding earlier: [Tensor]) {
    do {
      let buckets =
        buckets.flatMap { $0.fit(leaves) ? $0 : nil }
        ?? GradientBuckets(leaves, group: parallel.group)
      self.buckets = buckets
      isUnderWay = true
      try buckets.begin(loss, adding: earlier)
    } catch {
      failure = error
    }
  }

  /// The sums over the processes; `nil` where none were begun.
  func finish() throws -> [Tensor]? {
    defer { (isUnderWay, failure) = (false, nil) }
    if let failure { throw failure }
    return isUnderWay ? try buckets?.finish() : nil
  }

  /// Copies tensors of rank 0 to every process.
  func share(_ tensors: [Tensor]) throws {
    for (_, alike) in Dictionary(grouping: tensors, by: \.dtype).sorted(by: {
      $0.key.rawValue < $1.key.rawValue
    }) {
      try parallel.group.broadcast(alike, from: 0)
    }
  }
}

extension ProcessGroup {
  /// Copies tensors of one element type from one process to all, in place, as one message.
  func broadcast(_ tensors: [Tensor], from root: Int) throws {
    guard !tensors.isEmpty else { return }
    try withoutGradients {
      let flat = Tensor.concatenated(tensors.map { $0.detached().reshaped(to: [-1]) })
      try broadcast(flat, from: root)
      guard rank != root else { return }
      var start = 0
      for tensor in tensors {
        let count = tensor.elementCount
        _ = tensor.detached().copyInPlace(
          from: flat[start..<(start + count)].reshaped(to: tensor.shape))
        start += count
      }
    }
  }
}
