public import Environments
public import Networks
public import NormalizeAndProject
public import Plasticity
public import Reinforcement
import Torch

/// An agent that visits one environment after another with the same network. With one environment and one visit it is
/// an ordinary run.
///
/// Every number that the paper leaves open is a field. Source: METHOD 3.3, 3.6 and section 5.
public struct AgentRunConfiguration: Codable, Hashable, Sendable {
  /// The environments, their order and the length of a visit.
  public var environments: EnvironmentSequence
  /// The agent with its network and optimizer, and a value agent's replay. As a setting it is `agent`.
  public var chosenAgent: AgentChoice
  /// The method's three parts; an arm switches parts off. By default mean and deviation of hidden noisy weights share a
  /// norm.
  public var nap: NaP
  /// The baseline methods; an arm adds some.
  public var methods: InterventionSet
  /// The schedule of the learning rate, over the agent's updates.
  public var schedule: Schedule
  /// The peak rate of arms with restarts; `nil` uses `agent.optimizer.learningRate`, as every other arm does. Two
  /// readings of appendix B.2 give 6.25e-4; one of them notes that a dropped zero, 6.25e-5, is possible (METHOD 3.6). A
  /// learning rate that is set or tuned for an arm takes precedence.
  public var restartPeak: Double?
  /// Processes that play while this one learns.
  public var actors = Actors()
  /// What happens when the environment changes.
  public var boundary: Boundary
  /// What is measured, and when.
  public var recording: Recording

  /// Processes that play, each in an environment of its own, while the run's own process learns (Horgan et al. 2018,
  /// "Distributed Prioritized Experience Replay"). Their steps are stored in turn, in an order that depends on the seed
  /// alone.
  public struct Actors: Codable, Hashable, Sendable {
    /// How many, at most 32; 0 plays in the run's own process.
    public var count = 0
    /// Rounds that are played with the same weights, which are at most twice as old. Our choice.
    public var refreshEveryRounds = 16
    /// Seconds within which an actor must start, or play its part of so many rounds, once the learner waits for it.
    public var timeout = 60.0

    /// None.
    public init() {}
  }

  /// What happens when the environment changes. The default is task-blind: the episode ends, and everything else
  /// continues.
  public struct Boundary: Codable, Hashable, Sendable {
    /// Whether network, optimizer and replay are initialized again.
    public var isFresh = false
    /// Whether the replay is emptied. Not stated for the paper; Abbas et al. 2023 keep it.
    public var clearsReplay = false
    /// Whether the optimizer's moments are set to zero. Not stated for the paper.
    public var clearsOptimizer = false

    /// Everything continues.
    public init() {}
  }

  /// What is measured, and when. A round is the agent's steps between two chances to learn.
  public struct Recording: Codable, Hashable, Sendable {
    /// Rounds between two points of every series.
    public var everyRounds = 500
    /// Rounds between two evaluations; 0 for none.
    public var evaluateEveryRounds = 0
    /// Episodes of one evaluation, at most; 0 for no limit but that of frames.
    public var evaluationEpisodes = 10
    /// Frames of one evaluation, at most; `nil` for no limit but that of episodes. An episode that is cut is not
    /// counted, unless it is the first.
    public var evaluationFrames: Frames?
    /// Rounds between two checkpoints; 0 writes one at the end of a visit and on interruption.
    public var checkpointEveryRounds = 0
    /// Whether a checkpoint is written at the end of every visit.
    public var checkpointsVisits = true

    /// The defaults.
    public init() {}
  }

  /// A configuration; see the properties.
  public init(
    environments: EnvironmentSequence, agent: ValueAgentConfiguration,
    nap: NaP = NaP(projection: Projection(noisyWeights: .joint)),
    methods: InterventionSet = InterventionSet(), schedule: Schedule = Schedule(),
    boundary: Boundary = Boundary(), recording: Recording = Recording()
  ) {
    self.environments = environments
    chosenAgent = .value(agent)
    self.nap = nap
    self.methods = methods
    self.schedule = schedule
    self.boundary = boundary
    self.recording = recording
  }

  /// The agent's steps of one round.
  public func roundLength(actionRepeat: Int) -> Int {
    max(1, ppo?.horizon ?? agent.learnPeriod.agentSteps(actionRepeat: max(1, actionRepeat)).count)
  }

  /// The agent's steps of one visit.
  func stepsPerVisit(actionRepeat: Int) -> Int {
    max(1, environments.framesPerVisit.agentSteps(actionRepeat: max(1, actionRepeat)).count)
  }

  /// Rounds of one visit; the last may be short.
  func roundsPerVisit(actionRepeat: Int) -> Int {
    let length = roundLength(actionRepeat: actionRepeat)
    return stepsPerVisit(actionRepeat: actionRepeat).saturatingSum(length - 1) / length
  }

  /// Updates of one visit, including those before learning starts as if they were made.
  var updatesPerVisit: Int {
    if let ppo {
      // What is derived here may come before the check of ranges.
      let size = max(1, ppo.batchSize)
      let batches = max(1, ppo.horizon).saturatingSum(size - 1) / size
      return roundsPerVisit(actionRepeat: environments.actionRepeat)
        .saturatingProduct(max(1, ppo.epochs).saturatingProduct(batches))
    }
    let period = max(1, agent.learnPeriod.count)
    return max(
      1, (environments.framesPerVisit.count / period).saturatingProduct(agent.updatesPerPeriod))
  }

  /// An agent's error under the key of the setting here: parts of an agent name their keys without `agent.`.
  static func named(_ error: ConfigurationError) -> ConfigurationError {
    let part = error.option.prefix { $0 != "." }
    guard ["replay", "optimizer", "network"].contains(part) else { return error }
    return ConfigurationError(
      option: "agent.\(error.option)", expected: error.expected, found: error.found)
  }

  /// Checks ranges and combinations.
  ///
  /// - Returns: warnings to show.
  /// - Throws: ``UsageError`` naming the key.
  func validated() throws -> [String] {
    try environments.validate()
    do {
      if let ppo { try ppo.validate() } else { try agent.validate() }
      try schedule.validate()
      try nap.validate()
      try methods.validate()
      _ = try methods.optimizer(optimizer)
    } catch let error as ConfigurationError {
      throw UsageError(Self.named(error).description)
    }
    let counts = [
      ("everyRounds", recording.everyRounds, 1),
      ("evaluationEpisodes", recording.evaluationEpisodes, 0),
      ("evaluationFrames", recording.evaluationFrames?.count ?? 1, 1),
      ("evaluateEveryRounds", recording.evaluateEveryRounds, 0),
      ("checkpointEveryRounds", recording.checkpointEveryRounds, 0),
    ]
    for (key, count, least) in counts {
      try ConfigurationError.requireCount(count, "recording.\(key)", from: least)
    }
    guard
      recording.evaluateEveryRounds == 0 || recording.evaluationEpisodes > 0
        || recording.evaluationFrames != nil
    else {
      throw UsageError(
        "recording.evaluationEpisodes: expected at least 1 if recording.evaluationFrames is absent, found 0"
      )
    }
    try requireActors()
    if let restartPeak {
      try ConfigurationError.requireNumber(restartPeak, "restartPeak", isOpen: true)
    }
    var warnings: [String] = []
    let steps = environments.framesPerVisit.agentSteps(actionRepeat: environments.actionRepeat)
    if ppo == nil, agent.learningStarts >= steps {
      warnings.append(
        "agent.learningStarts is \(agent.learningStarts.count) steps and a visit has \(steps.count): the first "
          + "visit learns nothing"
      )
    }
    let unscaled = environments.names.indices.filter { environments.scale(visit: $0) == nil }
    if !unscaled.isEmpty {
      let names = Set(unscaled.map { environments.names[$0].text }).sorted().joined(separator: ", ")
      warnings.append(
        "no reference returns are known of \(names): only returns are recorded, no scores, so arms have no measure "
          + "there; give environments.scales, one per environment")
    }
    return warnings
      + RedundantCombinations.warnings(nap: nap, methods: methods, optimizer: optimizer)
  }
}

extension AgentRunConfiguration {
  /// Checks the settings of actors.
  private func requireActors() throws {
    try ConfigurationError.requireCount(
      actors.refreshEveryRounds, "actors.refreshEveryRounds", from: 1)
    try ConfigurationError.requireNumber(actors.timeout, "actors.timeout", to: 1e6, isOpen: true)
    let length = roundLength(actionRepeat: environments.actionRepeat)
    let most = min(32, length.saturatingProduct(actors.refreshEveryRounds))
    guard (0...most).contains(actors.count) else {
      throw UsageError(
        "actors.count: expected 0 to \(most), a step of each in actors.refreshEveryRounds rounds of \(length) steps "
          + "and at most 32, found \(actors.count)")
    }
    guard actors.count == 0 || ppo == nil else {
      throw UsageError(
        "actors.count: expected 0 with agent=ppo, which learns from what its newest weights played, found "
          + "\(actors.count); choose an agent that learns values")
    }
    guard actors.count == 0 || !agent.overlapsLearning else {
      throw UsageError(
        "agent.overlapsLearning: expected false with actors.count, whose actors play while it learns; found true"
      )
    }
  }
}

extension AgentRunConfiguration {
  /// The key of ``environments`` in earlier versions.
  private enum EarlierKeys: String, CodingKey { case worlds }

  private enum CodingKeys: String, CodingKey {
    case environments
    case chosenAgent = "agent"
    case nap, methods, schedule, restartPeak, actors, boundary, recording
  }

  /// The value agent; DQN where there is none.
  ///
  /// - Precondition: it is changed where the agent is one.
  public var agent: ValueAgentConfiguration {
    get { if case .value(let agent) = chosenAgent { agent } else { .dqn } }
    set {
      precondition(ppo == nil, "agent: ppo is no value agent; set chosenAgent")
      chosenAgent = .value(newValue)
    }
  }

  /// Proximal policy optimization, if it is the agent; setting `nil` makes the agent DQN.
  public var ppo: PPOConfiguration? {
    get { if case .ppo(let agent) = chosenAgent { agent } else { nil } }
    set { chosenAgent = newValue.map { .ppo($0) } ?? .value(.dqn) }
  }

  /// How weights are updated, whatever the agent.
  var optimizer: OptimizerConfiguration {
    get {
      switch chosenAgent {
      case .value(let agent): agent.optimizer
      case .ppo(let agent): agent.optimizer
      }
    }
    set { if ppo == nil { agent.optimizer = newValue } else { ppo?.optimizer = newValue } }
  }

  /// Reads the fields; see ``AgentChoice`` for the agent.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    environments =
      try values.contains(.environments)
      ? values.decode(EnvironmentSequence.self, forKey: .environments)
      : decoder.container(keyedBy: EarlierKeys.self)
        .decode(EnvironmentSequence.self, forKey: .worlds)
    chosenAgent = try values.decode(AgentChoice.self, forKey: .chosenAgent)
    nap = try values.decode(NaP.self, forKey: .nap)
    methods = try values.decode(InterventionSet.self, forKey: .methods)
    schedule = try values.decode(Schedule.self, forKey: .schedule)
    restartPeak = try values.decodeIfPresent(Double.self, forKey: .restartPeak)
    // Earlier versions had none.
    actors = try values.decodeIfPresent(Actors.self, forKey: .actors) ?? Actors()
    boundary = try values.decode(Boundary.self, forKey: .boundary)
    recording = try values.decode(Recording.self, forKey: .recording)
  }
}
