import Datasets
import Environments
import Reinforcement
public import Torch

extension AgentTraining {
  /// Agent, environment and counters. For an environment that cannot be saved, the reason.
  public func saveOwn(into state: inout State) throws {
    try agent.save(into: &state)
    var saved = State()
    if let actors {
      let (state, obstacle) = try actors.saved()
      try saved.add(state)
      if let obstacle { try saved.add("unsaved", obstacle) }
    } else {
      switch try environment.savedIfPossible() {
      case .state(let state): try saved.add(state)
      case .unsavable(let reason): try saved.add("unsaved", reason)
      }
    }
    state.add("environment", saved)
    try state.add("counters", counters)
    // Written beside the checkpoint of a run that goes on.
    try state.add("replay", ReplaySnapshotReference?.none)
  }

  /// The checksum of the environment's state, if reading it runs code.
  public func codeChecksum(of state: State) -> String? {
    guard environment.stateRunsCode, let saved = try? state.tensor("environment.state"),
      saved.dtype == .uint8
    else { return nil }
    return SHA256.hexadecimal(of: saved.array(of: UInt8.self))
  }

  /// The replay, if the agent has one. A finished run needs none, which for a million frames takes 6.6 GiB of disk.
  public var largeState: [any LargeState] {
    agent.memory.map { [ReplayState(replay: $0, generation: updates, files: files)] } ?? []
  }

  /// Continues from a checkpoint and the replay beside it. All or nothing.
  public mutating func restoreOwn(_ state: State, updates: Int) throws {
    let counters = try state.value("counters", as: Counters.self)
    // At the end of a visit the next one has not begun.
    let visit = lengths.lastTask(after: updates) ?? 0
    let saved = state.part("environment")
    let isUnsaved = saved.values["unsaved"] != nil
    let environmentSeed = Self.environmentSeed(
      seed, visit: visit, resumedAt: isUnsaved ? updates : nil)
    var next = self
    next.agent = try Self.agent(
      configuration, specification, root: root,
      visit: configuration.boundary.isFresh ? visit : 0, device: device)
    next.environment = try OutsideStateError.marked {
      try configuration.environments.environment(
        visit: visit, seed: environmentSeed, expecting: specification)
    }
    next.remarks = []
    if isUnsaved {
      next.remarks.append(
        "\(configuration.environments.name(visit: visit).text) could not be saved: the run continues at the next "
          + "episode, and not to the bytes of a run that was never stopped")
    }
    if configuration.actors.count > 0 || !isUnsaved {
      let own = EnvironmentState(
        format: try saved.value("format"),
        bytes: try saved.tensor("state").array(of: UInt8.self))
      next.actors = Self.actors(configuration, specification, seed: seed, roundLength: roundLength)
      if let actors = next.actors {
        try actors.restore(own, updates: updates)
      } else if own.format == ActorProcesses.format {
        throw StateError("it was saved by a run of actors; leave actors.count as it was")
      } else {
        try next.environment.restore(own)
      }
    }
    try next.agent.restore(state)
    next.files = ReplayFiles()
    if let reference = try state.value("replay", as: ReplaySnapshotReference?.self) {
      guard let folder = state.folder else {
        throw StateError("an agent's run continues only with the replay beside its checkpoint")
      }
      try OutsideStateError.marked {
        next.agent.memory = try next.files.restore(
          reference, in: folder, configuration: configuration.agent.replay,
          observations: specification.observations)
      }
    }
    next.counters = counters
    // An episode that cannot continue counts as truncated when the next one begins.
    if isUnsaved { next.counters.episode = nil }
    self = next
  }
}

extension State {
  /// Adds the state of an environment.
  fileprivate mutating func add(_ state: EnvironmentState) throws {
    tensors.append(("state", Tensor(state.bytes, shape: [state.bytes.count])))
    try add("format", state.format)
  }
}
