import Networks
import NormalizeAndProject
import Torch

extension Learner {
  /// Adds network, optimizer, initial norms and the methods' state.
  public func save(into snapshot: inout Snapshot) throws {
    addTensors(to: &snapshot)
    guard !hooks.isEmpty else { return }
    for (name, memory) in try hooks.savedMemories() { snapshot.values["methods.\(name)"] = memory }
  }

  /// Adds the tensors alone.
  func addTensors(to snapshot: inout Snapshot) {
    snapshot.add("network", network.namedTensors, mustBeFinite: true)
    snapshot.tensors += optimizer.state.namedTensors(parameters: parameters.map(\.name))
    snapshot.add("projection", projection.savedTensors)
    if !hooks.isEmpty { snapshot.add("methods", hooks.savedTensors) }
  }

  /// Continues from a snapshot of the same design; an error leaves the learner as it was.
  ///
  /// Cost: for its duration the memory of another learner.
  public mutating func restore(_ snapshot: Snapshot) throws {
    var before = Snapshot()
    try save(into: &before)
    // The saved tensors are those at work, which taking writes into.
    before.tensors = before.tensors.map { ($0.name, $0.tensor.cloned()) }
    do {
      try take(snapshot)
    } catch {
      try take(before)
      throw error
    }
  }

  private mutating func take(_ snapshot: Snapshot) throws {
    watch = LossWatch()
    try network.load(snapshot.tensors("network"))
    var state = optimizer.state
    try state.load(
      Dictionary(
        snapshot.tensors.filter { $0.name.hasPrefix("optimizer.") }.map { ($0.name, $0.tensor) },
        uniquingKeysWith: { first, _ in first }), parameters: parameters.map(\.name))
    optimizer.state = state
    try projection.restore(snapshot.tensors("projection"))
    var memories: [String: String] = [:]
    for (name, value) in snapshot.values where name.hasPrefix("methods.") {
      memories[String(name.dropFirst("methods.".count))] = value
    }
    try hooks.restore(snapshot.tensors("methods"), memories: memories)
  }
}
