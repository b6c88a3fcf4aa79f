import Networks
public import Torch

/// The first half of an update, recorded once on a GPU and replayed from then on; see `CapturedWork`. The second half
/// then follows by itself (`StepCapture`).
///
///     learner.capture = GradientCapture(on: device)
///     for batch in batches {
///       _ = try learner.accumulate(on: [batch.inputs, batch.labels]) { learner, batch in
///         let loss = Loss.crossEntropy(learner.trainingOutputs(batch[0]), batch[1])
///         learner.accumulate(loss)
///         return [loss.detached()]
///       }
///       try learner.apply()
///     }
///
/// The first ``updatesBefore`` updates run as they are, then one is recorded. It is replayed once beside the body
/// itself, and must give its gradients. From then on a batch of the same shapes is replayed, any other one runs as it
/// is. Weights that lie elsewhere, such as those of a fresh network, are recorded anew. The comparison is made again
/// after 1,000 replays and each time their number has doubled. Where recording or its first comparison fails, updates
/// go on without it, and ``problem`` says why. A later comparison that fails is a ``CaptureError``: replays before it
/// are suspect.
///
/// Cost of a replay: copies of the batch and of the body's results. Memory: what forward and backward pass need, which
/// stays taken.
public struct GradientCapture {
  /// Updates before the recording, in which the libraries beneath prepare what they keep.
  public static let updatesBefore = 3
  /// By how much a replay's gradients may differ from the body's, as a fraction of their norm. Kernels may add up in an
  /// order of chance; a number of the host that was recorded in place of a changing one differs by more.
  static let tolerance = 1e-2

  /// Why updates are not replayed; `nil` while they are, or may be later.
  public private(set) var problem: String?
  let device: Device
  private var recording: Recording?
  private var seen: (form: [String], count: Int) = ([], 0)
  private var check = RepeatedCheck()

  typealias Body = (inout Learner, [Tensor]) throws -> [Tensor]

  private struct Recording {
    let work: CapturedWork
    let batch: [Tensor]
    let form: [String]
    /// Where the learner's tensors lie.
    let places: [UInt]
    let gradientCount: Int
    /// What methods see of the batch.
    let losses: [Tensor]
    let inputs: Tensor?
  }

  /// A capture on a device, before anything is recorded.
  ///
  /// - Parameter isWanted: whether to record at all.
  public init(on device: Device, isWanted: Bool = true) {
    self.device = device
    problem =
      !isWanted
      ? "it was not asked for"
      : DataParallel.current != nil
        ? "gradients are summed over processes during the backward pass"
        : CapturedWork.problem(on: device)
  }

  /// Records nothing from now on, for a reason.
  public mutating func refuse(_ reason: String) {
    if problem == nil { problem = reason }
    recording = nil
  }

  /// Whether these are the gradients that every replay writes.
  func writes(_ gradients: [Tensor]) -> Bool {
    guard let recording, gradients.count == recording.gradientCount else { return false }
    return zip(recording.work.results, gradients).allSatisfy { $0.address == $1.address }
  }

  /// Runs `body`, or replays it; see ``Learner/accumulate(on:drawing:_:)``.
  mutating func accumulate(
    into learner: inout Learner, _ batch: [Tensor], drawing generators: [Generator],
    _ body: Body
  ) throws -> [Tensor] {
    guard problem == nil else { return try body(&learner, batch) }
    let form = batch.map { "\($0.summary) \($0.device)" }
    if let recording, recording.places == learner.places {
      guard recording.form == form else { return try body(&learner, batch) }
      return check.isDue()
        ? try compared(recording, into: &learner, batch, generators, body)
        : replay(recording, into: &learner, batch)
    }
    recording = nil
    seen = seen.form == form ? (form, seen.count + 1) : (form, 1)
    guard seen.count > Self.updatesBefore else { return try body(&learner, batch) }
    seen = ([], 0)
    do {
      recording = try record(learner, batch, form, generators, body)
      check = RepeatedCheck()
    } catch let error as TorchError {
      problem = error.reason
    }
    guard let recording, problem == nil else { return try body(&learner, batch) }
    return try compared(recording, into: &learner, batch, generators, body)
  }

  private func record(
    _ learner: Learner, _ batch: [Tensor], _ form: [String], _ generators: [Generator],
    _ body: Body
  ) throws -> Recording {
    let own = withoutGradients { batch.map { $0.cloned() } }
    var copy = learner
    var gradientCount = 0
    let start = Start(of: learner, generators)
    let work: CapturedWork
    do {
      work = try CapturedWork(on: device, drawing: generators) {
        let results = try body(&copy, own)
        gradientCount = copy.gradients.count
        return copy.gradients + results
      }
    } catch {
      try start.restore()
      throw error
    }
    return Recording(
      work: work, batch: own, form: form, places: learner.places, gradientCount: gradientCount,
      losses: copy.batchLosses, inputs: copy.batchInputs)
  }

  private func replay(
    _ recording: Recording, into learner: inout Learner, _ batch: [Tensor]
  ) -> [Tensor] {
    withoutGradients {
      for (own, new) in zip(recording.batch, batch) { own.copyInPlace(from: new) }
      recording.work.replay()
      learner.gradients = Array(recording.work.results.prefix(recording.gradientCount))
      (learner.batchLosses, learner.batchInputs) = (recording.losses, recording.inputs)
      return recording.work.results.dropFirst(recording.gradientCount).map { $0.cloned() }
    }
  }

  /// The body's own results, after a replay that must have given the same. Buffers move and numbers are drawn once.
  private mutating func compared(
    _ recording: Recording, into learner: inout Learner, _ batch: [Tensor],
    _ generators: [Generator], _ body: Body
  ) throws -> [Tensor] {
    let start = Start(of: learner, generators)
    var copy = learner
    _ = replay(recording, into: &copy, batch)
    let replayed = withoutGradients { copy.gradients.map { $0.cloned() } }
    try start.restore()
    let results = try body(&learner, batch)
    guard learner.places == recording.places else {
      problem = "an update puts other tensors in the place of the network's buffers"
      self.recording = nil
      return results
    }
    let (difference, size) = Self.norms(of: replayed, beside: learner.gradients)
    // A loss that is not finite is the loop's to tell.
    if size.isFinite, !(difference <= Self.tolerance * size) {
      problem =
        "a replayed update has other gradients: they differ by \(difference) of a norm of \(size)"
      self.recording = nil
      try check.requireFirst(problem)
    }
    return results
  }

  /// What a forward pass changes, as it was.
  private struct Start {
    private let buffers: [(buffer: Tensor, value: Tensor)]
    private let draws: [(generator: Generator, state: Tensor)]

    init(of learner: Learner, _ generators: [Generator]) {
      buffers = withoutGradients { learner.buffers.map { ($0, $0.cloned()) } }
      draws = generators.map { ($0, $0.state) }
    }

    func restore() throws {
      withoutGradients { for (buffer, value) in buffers { buffer.copyInPlace(from: value) } }
      for (generator, state) in draws { try generator.restore(state) }
    }
  }

  /// The norms of the differences and of the second tensors. One read from the device.
  static func norms(
    of replayed: [Tensor], beside own: [Tensor]
  ) -> (difference: Double, size: Double) {
    withoutGradients {
      func square(_ tensors: [Tensor]) -> Tensor {
        Tensor.stacked(tensors.map { $0.converted(to: .float64).squared().sum() }).sum()
      }
      let both = Tensor.stacked([square(zip(replayed, own).map { $0 - $1 }), square(own)]).doubles
      return (both[0].squareRoot(), both[1].squareRoot())
    }
  }
}

/// Replayed updates that no longer give what updates give.
public struct CaptureError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What differs, since when, and what to do.
  public let description: String
}

/// When a replay is compared again with what was recorded: memory that something else came to use shows late.
struct RepeatedCheck {
  /// Replays before the first comparison after that of the recording.
  static let first = 1_000
  private var (count, next) = (0, first)

  /// Counts a replay; whether it is to be compared.
  mutating func isDue() -> Bool {
    count += 1
    guard count == next else { return false }
    next *= 2
    return true
  }

  /// Throws the problem that a comparison has found, unless no replay was used before it.
  func requireFirst(_ problem: String?) throws {
    guard count > 0, let problem else { return }
    throw CaptureError(
      description:
        "\(problem). The last \(count - count / 2) updates or more may be wrong: begin the run again with "
        + "--no-capture")
  }
}

extension Learner {
  /// Runs a body that accumulates gradients, or replays it where ``capture`` has recorded it.
  ///
  /// - Parameters:
  ///   - batch: all that changes from one update to the next, on the device.
  ///   - generators: those that `body` draws from.
  ///   - body: calls ``accumulate(_:inputs:isLast:)``; else it must change nothing but buffers of the network. Reads
  ///     nothing from the device.
  /// - Returns: what `body` returns; of a replay, copies.
  /// - Throws: what `body` throws.
  public mutating func accumulate(
    on batch: [Tensor], drawing generators: [Generator] = [],
    _ body: (inout Learner, [Tensor]) throws -> [Tensor]
  ) throws -> [Tensor] {
    guard capture.problem == nil else { return try body(&self, batch) }
    var own = capture
    defer { capture = own }
    return try own.accumulate(into: &self, batch, drawing: generators, body)
  }

  /// The network's tensors that are no parameters.
  var buffers: [Tensor] {
    var buffers: [Tensor] = []
    network.visit(prefix: "") { _, part in
      if case .buffer(_, let buffer) = part { buffers.append(buffer.value) }
    }
    return buffers
  }

  /// Where the network's tensors lie.
  var places: [UInt] {
    (parameters.map(\.parameter.value) + buffers).map(\.address)
  }
}
