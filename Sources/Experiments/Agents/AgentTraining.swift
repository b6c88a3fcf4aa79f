import Environments
import Networks
import NormalizeAndProject
public import Reinforcement
public import RunStore
public import Torch
public import Training

/// The loop of agents: visit an environment, act and learn, visit the next.
///
/// ``next()`` is one round: the agent's steps between two chances to learn, with the update at its end once the replay
/// holds enough. Rounds are what ``updates`` counts, so that runs that begin to learn at different times stand at the
/// same place of a figure. Visits have a fixed number of steps (their frames over the action repeat), so that every
/// seed has the same rounds; an episode that is under way at the end of a visit counts as truncated.
///
/// Weights, target, actions, draws from the replay, noise and each visit's environment have generators of their
/// own, split from the seed by name: arms of one seed meet the same worlds and start from the same weights.
public struct AgentTraining: TrainingRun {
  /// What decides the run beside its seed.
  public let configuration: AgentRunConfiguration
  /// The run's seed.
  public let seed: Int
  /// Where it trains.
  public let device: Device
  /// The agent.
  public internal(set) var agent: any Agent<Learner>
  /// Rounds completed.
  public internal(set) var updates = 0

  let root: Generator
  let specification: EnvironmentSpecification
  /// Declares effective learning rates of the weights that are scale-invariant.
  let ledger: EffectiveLearningRateLedger
  let roundLength: Int
  let stepsPerVisit: Int
  var world: any Environment
  var counters = Counters()
  var snapshots: ReplaySnapshots?
  var reference: ReplaySnapshotReference?
  /// Whether the replay's files are wanted no more.
  var isReleased = false
  var hasEnded = false
  /// Whether the agent has still to be evaluated.
  public internal(set) var owesEvaluation = false
  /// What a person should know of where the run was taken up.
  public internal(set) var remarks: [String] = []

  /// Where a run stands beside its agent.
  struct Counters: Codable, Hashable {
    /// Steps of the visit.
    var visitSteps = 0
    /// The episode under way.
    var episode: EpisodeSummary?
    /// Frames of the run.
    var frames: Frames = 0
    /// Sum and number of the returns of episodes that ended since the last point.
    var recentSum = 0.0
    var recentCount = 0
    /// The same for the last tenth of the visit.
    var lateSum = 0.0
    var lateCount = 0
    /// The newest episode's return in the visit.
    var newest: Double?
  }

  /// Rounds of one visit.
  var roundsPerVisit: Int {
    configuration.roundsPerVisit(actionRepeat: specification.actionRepeat)
  }
  /// Rounds of the whole run.
  public var totalUpdates: Int { roundsPerVisit * configuration.worlds.visitCount }

  /// A run before its first step.
  ///
  /// - Throws: configuration errors, and what environments throw that cannot be had.
  public init(_ configuration: AgentRunConfiguration, seed: Int, device: Device) throws {
    self.configuration = configuration
    self.seed = seed
    self.device = device
    root = Generator(seed: UInt64(bitPattern: Int64(seed)))
    world = try configuration.worlds.world(visit: 0, seed: Self.worldSeed(seed, visit: 0))
    specification = world.specification
    try configuration.requireRoom(specification, forBatches: true)
    roundLength = configuration.roundLength(actionRepeat: specification.actionRepeat)
    stepsPerVisit = configuration.stepsPerVisit(actionRepeat: specification.actionRepeat)
    agent = try Self.agent(configuration, specification, root: root, visit: 0, device: device)
    ledger = agent.trainer.ledger(
      over: specification.observations.drawn(
        4, generator: root.split("ledger"), device: device))
  }

  /// What the replay will take until it is full.
  public var bytesToCome: Int {
    guard let replay = agent.memory else { return 0 }
    let whole = configuration.agent.replay.byteCount(for: specification.observations)
    return Int(max(0, min(whole, 1e15) - Double(replay.byteCount)))
  }

  /// What the worlds are that the run visits: each is opened once. Whether the machine can hold the replay is asked, too, which
  /// looking at a checkpoint does not need.
  ///
  /// - Throws: what an environment throws that cannot be had, and ``UsageError`` for one of another form than the first, or a
  ///   replay that is too large.
  public func manifest() throws -> ProtocolManifest? { try examination().manifest }

  /// The same, and which of the worlds cannot be saved.
  ///
  /// - Throws: as ``manifest()``.
  public func examination() throws -> RunExamination {
    do {
      try agent.memory?.checkMemory()
    } catch let error as ReplayError where error.kind == .memory {
      throw UsageError("agent.\(error)")
    }
    return try configuration.worlds.examination(expecting: specification)
  }

  /// The seed of the environment of one visit.
  static func worldSeed(_ seed: Int, visit: Int) -> UInt64 {
    SeededGenerator(seed: UInt64(bitPattern: Int64(seed))).split("world-\(visit)").firstWord
  }

  /// The seed of the environment of a visit that goes on in another episode than it was left in.
  static func worldSeed(_ seed: Int, visit: Int, resumedAt updates: Int) -> UInt64 {
    SeededGenerator(seed: UInt64(bitPattern: Int64(seed))).split("world-\(visit)")
      .split("resumed-\(updates)").firstWord
  }

  /// The agent as it starts at a visit, which only arms that start anew do at any but the first.
  static func agent(
    _ configuration: AgentRunConfiguration, _ specification: EnvironmentSpecification,
    root: Generator, visit: Int, device: Device
  ) throws -> any Agent<Learner> {
    let design = configuration.design(specification)
    let weights = root.split("weights").split("visit-\(visit)")
    let shape = specification.observations.stackedShape
    do {
      let learner = try UsageError.ofMethods {
        try Learner(
          design, inputShape: shape, outputs: specification.actionCount, weights: weights,
          methods: root.split("methods"), updatesPerTask: configuration.updatesPerVisit,
          device: device)
      }
      let seed = root.split("agent").split("visit-\(visit)").seed
      if let ppo = configuration.ppo {
        return try PPOAgent(
          ppo, trainer: learner, specification: specification, environments: 1, seed: seed,
          device: device)
      }
      func network() throws -> Sequential {
        try Learner.network(
          design, inputShape: shape, outputs: specification.actionCount, weights: weights,
          device: device)
      }
      return try ValueAgent(
        configuration.agent, trainer: learner, target: network(),
        actor: configuration.agent.overlapsLearning ? network() : nil,
        specification: specification, seed: seed, device: device, checksMemory: false)
    } catch let error as ConfigurationError {
      throw UsageError(AgentRunConfiguration.named(error).description)
    }
  }

  /// One round; see ``TrainingRun/next()``.
  public mutating func next() throws -> TrainingEvent? { try steppedAndEvaluated() }

  /// One round; see ``TrainingRun/step()``.
  public mutating func step() throws -> TrainingEvent? {
    guard updates < totalUpdates, !hasEnded else { return nil }
    do {
      return try round()
    } catch {
      let names = agent.trainer.parameters.map(\.name)
      guard let outcome = TrainingOutcome.status(of: error, names: names) else { throw error }
      hasEnded = true
      return TrainingEvent(updates: updates, task: updates / roundsPerVisit, outcome: outcome)
    }
  }

  private mutating func round() throws -> TrainingEvent {
    let visit = updates / roundsPerVisit
    let roundInVisit = updates % roundsPerVisit
    if roundInVisit == 0, visit > 0 { try beginVisit(visit) }
    let endsVisit = roundInVisit + 1 == roundsPerVisit
    let recording = configuration.recording
    let isMeasured = endsVisit || (updates + 1) % recording.everyRounds == 0

    var made: [AgentUpdate] = []
    let began = ContinuousClock.now
    for _ in 0..<roundLength where counters.visitSteps < stepsPerVisit {
      // A round is short, and then saved whole; one that is not is given up.
      if ContinuousClock.now - began > Self.patience { try StopRequest.check() }
      made += try step(visit: visit, measuring: isMeasured)
    }
    // Nothing is under way between rounds, also where a visit's last one is short.
    made += try agent.settle()
    updates += 1
    if let replay = agent.memory { try snapshots?.keepUp(with: replay) }

    var event = TrainingEvent(updates: updates, task: visit, endsTask: endsVisit)
    if isMeasured { event.measurements += measurements(made.last, visit: visit) }
    owesEvaluation =
      recording.evaluateEveryRounds > 0 && updates % recording.evaluateEveryRounds == 0
    if endsVisit {
      event.measurements += visitMeasurements(visit)
      event.isCheckpointDue = recording.checkpointsVisits
    }
    if recording.checkpointEveryRounds > 0, updates % recording.checkpointEveryRounds == 0 {
      event.isCheckpointDue = true
    }
    return event
  }

  /// How long a round may go on after the run was asked to stop.
  private static let patience = Duration.seconds(5)

  /// The mean return of evaluation episodes, where that is due.
  public mutating func evaluate() throws -> [MetricValue] {
    guard owesEvaluation, updates > 0 else { return [] }
    let values = try evaluation(visit: (updates - 1) / roundsPerVisit)
    owesEvaluation = false
    return values
  }

  private mutating func step(visit: Int, measuring: Bool) throws -> [AgentUpdate] {
    if counters.episode == nil { agent.begin(try world.beginEpisode()) }
    var episode = counters.episode ?? EpisodeSummary()
    let action = try agent.action(measuring: measuring)
    var step = try world.take(action, in: &episode)
    counters.visitSteps += 1
    counters.frames += step.frames
    if step.end != nil {
      // A life that is over is no score; the game's other lives are part of it.
      if let total = step.gameReturn(of: episode) { count(total) }
    } else if counters.visitSteps == stepsPerVisit {
      step.end = .truncated
    }
    counters.episode = step.end == nil ? episode : nil
    return try agent.observe(action, step, measuring: measuring)
  }

  /// A game ended by itself.
  private mutating func count(_ total: Double) {
    counters.recentSum += total
    counters.recentCount += 1
    counters.newest = total
    if counters.visitSteps > stepsPerVisit - max(1, stepsPerVisit / 10) {
      counters.lateSum += total
      counters.lateCount += 1
    }
  }

  private mutating func beginVisit(_ visit: Int) throws {
    world = try configuration.worlds.world(
      visit: visit, seed: Self.worldSeed(seed, visit: visit), expecting: specification)
    counters.visitSteps = 0
    (counters.lateSum, counters.lateCount, counters.newest) = (0, 0, nil)
    let boundary = configuration.boundary
    if boundary.isFresh {
      agent = try Self.agent(
        configuration, specification, root: root, visit: visit, device: device)
    } else {
      try agent.beginTask(clearingReplay: boundary.clearsReplay)
      if boundary.clearsOptimizer { try agent.trainer.clearOptimizer() }
    }
  }
}

/// An agent's network as a learner builds it.
struct AgentBlueprint: NetworkBlueprint {
  let configuration: AgentNetworkConfiguration
  let specification: EnvironmentSpecification
  /// Set where the network is that of a policy and a value.
  let ppo: PPOConfiguration?

  func build(
    inputShape: [Int], outputs: Int, generator: Generator, device: Device
  ) throws(ConfigurationError) -> Sequential {
    let observations = specification.observations
    guard let ppo else {
      return try configuration.build(
        observations: observations, actions: outputs, generator: generator, device: device)
    }
    var logDeviation: Double?
    if case .continuous = specification.actions { logDeviation = ppo.logDeviation ?? 0 }
    return try configuration.buildActorCritic(
      observations: observations, actions: outputs, logDeviation: logDeviation,
      generator: generator, device: device)
  }

  func parameterSource(generator: Generator, device: Device) -> ParameterSource {
    ParameterSource(generator: generator, device: device)
  }
}
