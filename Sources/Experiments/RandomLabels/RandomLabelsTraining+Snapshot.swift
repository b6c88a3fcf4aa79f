import Datasets
import Torch

extension RandomLabelsTraining {
  /// Network, optimizer, methods, initial norms, labels, positions, generators and sums.
  public func snapshot() throws -> Snapshot {
    var snapshot = Snapshot()
    try learner.save(into: &snapshot)
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
    try learner.restore(snapshot)
    let position = try snapshot.value("batches", as: BatchPosition.self)
    sampler = try BatchSampler(sampler.plan, position: position)
    labelGenerator = try snapshot.value("labelGenerator", as: SeededGenerator.self)
    let totals = try snapshot.value("online", as: OnlineTotals.self)
    // More images than could ever be counted would overflow on the next.
    guard (0...1 << 53).contains(totals.count), (0...totals.count).contains(totals.correct) else {
      throw SnapshotError("it counts \(totals.correct) of \(totals.count) images as right")
    }
    online = totals
    if let saved = snapshot.tensors("task")["labels"] {
      guard saved.dtype == .int64, saved.shape == [task.count] else {
        throw SnapshotError("its labels are \(saved.summary), not \(task.count) of int64")
      }
      let restored = try LabelAssignment(labels: saved.integers, classCount: task.classCount)
      assignment = restored
      labels = Tensor(restored.labels, device: device)
    }
    self.updates = updates
  }
}
