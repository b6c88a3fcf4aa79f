internal import CTorch

/// Work of a GPU that was recorded once and is replayed from then on (a CUDA graph).
///
/// A replay asks the device for all of it at once, where the operators would be asked for one by one; small networks
/// wait for nothing else. What was recorded is fixed: the same operators, on the same memory, with the same numbers of
/// the host. New inputs are copied into the tensors that the recording read, results lie in the tensors that it made.
public final class CapturedWork {
  private let recording: Recording
  /// The tensors that `body` gave, which every replay writes.
  public let results: [Tensor]

  /// Why work on a device cannot be recorded; `nil` where it can.
  public static func problem(on device: Device) -> String? {
    let problem = String(cString: nap_graph_problem(device.c))
    return problem.isEmpty ? nil : problem
  }

  /// Records what `body` asks of a device. Nothing of it is done: results hold nothing before the first ``replay()``.
  ///
  /// The operators must have run before, so that the libraries beneath have made what they keep.
  ///
  /// - Parameters:
  ///   - generators: those that `body` may draw from, on the device. Each replay draws the numbers that come next.
  ///   - body: must not read from the device or write to it from the host.
  /// - Throws: ``TorchError`` for what cannot be recorded, and what `body` throws. An operator that cannot be recorded
  ///   ends the recording; the rest of `body` then runs as it is, on tensors that hold nothing, so that what it writes
  ///   into has to be put right.
  public init(
    on device: Device, drawing generators: [Generator] = [], _ body: () throws -> [Tensor]
  ) throws {
    let recording = Recording()
    try withTorchErrors { recording.begin(on: device, generators) }
    let recorded = Result {
      try withTorchErrors { try Recording.$current.withValue(recording, operation: body) }
    }
    recording.end()
    if let reason = recording.reason {
      throw TorchError(operation: "CapturedWork", operands: [], reason: reason)
    }
    results = try recorded.get()
    self.recording = recording
  }

  /// Does the recorded work once more.
  public func replay() {
    Seam.none("CapturedWork.replay", []) { nap_graph_replay(recording.handle) }
  }

  /// What libtorch records, while it does and afterwards. Touched by the task that records alone.
  final class Recording: @unchecked Sendable {
    @TaskLocal static var current: Recording?

    private(set) var handle: OpaquePointer?
    /// Why nothing was recorded.
    private(set) var reason: String?
    private var isOpen = false

    deinit { nap_graph_free(handle) }

    func begin(on device: Device, _ generators: [Generator]) {
      isOpen = Seam.succeeds("CapturedWork", []) {
        nap_graph_begin(device.c, generators.map(\.pointer), generators.count, &handle)
      }
    }

    func end() {
      guard isOpen else { return }
      isOpen = false
      if nap_graph_end(handle) != 0 { reason = reason ?? String(cString: nap_last_error()) }
    }

    /// Ends a recording in which an operator failed.
    ///
    /// - Returns: whether there was one.
    func abandon(_ reason: String) -> Bool {
      guard isOpen else { return false }
      self.reason = reason
      end()
      return true
    }
  }
}
