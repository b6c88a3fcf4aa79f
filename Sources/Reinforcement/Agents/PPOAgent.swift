public import Environments
public import Networks
public import Torch

/// Proximal policy optimization (Schulman et al. 2017), over environments moved together or step by step in one
/// (``Agent``).
///
/// Discrete actions are drawn from logits. Continuous ones are drawn from a normal distribution whose deviations do not
/// depend on the state, and are moved within the environment's bounds.
///
///     while … { let iteration = try agent.iterate(in: &environments) }
///
/// An iteration moves every environment ``PPOConfiguration/horizon`` times, then learns from what that brought.
/// Advantages bootstrap from the episode's own last observation where it was cut short, and from the next one where the
/// horizon cuts it.
public struct PPOAgent<Trainer: NetworkTrainer> {
  /// What kind of agent it is.
  public let configuration: PPOConfiguration
  /// What it acts in.
  public let specification: EnvironmentSpecification
  /// The network, from (B, S) to (B, A + 1), for continuous actions (B, 2 A + 1), and its optimizer.
  public var trainer: Trainer
  /// Steps taken in all environments.
  public var steps: AgentSteps { counters.steps }
  /// Frames that they took.
  public var frames: Frames { counters.frames }
  public var position: TrainingPosition { counters.position }

  let device: Device
  var counters = Counters()
  /// Step by step: what the horizon under way brought, and whether its newest step ended an episode.
  var rollout = Rollout()
  var endsEpisode = true
  /// One an environment; empty before its first reset.
  var stacks: [FrameStack]
  var choices: SeededGenerator
  var orders: SeededGenerator

  /// Where an agent stands.
  struct Counters: Codable, Hashable {
    var steps: AgentSteps = 0
    var frames: Frames = 0
    var position = TrainingPosition(update: 0, updateInTask: 0)
    /// One an environment; over, or without steps, where it must be reset.
    var episodes: [EpisodeSummary?] = []
  }

  /// An agent before its first step.
  ///
  /// - Parameters:
  ///   - trainer: holds the network, as ``AgentNetworkConfiguration`` builds an actor and critic.
  ///   - environments: how many are moved together.
  ///   - seed: of actions and of the order of learning, each its own stream.
  ///   - device: where the network is.
  /// - Throws: `ConfigurationError` for the field that cannot be used.
  public init(
    _ configuration: PPOConfiguration, trainer: Trainer, specification: EnvironmentSpecification,
    environments: Int, seed: UInt64, device: Device = .cpu
  ) throws {
    try configuration.validate()
    self.configuration = configuration
    self.specification = specification
    self.trainer = trainer
    self.device = device
    stacks = (0..<environments).map { _ in FrameStack(specification.observations) }
    counters.episodes = stacks.map { _ in nil }
    let root = SeededGenerator(seed: seed)
    choices = root.split("actions")
    orders = root.split("order")
  }

  /// Moves the environments for one horizon and learns from what that brought.
  ///
  /// - Parameter measuring: whether norms are wanted of updates.
  /// - Throws: outcomes of training, and the environments' errors.
  public mutating func iterate(
    in environments: inout some EnvironmentBatch, measuring: Bool = false
  ) throws -> PPOIteration {
    precondition(
      environments.count == stacks.count,
      "iterate: \(environments.count) environments for an agent of \(stacks.count)")
    let rollout = try collect(in: &environments)
    var iteration = PPOIteration(
      steps: counters.steps, frames: counters.frames, episodes: rollout.episodes)
    if !rollout.actions.isEmpty { try learn(from: rollout, measuring: measuring, &iteration) }
    return iteration
  }

  /// Tells the agent that a later task begins; episodes in progress are left.
  public mutating func beginTask() throws {
    counters.position.task += 1
    counters.position.updateInTask = 0
    counters.episodes = stacks.map { _ in nil }
    try trainer.beginTask(counters.position)
  }
}

/// What one iteration brought.
public struct PPOIteration: Sendable {
  /// Steps taken in all environments, these included.
  public var steps: AgentSteps
  /// Frames that they took.
  public var frames: Frames
  /// The episodes that ended.
  public var episodes: [EpisodeSummary]
  /// The updates, in order.
  public var updates: [AgentUpdate] = []
  /// The policy's part of the loss, averaged over updates.
  public var policyLoss = 0.0
  /// The value's part, not weighted.
  public var valueLoss = 0.0
  /// The policy's entropy in nats.
  public var entropy = 0.0
}
