internal import CTorch
import Foundation

/// Processes that compute together: collective operations over c10d with Gloo for tensors of the CPU, and over NCCL for
/// those of NVIDIA's GPUs, of which each process has one.
///
///     let group = try ProcessGroup(rank: rank, size: 2) { try .at("localhost", port: 29500, seconds: 60) }
///     try group.allReduce(sums)
///
/// Every process calls the same operations in the same order, on tensors of the same shapes. What comes out is the
/// same, to the bit, in every process. An operation that waits for longer than ``timeout`` throws a ``ProcessError``
/// that names who is missing; the group is then of no more use. One thread uses a group.
public final class ProcessGroup: @unchecked Sendable {
  /// This process's place, from 0.
  public let rank: Int
  /// The number of processes.
  public let size: Int
  /// Seconds after which a process that does not come is missing.
  public let timeout: Double
  /// Seconds that operations have waited.
  public private(set) var waitedSeconds = 0.0

  /// Whether an operation failed.
  private var isBroken = false
  /// What failed where nothing can be thrown: the next operation throws it.
  private var noted: (any Error)?
  let pointer: OpaquePointer?
  private let store: RendezvousStore
  private let watch: PeerWatch

  /// Why tensors of a GPU cannot be sent, in the loader's own words or in ours; `nil` where they can.
  public static var gpuProblem: String? {
    let problem = String(cString: nap_nccl_problem())
    return problem.isEmpty ? nil : problem
  }

  /// What an all-reduce makes of the processes' numbers.
  public enum Reduction: Int32, Sendable {
    case sum = 0
    case least = 1
    case greatest = 2
  }

  /// Meets the other processes.
  ///
  /// - Parameters:
  ///   - timeout: seconds to wait for processes, then and later.
  ///   - keeper: the rank that keeps the store, named when the store is gone; `nil` for another program.
  ///   - open: opens a connection to the store; called twice. Its keys are of one group and one attempt alone.
  /// - Throws: ``ProcessError`` naming ranks that do not come, a rank that is taken, or another size.
  public convenience init(
    rank: Int, size: Int, timeout: Double = 60, keeper: Int? = 0,
    open: () throws(ProcessError) -> RendezvousStore
  ) throws(ProcessError) {
    try self.init(
      rank: rank, size: size, timeout: timeout, keeper: keeper, work: BusyWork(), open: open)
  }

  /// As the other initializer; `work` is how the others see that this process works.
  package init(
    rank: Int, size: Int, timeout: Double, keeper: Int?, work: BusyWork,
    open: () throws(ProcessError) -> RendezvousStore
  ) throws(ProcessError) {
    guard size > 0, (0..<size).contains(rank) else {
      throw .environment("rank \(rank) of \(size) processes: expected 0 to \(max(0, size - 1))")
    }
    guard nap_processes_are_built() else {
      throw .unavailable(
        "this build has no process groups: Gloo's headers were missing; install libgloo-dev (Tools/setup does) and "
          + "build again")
    }
    (self.rank, self.size, self.timeout) = (rank, size, timeout)
    store = try open()
    try Self.meet(store, rank: rank, size: size, timeout: timeout)
    let part = try store.prefixed("gloo")
    let made = try part.run(extra: timeout) { store -> Result<Pointer, ProcessError>? in
      var pointer: OpaquePointer?
      guard nap_group_gloo(store, Int32(rank), Int32(size), timeout, &pointer) == 0 else {
        return .failure(
          .cut(rank: rank, what: "its first connections", reason: RendezvousStore.reason()))
      }
      return .success(Pointer(pointer))
    }
    pointer = try made.get().value
    watch = PeerWatch(
      rank: rank, size: size, keeper: keeper, interval: min(0.5, timeout / 10), store: try open(),
      work: work)
  }

  deinit {
    watch.end()
    // Gloo would wait for operations under way, which do not end any more.
    if !isBroken { nap_group_free(pointer) }
  }

  /// Waits for all to come.
  private static func meet(
    _ store: RendezvousStore, rank: Int, size: Int, timeout: Double
  ) throws(ProcessError) {
    guard try store.add(1, to: "claim/\(rank)") == 1 else {
      throw .environment(
        "rank \(rank) is taken by another process that meets here; give every process a rank of its own, and every "
          + "group a port or file of its own")
    }
    try store.set("here/\(rank)", "\(size)")
    let deadline = ContinuousClock.now + .seconds(timeout)
    var missing = Array(0..<size)
    while true {
      var left: [Int] = []
      for other in missing {
        guard try store.has("here/\(other)") else {
          left.append(other)
          continue
        }
        let found = try store.value("here/\(other)")
        guard found == "\(size)" else {
          throw .different(
            rank: other, what: "number of processes", expected: "\(size)", found: found)
        }
      }
      missing = left
      if missing.isEmpty { return }
      guard ContinuousClock.now < deadline else {
        throw .absent(ranks: missing, size: size, seconds: timeout)
      }
      Thread.sleep(forTimeInterval: 0.02)
    }
  }

  /// Reduces a contiguous tensor over the processes, in place.
  public func allReduce(_ tensor: Tensor, _ reduction: Reduction = .sum) throws(ProcessError) {
    try begin("an all-reduce", [tensor]) {
      nap_group_all_reduce(pointer, tensor.pointer, reduction.rawValue, $0)
    }.finish()
  }

  /// Copies a contiguous tensor of one process to all, in place.
  public func broadcast(_ tensor: Tensor, from root: Int = 0) throws(ProcessError) {
    try begin("a broadcast", [tensor]) {
      nap_group_broadcast(pointer, tensor.pointer, Int32(root), $0)
    }.finish()
  }

  /// The tensors of all processes, (size, …) by rank.
  public func allGather(_ tensor: Tensor) throws(ProcessError) -> Tensor {
    let source = tensor.detached().contiguous()
    let output = Tensor.zeros([size] + source.shape, dtype: source.dtype, device: source.device)
    try begin("an all-gather", [output, source]) {
      nap_group_all_gather(pointer, output.pointer, source.pointer, $0)
    }.finish()
    return output
  }

  /// This process's part of the sum of (size, …) over the processes.
  ///
  /// Cost: an all-reduce, of which Gloo makes its own reduce-scatter, too.
  public func reduceScatter(_ tensor: Tensor) throws(ProcessError) -> Tensor {
    let sum = tensor.detached().contiguous().cloned()
    try allReduce(sum)
    return sum[rank].cloned()
  }

  /// Waits until every process has come here.
  public func barrier() throws(ProcessError) {
    try allReduce(Tensor.zeros([1]))
  }

  /// A collective operation that is under way.
  package struct Pending {
    fileprivate let group: ProcessGroup
    fileprivate let what: String
    fileprivate let work: Work
    fileprivate let tensors: [Tensor]

    /// Waits for its end.
    package func finish() throws(ProcessError) {
      try group.wait(what) { nap_work_wait(work.pointer, $0, $1) }
    }
  }

  fileprivate final class Work {
    let pointer: OpaquePointer?
    init(_ pointer: OpaquePointer?) { self.pointer = pointer }
    deinit { nap_work_free(pointer) }
  }

  /// Begins to sum a tensor, which is not to be touched until the end.
  package func beginSum(_ tensor: Tensor) throws(ProcessError) -> Pending {
    try begin("an all-reduce", [tensor]) { nap_group_all_reduce(pointer, tensor.pointer, 0, $0) }
  }

  private func begin(
    _ what: String, _ tensors: [Tensor], _ call: (UnsafeMutablePointer<OpaquePointer?>) -> Int32
  ) throws(ProcessError) -> Pending {
    if let noted = noted as? ProcessError { throw noted }
    watch.count()
    var work: OpaquePointer?
    let status = withExtendedLifetime(tensors) { call(&work) }
    guard status == 0 else { throw failure(of: what, RendezvousStore.reason()) }
    return Pending(group: self, what: what, work: Work(work), tensors: tensors)
  }

  /// Counts an operation that is waited for by ``wait(_:_:)``, so that others see who is behind.
  func countOperation() { watch.count() }

  /// Waits in short pieces, between which it looks whether the others live.
  func wait(
    _ what: String, _ wait: (Double, UnsafeMutablePointer<Bool>) -> Int32
  ) throws(ProcessError) {
    let start = ContinuousClock.now
    defer { waitedSeconds += (ContinuousClock.now - start) / .seconds(1) }
    while true {
      var isDone = false
      guard wait(0.1, &isDone) == 0 else { throw failure(of: what, RendezvousStore.reason()) }
      if isDone { return }
      let waited = (ContinuousClock.now - start) / .seconds(1)
      if let found = watch.verdict(waited: waited, timeout: timeout, what: what) {
        isBroken = true
        throw found
      }
    }
  }

  /// Keeps a failure for the next operation, where nothing can be thrown.
  package func noteFailure(_ error: any Error) { noted = noted ?? error }

  /// Why an operation failed: who said so, or who is silent from then on.
  package func failure(of what: String, _ reason: String) -> ProcessError {
    isBroken = true
    return watch.cause(atMost: timeout, what: what) ?? .cut(rank: rank, what: what, reason: reason)
  }

  /// Runs a part in which the others may wait for longer than ``timeout``, such as the writing of a checkpoint, as long
  /// as this one works, at most sixty timeouts: the calling thread takes time of a processor, or bytes are written or
  /// read. Without either they wait for ten timeouts.
  package func whileBusy<Result>(_ body: () throws -> Result) rethrows -> Result {
    watch.setBusy(.current)
    defer { watch.setBusy(nil) }
    return try body()
  }

  /// Tells the others why this process stops. Only the first reason counts.
  package func announceStop(_ reason: String) { watch.announce(reason) }

  /// Leaves after a run: the others may be at work with the last operation. Who keeps the store waits for them, a short
  /// time.
  package func leave() throws(ProcessError) {
    try store.set("left/\(rank)", "1")
    guard watch.keeper == rank else { return }
    let deadline = ContinuousClock.now + .seconds(min(timeout, 10))
    for other in 0..<size {
      while try !store.has("left/\(other)"), ContinuousClock.now < deadline {
        Thread.sleep(forTimeInterval: 0.02)
      }
    }
  }
}
