internal import CTorch

/// Gradients in buckets, each summed over the processes of a group while the backward pass goes on.
///
/// Buckets are filled from the last leaf to the first, as backward passes come to them, and summed in one order in
/// every process (Li et al. 2020, PyTorch Distributed, section 3.2; sizes as there: 1 MB, then 25 MB).
package final class GradientBuckets {
  private let group: ProcessGroup
  private let leaves: [Tensor]
  private let pointer: OpaquePointer?

  /// Buckets for the gradients of leaves.
  package init(
    _ leaves: [Tensor], group: ProcessGroup, firstBytes: Int = 1 << 20, bytes: Int = 25 << 20
  ) {
    (self.group, self.leaves) = (group, leaves)
    var pointer: OpaquePointer?
    Seam.none("gradient buckets", leaves) {
      nap_buckets_create(
        group.pointer, leaves.map(\.pointer), leaves.count, firstBytes, bytes, &pointer)
    }
    self.pointer = pointer
  }

  deinit { nap_buckets_free(pointer) }

  /// Whether these are buckets of just these leaves.
  package func fit(_ others: [Tensor]) -> Bool { leaves.map(\.pointer) == others.map(\.pointer) }

  /// Takes the gradients of a loss, with ``finish()`` to follow.
  ///
  /// - Parameter earlier: added to them, one for each leaf; empty for none.
  package func begin(_ loss: Tensor, adding earlier: [Tensor]) throws(ProcessError) {
    group.countOperation()
    let begun = withExtendedLifetime(earlier) {
      nap_buckets_begin(pointer, earlier.isEmpty ? nil : earlier.map(\.pointer))
    }
    guard begun == 0 else { throw failure }
    let seed = withoutGradients { Tensor.onesLike(loss.detached()) }
    _ = gradients(of: [loss], seeds: [seed], withRespectTo: leaves)
    guard nap_buckets_end(pointer) == 0 else { throw failure }
  }

  /// The gradients' sums over the processes, one for each leaf. The next pass overwrites them.
  package func finish() throws(ProcessError) -> [Tensor] {
    try group.wait("the sum of gradients") { nap_buckets_wait(pointer, $0, $1) }
    return Seam.several("gradient buckets", leaves, leaves.count) {
      nap_buckets_take(pointer, $0)
    }
  }

  private var failure: ProcessError {
    group.failure(of: "the sum of gradients", RendezvousStore.reason())
  }
}

extension ProcessGroup {
  /// The sum over the processes, through which gradients go: the gradient of a sum is the sum of the gradients.
  public func summed(_ tensor: Tensor) -> Tensor {
    countOperation()
    return Seam.one("summed", tensor) { nap_all_reduced(pointer, $0, timeout, $1) }
  }
}
