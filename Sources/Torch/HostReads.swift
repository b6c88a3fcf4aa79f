/// Counts the waits for a device: values that came to the host.
///
/// Within ``counting(_:)`` the host's own memory counts as a device's, so that tests on a CPU see what a device would
/// be asked for. It counts for the task that opened the scope. Elsewhere it costs the look at a task-local value.
package final class HostReads: @unchecked Sendable {
  @TaskLocal static var current: HostReads?

  private var count = 0

  /// Runs `body` and counts what it reads.
  package static func counting<Result>(
    _ body: () throws -> Result
  ) rethrows -> (result: Result, count: Int) {
    let reads = HostReads()
    let result = try $current.withValue(reads, operation: body)
    return (result, reads.count)
  }

  static func note() { current?.count += 1 }
}

/// Scalars that stay on their device until they are asked for, and then come together at one read.
package struct PendingNumbers {
  private var tensors: [Tensor] = []
  /// How many wait. Each holds a block of its device's memory, of 512 bytes on a GPU.
  package var count: Int { tensors.count }

  /// None.
  package init() {}

  /// Adds a scalar of any type; the graph that it came from is not kept.
  package mutating func append(_ scalar: Tensor) { tensors.append(scalar.detached()) }

  /// All of them in order, in float64, and none remain. Waits for their device, unless there are none.
  package mutating func take() -> [Double] {
    defer { tensors = [] }
    return tensors.isEmpty ? [] : withoutGradients { Tensor.stacked(tensors).doubles }
  }
}

extension Tensor {
  /// The value of a tensor with one element that lies in the host's memory, `nil` elsewhere. Waits for nothing.
  package var itemAtHand: Double? { HostReads.current == nil && device == .cpu ? item : nil }
}
