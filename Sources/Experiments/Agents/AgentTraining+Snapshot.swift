import Datasets
import Environments
public import Foundation
import Reinforcement
import Torch
public import Training

extension AgentTraining {
  /// Agent, environment, counters and generators, and the name of the replay's snapshot beside the checkpoint. For an
  /// environment that cannot be saved, the reason.
  public func snapshot() throws -> Snapshot {
    var snapshot = Snapshot()
    // The trainer's tensors have the same names as in checkpoints of other recipes, which tools read.
    for (name, tensor) in agent.savedTensors() {
      let isTrainers = name.hasPrefix(Self.trainer)
      let full = isTrainers ? String(name.dropFirst(Self.trainer.count)) : "agent.\(name)"
      snapshot.tensors.append((full, tensor))
      if full.hasPrefix("network.") { snapshot.mustBeFinite.insert(full) }
    }
    for (name, value) in try agent.savedValues() {
      snapshot.values[
        name.hasPrefix(Self.trainer) ? String(name.dropFirst(Self.trainer.count)) : name] = value
    }
    switch try world.savedIfPossible() {
    case .state(let state):
      snapshot.tensors.append(
        ("environment.state", Tensor(state.bytes, shape: [state.bytes.count])))
      try snapshot.add("environment.format", state.format)
    case .unsavable(let reason):
      try snapshot.add(Self.unsaved, reason)
    }
    try snapshot.add("counters", counters)
    try snapshot.add("updates", updates)
    try snapshot.add("replay", reference)
    snapshot.owesEvaluation = owesEvaluation
    return snapshot
  }

  private static var trainer: String { "trainer." }
  /// The value with the reason why a snapshot has no environment.
  private static var unsaved: String { "environment.unsaved" }

  /// The checksum of the environment's state, if reading it runs code.
  public func codeSum(of snapshot: Snapshot) -> String? {
    guard world.stateRunsCode,
      let state = snapshot.tensors.first(where: { $0.name == "environment.state" })?.tensor,
      state.dtype == .uint8
    else { return nil }
    return SHA256.hexadecimal(of: state.array(of: UInt8.self))
  }

  /// The folder of the replay's snapshots, in the run's folder.
  static func replayFolder(in folder: URL) -> URL { folder.appendingPathComponent("replay") }

  /// Full segments of the replay are written during the rounds, one at a time, so that a snapshot is quick.
  public mutating func prepareCompanions(in folder: URL) throws {
    if snapshots == nil, agent.memory != nil {
      snapshots = try ReplaySnapshots(folder: Self.replayFolder(in: folder))
    }
  }

  /// Writes the part of the replay that is not on the disk yet.
  public mutating func saveCompanions(in folder: URL) throws {
    guard let replay = agent.memory else { return }
    var snapshots = try snapshots ?? ReplaySnapshots(folder: Self.replayFolder(in: folder))
    reference = try snapshots.write(replay, generation: updates).reference
    self.snapshots = snapshots
  }

  /// A finished run needs no replay, which for a million frames takes 6.6 GiB of disk.
  public mutating func releaseCompanions() {
    reference = nil
    isReleased = true
  }

  /// Deletes files that the checkpoint does not name; of a finished run, the replay.
  public mutating func commitCompanions(in folder: URL) throws {
    if isReleased {
      // Waits for the thread that writes segments: it must not make the folder again. Its errors do not matter now.
      _ = try? snapshots?.commit(keeping: [])
      snapshots = nil
      let replay = Self.replayFolder(in: folder)
      guard FileManager.default.fileExists(atPath: replay.path) else { return }
      return try FileManager.default.removeItem(at: replay)
    }
    guard let reference else { return }
    try snapshots?.commit(keeping: [reference.generation])
  }

  /// Throws: an agent's run cannot continue without its replay.
  public mutating func restore(_ snapshot: Snapshot) throws {
    throw SnapshotError("an agent's run continues only with the replay beside its checkpoint")
  }

  /// Continues from a checkpoint and the replay beside it. All or nothing.
  public mutating func restore(_ snapshot: Snapshot, companions folder: URL) throws {
    let updates = try snapshot.value("updates", as: Int.self)
    guard (0...totalUpdates).contains(updates) else {
      throw SnapshotError("it is at round \(updates) of \(totalUpdates)")
    }
    let counters = try snapshot.value("counters", as: Counters.self)
    // At the end of a visit the next one has not begun.
    let visit = updates == 0 ? 0 : (updates - 1) / roundsPerVisit
    var next = self
    next.agent = try Self.agent(
      configuration, specification, root: root,
      visit: configuration.boundary.isFresh ? visit : 0, device: device)
    let isUnsaved = snapshot.values[Self.unsaved] != nil
    let worldSeed =
      isUnsaved
      ? Self.worldSeed(seed, visit: visit, resumedAt: updates) : Self.worldSeed(seed, visit: visit)
    next.world = try OutsideSnapshotError.marked {
      try configuration.worlds.world(visit: visit, seed: worldSeed, expecting: specification)
    }
    next.remarks = []
    if isUnsaved {
      next.remarks.append(
        "\(configuration.worlds.name(visit: visit).text) could not be saved: the run continues at the next "
          + "episode, and not to the bytes of a run that was never stopped")
    } else {
      try next.restoreWorld(snapshot)
    }
    try next.restoreAgent(snapshot)
    let reference = try snapshot.value("replay", as: ReplaySnapshotReference?.self)
    if let reference {
      try OutsideSnapshotError.marked {
        var snapshots = try ReplaySnapshots(
          folder: Self.replayFolder(in: folder), creating: false)
        next.agent.memory = try snapshots.restore(
          reference, configuration: configuration.agent.replay,
          observations: specification.observations)
        next.snapshots = snapshots
      }
    }
    next.reference = reference
    next.isReleased = false
    next.counters = counters
    // An episode that cannot continue counts as truncated when the next one begins.
    if isUnsaved { next.counters.episode = nil }
    next.updates = updates
    next.owesEvaluation = snapshot.owesEvaluation
    self = next
  }

  private mutating func restoreWorld(_ snapshot: Snapshot) throws {
    guard let bytes = snapshot.tensors.first(where: { $0.name == "environment.state" })?.tensor
    else { throw SnapshotError("it has no 'environment.state'") }
    try world.restore(
      EnvironmentState(
        format: snapshot.value("environment.format", as: String.self),
        bytes: bytes.array(of: UInt8.self)))
  }

  /// Restores only the agent from a snapshot: networks, generators and counters, without replay and environment.
  mutating func restoreAgent(_ snapshot: Snapshot) throws {
    var tensors: [String: Tensor] = [:]
    for (name, tensor) in snapshot.tensors where !name.hasPrefix("environment.") {
      tensors[name.hasPrefix("agent.") ? String(name.dropFirst(6)) : Self.trainer + name] = tensor
    }
    var values: [String: String] = [:]
    for (name, value) in snapshot.values {
      if name == "agent" { values[name] = value }
      if name.hasPrefix("methods.") { values[Self.trainer + name] = value }
    }
    try agent.restore(tensors: tensors, values: values)
  }
}
