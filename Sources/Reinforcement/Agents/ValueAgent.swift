public import Environments
public import Networks
public import Torch

/// An agent that learns values of actions: DQN and its relatives, up to Rainbow.
///
/// Whoever runs it begins episodes, asks for actions and hands back what they brought:
///
///     agent.begin(try environment.beginEpisode())
///     let action = agent.act()
///     let updates = try agent.observe(action: action, try environment.take(action, in: &episode))
///
/// What an agent is beyond DQN is in its configuration; how a loss becomes an update is the trainer's. Each act and
/// each of an update's passes (online at the earlier state, online and target at the later one) draws its own noise.
///
/// Source: DQN Zoo, commit 45061f4, `rainbow/agent.py` and `dqn/agent.py`. There periods are looked at every frame,
/// here at every step.
public struct ValueAgent<Trainer: NetworkTrainer> {
  /// What kind of agent it is.
  public let configuration: ValueAgentConfiguration
  /// What it acts in.
  public let specification: EnvironmentSpecification
  /// The online network and its optimizer.
  public var trainer: Trainer
  /// The target network.
  public let target: Sequential
  /// What is remembered. Saved by its own means, beside ``save(into:)``.
  public var replay: Replay
  /// Steps taken.
  public var steps: AgentSteps { counters.steps }
  /// Frames that they took.
  public var frames: Frames { counters.frames }
  public var position: TrainingPosition { counters.position }

  let device: Device
  let policy: ValuePolicy
  /// Set where acting and learning overlap.
  var overlap: Overlap?
  var counters = Counters()
  var stack: FrameStack
  var choices: SeededGenerator
  var draws: SeededGenerator
  let noise: Generator

  /// Where an agent stands.
  struct Counters: Codable, Hashable {
    var steps: AgentSteps = 0
    var frames: Frames = 0
    var taskFrames: Frames = 0
    var position = TrainingPosition(update: 0, updateInTask: 0)
    /// Overlapping: whether updates are due that have not begun.
    var owesUpdates: Bool?
  }

  /// An agent before its first step.
  ///
  /// - Parameters:
  ///   - trainer: holds the online network, from (B, S) to (B, A, N) as ``AgentNetworkConfiguration`` builds it.
  ///   - target: a network of the same form, whose parameters become the online network's.
  ///   - actor: another one, for an agent whose acting and learning overlap.
  ///   - actsElsewhere: whether actors in other processes choose its actions, from the agent's first stream of noise.
  ///   - specification: of the environment.
  ///   - seed: of actions, of draws from the replay and of noise, each its own stream.
  ///   - device: where the networks are.
  ///   - checksMemory: whether its replay is to be filled; see ``Replay/checkMemory()``.
  /// - Throws: `ConfigurationError` for the field that cannot be used, `LoadingError` for a target or an actor of
  ///   another form, and `EnvironmentError` for continuous actions.
  public init(
    _ configuration: ValueAgentConfiguration, trainer: Trainer, target: Sequential,
    actor: Sequential? = nil, specification: EnvironmentSpecification, seed: UInt64,
    device: Device = .cpu, checksMemory: Bool = true, actsElsewhere: Bool = false
  ) throws {
    try configuration.validate()
    self.configuration = configuration
    self.specification = specification
    self.trainer = trainer
    self.target = target
    self.device = device
    replay = try Replay(
      configuration.replay, observations: specification.observations, checksMemory: checksMemory)
    policy = ValuePolicy(
      configuration.network.distribution, actionCount: try specification.discreteActionCount(),
      device: device)
    stack = FrameStack(specification.observations)
    let root = SeededGenerator(seed: seed)
    choices = root.split("actions")
    draws = root.split("replay")
    noise = Generator(seed: seed).split(
      actsElsewhere ? "noise of learning" : "noise", device: device)
    if configuration.overlapsLearning {
      guard let actor else {
        throw ConfigurationError(
          option: "agent.overlapsLearning", expected: "a third network, to act", found: "none")
      }
      overlap = try Overlap(actor: actor, online: trainer.network, seed: seed, device: device)
    }
    try copyToTarget()
  }

  /// The share of random actions at this moment.
  public var exploration: Double {
    configuration.exploration?.value(at: counters.frames, inTask: counters.taskFrames) ?? 0
  }

  public mutating func begin(_ start: EpisodeStart) {
    stack.begin(start)
    replay.begin(start)
  }

  /// Decides by what has been seen of the episode, with noise of its own.
  ///
  /// - Parameter measuring: overlapping: whether norms and values are wanted of updates that begin here.
  /// - Precondition: an episode has begun.
  public mutating func act(measuring: Bool = false) -> Int {
    precondition(!stack.observations.isEmpty, "act: no episode has begun")
    beginOverlapping(measuring: measuring)
    return policy.action(
      overlap?.actor ?? trainer.network, stack, exploration: exploration, choices: &choices,
      random: noise)
  }

  /// Takes in what an action brought, and learns and copies the network where that is due.
  ///
  /// - Parameter measuring: whether norms and values are wanted of updates; where they overlap with acting,
  ///   `act(measuring:)` says so.
  /// - Returns: the updates that were made, most often none.
  /// - Throws: outcomes of training, and what the replay refuses.
  public mutating func observe(
    action: Int, _ step: Step, measuring: Bool = false
  ) throws -> [AgentUpdate] {
    try replay.append(action: action, step: step)
    stack.append(step.observation)
    return try learnIfDue(after: step.frames, measuring: measuring)
  }

  /// Takes in a step that an actor played, as the step of a stream of its own.
  ///
  /// - Throws: outcomes of training, and what the replay refuses.
  public mutating func observe(
    _ played: PlayedStep, truncated: Bool, of actor: Int, measuring: Bool
  ) throws -> [AgentUpdate] {
    let space = specification.observations
    if let start = played.start {
      replay.begin(EpisodeStart(Observation(start, of: space)), stream: actor)
    }
    let step = Step(
      observation: Observation(played.observation, of: space), reward: played.reward,
      end: played.end ?? (truncated ? .truncated : nil), isDiscountZero: played.isDiscountZero,
      frames: played.frames)
    try replay.append(action: played.action, step: step, stream: actor)
    return try learnIfDue(after: played.frames, measuring: measuring)
  }

  private mutating func learnIfDue(after frames: Frames, measuring: Bool) throws -> [AgentUpdate] {
    counters.steps += 1
    counters.frames += frames
    counters.taskFrames += frames
    guard replay.count >= configuration.learningStarts.count else { return [] }
    var updates: [AgentUpdate] = []
    let isTargetDue = isDue(configuration.targetPeriod)
    if overlap != nil {
      let endsRound = isDue(configuration.learnPeriod)
      if endsRound || isTargetDue { updates += try settle() }
      if endsRound {
        counters.owesUpdates = true
        overlap?.actorIsStale = true
      }
    } else if isDue(configuration.learnPeriod) {
      for _ in 0..<configuration.updatesPerPeriod {
        updates.append(try learn(measuring: measuring))
      }
    }
    if isTargetDue { try copyToTarget() }
    return updates
  }

  private func isDue(_ period: Frames) -> Bool {
    let steps = max(1, period.agentSteps(actionRepeat: specification.actionRepeat).count)
    return counters.steps.count % steps == 0
  }

  /// Tells the agent that a later task begins: the trainer's methods, and what counts from a task's start.
  ///
  /// - Parameter clearingReplay: whether to delete transitions of earlier tasks; learning then pauses until there are
  ///   enough new ones.
  public mutating func beginTask(clearingReplay: Bool = false) throws {
    try settle()
    counters.position.task += 1
    counters.position.updateInTask = 0
    counters.taskFrames = 0
    if clearingReplay { replay.clear() }
    try trainer.beginTask(counters.position)
    // A method may have reset weights.
    overlap?.actorIsStale = true
  }

  /// Gives the target network the online network's parameters.
  func copyToTarget() throws {
    try target.load(
      Dictionary(uniqueKeysWithValues: trainer.network.namedTensors.map { ($0.name, $0.tensor) }))
  }
}

/// What one update of an agent did.
public struct AgentUpdate: @unchecked Sendable {
  /// Updates completed, this one included.
  public var updates: Int
  /// The loss, weighted and averaged over the batch. Waits for the device.
  public var loss: Double { lossTensor.item }
  /// The mean over the batch of the best action's value; `nil` when it was not asked for.
  public var meanValue: Double?
  /// What the trainer did.
  public var network: NetworkUpdate
  private let lossTensor: Tensor

  init(updates: Int, loss: Tensor, meanValue: Double?, network: NetworkUpdate) {
    self.updates = updates
    self.meanValue = meanValue
    self.network = network
    lossTensor = loss.detached()
  }
}
