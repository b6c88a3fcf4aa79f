internal import CTorch

/// Work of a GPU that was recorded once and is replayed from then on (a CUDA graph).
///
/// A replay asks the device for all of it at once, where the operators would be asked for one by one; small networks
/// wait for nothing else. What was recorded is fixed: the same operators, on the same memory, with the same numbers of
/// the host. New inputs are copied into the tensors that the recording read, results lie in the tensors that it made.
public final class CapturedWork {
  private let graph: Graph
  /// The tensors that `body` gave, which every replay writes.
  public let results: [Tensor]

  /// Owns what libtorch recorded.
  private final class Graph {
    var handle: OpaquePointer?
    deinit { nap_graph_free(handle) }
  }

  /// Why work on a device cannot be recorded; `nil` where it can.
  public static func problem(on device: Device) -> String? {
    let problem = String(cString: nap_graph_problem(device.c))
    return problem.isEmpty ? nil : problem
  }

  /// Records what `body` asks of a device. Nothing of it is done: results hold nothing before the first ``replay()``.
  ///
  /// The operators must have run before, so that the libraries beneath have made what they keep.
  ///
  /// - Parameter body: must not read from the device, write to it from the host, or draw random numbers.
  /// - Throws: ``TorchError`` for what cannot be recorded, and what `body` throws. The device's tensors are as before.
  public init(on device: Device, _ body: () throws -> [Tensor]) throws {
    let graph = Graph()
    try withTorchErrors {
      Seam.none("CapturedWork", []) { nap_graph_begin(device.c, &graph.handle) }
    }
    let recorded = Result { try withTorchErrors(body) }
    let ended = Result {
      try withTorchErrors { Seam.none("CapturedWork", []) { nap_graph_end(graph.handle) } }
    }
    // The first error is the one that says why.
    results = try recorded.get()
    try ended.get()
    self.graph = graph
  }

  /// Does the recorded work once more.
  public func replay() {
    Seam.none("CapturedWork.replay", []) { nap_graph_replay(graph.handle) }
  }
}
