import Datasets
import Networks
import NormalizeAndProject
import Torch

extension RandomLabelsTraining {
  /// Network, optimizer, initial norms, labels, positions, generators and sums.
  public func snapshot() throws -> Snapshot {
    var snapshot = Snapshot()
    snapshot.add("network", network.namedTensors)
    snapshot.tensors += optimizer.state.namedTensors(parameters: parameters.map(\.name))
    snapshot.add("projection", projection.savedTensors)
    try snapshot.add("updates", updates)
    try snapshot.add("batches", sampler.position)
    try snapshot.add("labelGenerator", labelGenerator)
    if let assignment {
      // Labels go as a tensor, not as text: there may be tens of thousands.
      snapshot.add("task", [("labels", Tensor(assignment.labels))])
    }
    try snapshot.add("online", online)
    return snapshot
  }

  /// Goes on from a snapshot of the same configuration and seed.
  public mutating func restore(_ snapshot: Snapshot) throws {
    let updates = try snapshot.value("updates", as: Int.self)
    guard (0...totalUpdates).contains(updates) else {
      throw SnapshotError("it is at update \(updates) of \(totalUpdates)")
    }
    try network.load(snapshot.tensors("network"))
    var state = optimizer.state
    try state.load(
      Dictionary(
        snapshot.tensors.filter { $0.name.hasPrefix("optimizer.") }.map { ($0.name, $0.tensor) },
        uniquingKeysWith: { first, _ in first }), parameters: parameters.map(\.name))
    optimizer.state = state
    try projection.restore(snapshot.tensors("projection"))
    let position = try snapshot.value("batches", as: BatchPosition.self)
    sampler = try BatchSampler(sampler.plan, position: position)
    labelGenerator = try snapshot.value("labelGenerator", as: SeededGenerator.self)
    online = try snapshot.value("online", as: OnlineTotals.self)
    if let saved = snapshot.tensors("task")["labels"] {
      let restored = try LabelAssignment(labels: saved.integers, classCount: task.classCount)
      guard restored.labels.count == task.count else {
        throw SnapshotError("it has \(restored.labels.count) labels for \(task.count) images")
      }
      assignment = restored
      labels = Tensor(restored.labels, device: device)
    }
    self.updates = updates
  }
}
