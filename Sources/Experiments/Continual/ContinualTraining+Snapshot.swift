import Datasets
public import Training

extension ContinualTraining {
  /// Network, optimizer, methods, initial norms, labels, positions, generators and totals.
  public func snapshot() throws -> Snapshot {
    var snapshot = Snapshot()
    try learner.save(into: &snapshot)
    try snapshot.add("updates", updates)
    try snapshot.add("batches", sampler.position)
    try stream.save(into: &snapshot)
    try snapshot.add("online", online)
    recorder.save(into: &snapshot)
    snapshot.owesEvaluation = owesEvaluation
    return snapshot
  }

  /// Continues from a snapshot of the same configuration and seed; an error leaves the run as it was.
  public mutating func restore(_ snapshot: Snapshot) throws {
    let updates = try snapshot.value("updates", as: Int.self)
    guard (0...totalUpdates).contains(updates) else {
      throw SnapshotError("it is at update \(updates) of \(totalUpdates)")
    }
    let position = try snapshot.value("batches", as: BatchPosition.self)
    let online = try snapshot.value("online", as: OnlineTotals.self)
    guard (0...online.count).contains(online.correct), online.count <= Int.max / 2 else {
      throw SnapshotError("it counts \(online.correct) right answers of \(online.count)")
    }
    var stream = stream
    let task = lengths.lastTask(after: updates)
    let data = try stream.restore(snapshot, task: task)
    let count = stream.exampleCount(ofTask: task ?? 0)
    let sampler = try BatchSampler(Self.plan(configuration, count), position: position)
    // Drift is measured from the first parameters of this task's learner.
    var (learner, recorder) = (learner, recorder)
    if configuration.isFresh, let task, task > 0, recorder.comparesWithInitial {
      learner = try self.learner(startedAt: task)
      recorder.restart(learner.network)
    }
    try recorder.restore(snapshot)
    // Last, because it writes into the network. It is all or nothing itself.
    try learner.restore(snapshot)
    self.learner = learner
    self.recorder = recorder
    self.stream = stream
    self.sampler = sampler
    self.online = online
    if let data { self.data = data }
    self.updates = updates
    owesEvaluation = snapshot.owesEvaluation
  }
}
