import Environments
import Foundation
import Networks
import Reinforcement
import Texts
import Torch
import Training

/// What a process does that a learner started as an actor.
public enum ActorProgram {
  /// The verb of `nap` that runs it, which no person calls.
  public static let verb = "act"
  /// Numbers under which ``/Environments/ChildProcess`` gives channel, memory and the learner's life.
  private static let (channel, memory, life): (Int32, Int32, Int32) = (3, 4, 5)

  /// Answers the learner that started this process until it ends.
  ///
  /// - Throws: ``UsageError`` in a process that no learner started.
  public static func run() throws {
    var kind = stat()
    guard fstat(channel, &kind) == 0, kind.st_mode & S_IFMT == S_IFSOCK else {
      throw UsageError(
        "\(verb): a run with actors.count starts this; set actors.count of nap train instead")
    }
    endWithLearner()
    Machine.threadCount = 1
    do {
      guard case .begin(let description)? = try nextOrder() else { return }
      var actor = try Actor(description, weights: SharedMemory(descriptor: memory))
      while let order = try nextOrder() {
        guard let answer = try withTorchErrors({ try actor.follow(order) }) else { continue }
        try write(ActorMessage.bytes(answer))
      }
    } catch {
      try write(ActorMessage.bytes(ActorAnswer.failed("\(error)")))
      // The learner reads it when it comes to it; until then its orders must not fail.
      while receive(1) != nil {}
    }
  }

  /// Ends this process when the learner does, whatever an environment is doing.
  private static func endWithLearner() {
    Thread.detachNewThread {
      var byte: UInt8 = 0
      while read(life, &byte, 1) < 0, errno == EINTR {}
      _exit(0)
    }
  }

  /// The next order; `nil` once the learner has closed the channel.
  private static func nextOrder() throws -> ActorOrder? {
    guard let head = receive(ActorMessage.headCount), let count = ActorMessage.count(head),
      let content = receive(count)
    else { return nil }
    return try JSONText.decode(ActorOrder.self, from: Data(content))
  }

  private static func receive(_ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let found = bytes.withUnsafeMutableBytes {
        read(channel, $0.baseAddress.map { $0 + filled }, count - filled)
      }
      if found > 0 { filled += found } else if found == 0 || errno != EINTR { return nil }
    }
    return bytes
  }

  private static func write(_ bytes: Data) throws {
    try FileHandle(fileDescriptor: channel).write(contentsOf: bytes)
  }
}

/// One actor in its process.
private struct Actor {
  let description: ActorDescription
  let weights: SharedMemory
  let tensors: [Tensor]
  var actor: ValueActor
  var environment: (any Environment)?

  init(_ description: ActorDescription, weights: SharedMemory) throws {
    self.description = description
    self.weights = weights
    let specification = description.specification
    let network = try Learner.network(
      description.configuration.design(specification),
      inputShape: specification.observations.stackedShape, outputs: specification.actionCount,
      weights: Generator(seed: 0), device: .cpu)
    tensors = network.namedTensors.map(\.tensor)
    try weights.map(tensors.reduce(1) { $0 + $1.elementCount * $1.dtype.byteCount })
    actor = try Self.actor(description, network, visit: 0)
  }

  /// An actor at the start of a visit: the first one, or any of a fresh arm.
  private static func actor(
    _ description: ActorDescription, _ network: Sequential, visit: Int
  ) throws -> ValueActor {
    try ValueActor(
      description.configuration.agent, network: network, specification: description.specification,
      seed: AgentTraining.agentSeed(
        Generator(seed: UInt64(bitPattern: Int64(description.seed))), visit: visit),
      index: description.index)
  }

  mutating func follow(_ order: ActorOrder) throws -> ActorAnswer? {
    switch order {
    case .begin: return nil
    case .visit(let visit, let updates):
      try enter(visit, resumedAt: updates)
      if description.configuration.boundary.isFresh {
        actor = try Self.actor(description, actor.network, visit: visit)
      }
      return nil
    case .play(let steps, let frames, let visitFrames):
      return .played(try play(steps, frames, visitFrames))
    case .save: return .saved(try saved())
    case .restore(let state, let visit, let updates):
      try enter(visit, resumedAt: state.format == nil ? updates : nil)
      try actor.restore(state.actor)
      if let format = state.format {
        try environment?.restore(EnvironmentState(format: format, bytes: [UInt8](state.bytes)))
      } else {
        actor.leaveEpisode()
      }
      return nil
    }
  }

  /// Makes the environment of a visit; an episode in progress is left.
  private mutating func enter(_ visit: Int, resumedAt updates: Int?) throws {
    let seed = AgentTraining.environmentSeed(
      description.seed, visit: visit, resumedAt: updates, actor: description.index)
    environment = try description.configuration.environments.environment(
      visit: visit, seed: seed, expecting: description.specification)
    actor.leaveEpisode()
  }

  private mutating func play(
    _ steps: Int, _ frames: Frames, _ visitFrames: Frames
  ) throws -> [PlayedStep] {
    guard var environment, let bytes = weights.bytes else { return [] }
    self.environment = nil
    defer { self.environment = environment }
    var offset = 0
    withoutGradients {
      for tensor in tensors {
        let count = tensor.elementCount * tensor.dtype.byteCount
        let part = UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + count)])
        let new = Tensor(bytes: part, shape: tensor.shape, dtype: tensor.dtype)
        _ = tensor.detached().copyInPlace(from: new)
        offset += count
      }
    }
    // Each actor counts the others' frames as it counts its own.
    var own = 0
    return try (0..<steps).map { _ in
      let others = Frames(own * description.configuration.actors.count)
      let step = try actor.play(
        in: &environment, after: frames + others, inTask: visitFrames + others)
      own += step.frames.count
      return step
    }
  }

  private func saved() throws -> ActorState {
    var state = ActorState(actor: actor.saved)
    switch try environment?.savedIfPossible() {
    case .state(let saved)?: (state.format, state.bytes) = (saved.format, Data(saved.bytes))
    case .unsavable(let reason)?: state.obstacle = reason
    case nil: break
    }
    return state
  }
}
