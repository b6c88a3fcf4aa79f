import Environments
public import Networks
import NormalizeAndProject
public import Reinforcement
public import RunStore
public import Torch
public import Training

/// The loop of agents: visit an environment, act and learn, visit the next one.
///
/// An update is one round: the agent's steps between two chances to learn, and the update at its end once the replay
/// has enough. `updates` counts rounds, so runs that begin to learn at different times are at the same place of a
/// figure. Visits have a fixed number of steps (their frames over the action repeat), so every seed has the same
/// rounds. An episode in progress at the end of a visit counts as truncated.
///
/// Weights, target, actions, samples of the replay, noise and each visit's environment have their own generators, split
/// from the seed by name. So arms of one seed see the same environments and start from the same weights.
public struct AgentTraining: TaskLoop, CapturingRun {
  /// The configuration.
  public let configuration: AgentRunConfiguration
  /// The run's seed.
  public let seed: Int
  /// The device.
  public let device: Device
  /// The agent.
  public internal(set) var agent: any Agent<Learner>
  /// What of an update is not replayed on a GPU, and why; `nil` while all is, or may be.
  public var captureProblem: String? { agent.trainer.captureProblem }
  /// Where the run stands, in rounds.
  public var place = LoopPlace()
  /// The rounds of each visit.
  public let lengths: TaskLengths
  public let cadence: LoopCadence

  let root: Generator
  let specification: EnvironmentSpecification
  /// Declares effective learning rates of the weights that are scale-invariant.
  let ledger: EffectiveLearningRateLedger
  let roundLength: Int
  let stepsPerVisit: Int
  var environment: any Environment
  /// Who plays, if not this process.
  package internal(set) var actors: ActorProcesses?
  var counters = Counters()
  /// The replay's files in the run's folder.
  var files = ReplayFiles()
  /// Remarks for a person after a resume.
  public internal(set) var remarks: [String] = []

  /// The state of a run except for its agent.
  struct Counters: Codable, Hashable {
    /// Steps of the visit.
    var visitSteps = 0
    /// The episode in progress; actors have their own.
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

  public var parameters: [NamedParameter] { agent.trainer.parameters }

  /// A run before its first step.
  ///
  /// - Throws: configuration errors, and errors of missing environments.
  public init(_ configuration: AgentRunConfiguration, seed: Int, device: Device) throws {
    self.configuration = configuration
    self.seed = seed
    self.device = device
    root = Generator(seed: UInt64(bitPattern: Int64(seed)))
    environment = try configuration.environments.environment(
      visit: 0, seed: Self.environmentSeed(seed, visit: 0))
    specification = environment.specification
    try configuration.requireRoom(specification, forBatches: true)
    roundLength = configuration.roundLength(actionRepeat: specification.actionRepeat)
    stepsPerVisit = configuration.stepsPerVisit(actionRepeat: specification.actionRepeat)
    actors = Self.actors(configuration, specification, seed: seed, roundLength: roundLength)
    lengths = TaskLengths(
      Array(
        repeating: configuration.roundsPerVisit(actionRepeat: specification.actionRepeat),
        count: configuration.environments.visitCount))
    let recording = configuration.recording
    cadence = LoopCadence(
      checkpointTasks: recording.checkpointsVisits ? 1 : 0,
      checkpointUpdates: recording.checkpointEveryRounds,
      evaluationUpdates: recording.evaluateEveryRounds, evaluatesTasks: false)
    agent = try Self.agent(configuration, specification, root: root, visit: 0, device: device)
    ledger = agent.trainer.ledger(
      over: specification.observations.drawn(
        4, generator: root.split("ledger"), device: device))
  }

  /// The memory that the replay needs until it is full.
  public var bytesToCome: Int {
    guard let replay = agent.memory else { return 0 }
    let whole = configuration.agent.replay.byteCount(for: specification.observations)
    return Int(max(0, min(whole, 1e15) - Double(replay.byteCount)))
  }

  /// The facts of the environments that the run visits: opens each once. Also checks that the machine can hold the
  /// replay, which reading a checkpoint does not need.
  ///
  /// - Throws: errors of missing environments, and ``UsageError`` for an environment of another form than the first, or
  ///   a replay that is too large.
  public func manifest() throws -> ProtocolManifest? { try examination().manifest }

  /// The manifest, and remarks on environments that cannot be saved.
  ///
  /// - Throws: as ``manifest()``.
  public func examination() throws -> RunExamination {
    do {
      try agent.memory?.checkMemory()
    } catch let error as ReplayError where error.kind == .memory {
      throw UsageError("agent.\(error)")
    }
    return try configuration.environments.examination(expecting: specification)
  }

  /// The seed of the environment of one visit, of one actor.
  ///
  /// - Parameter updates: of a run that resumed in a new episode of the visit.
  static func environmentSeed(
    _ seed: Int, visit: Int, resumedAt updates: Int? = nil, actor: Int = 0
  ) -> UInt64 {
    var generator = SeededGenerator(seed: UInt64(bitPattern: Int64(seed))).split("world-\(visit)")
    if let updates { generator = generator.split("resumed-\(updates)") }
    if actor > 0 { generator = generator.split("actor-\(actor)") }
    return generator.firstWord
  }

  /// The seed of the agent that begins in a visit.
  static func agentSeed(_ root: Generator, visit: Int) -> UInt64 {
    root.split("agent").split("visit-\(visit)").seed
  }

  /// The actors of a run that has some, which start with their first step.
  static func actors(
    _ configuration: AgentRunConfiguration, _ specification: EnvironmentSpecification, seed: Int,
    roundLength: Int
  ) -> ActorProcesses? {
    guard configuration.actors.count > 0 else { return nil }
    return ActorProcesses(
      .init(configuration: configuration, specification: specification, seed: seed, index: 0),
      period: roundLength.saturatingProduct(configuration.actors.refreshEveryRounds),
      stepsPerVisit: configuration.stepsPerVisit(actionRepeat: specification.actionRepeat))
  }

  /// The agent at the start of a visit: the first one, or any of a fresh arm.
  static func agent(
    _ configuration: AgentRunConfiguration, _ specification: EnvironmentSpecification,
    root: Generator, visit: Int, device: Device
  ) throws -> any Agent<Learner> {
    let design = configuration.design(specification)
    let weights = root.split("weights").split("visit-\(visit)")
    let shape = specification.observations.stackedShape
    do {
      var learner = try UsageError.ofMethods {
        try Learner(
          design, inputShape: shape, outputs: specification.actionCount, weights: weights,
          methods: root.split("methods"), updatesPerTask: configuration.updatesPerVisit,
          device: device)
      }
      learner.capture = GradientCapture(on: device, isWanted: CaptureChoice.isOn)
      let seed = agentSeed(root, visit: visit)
      if case .ppo(let ppo) = configuration.chosenAgent {
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
        specification: specification, seed: seed, device: device, checksMemory: false,
        actsElsewhere: configuration.actors.count > 0)
    } catch let error as ConfigurationError {
      throw UsageError(AgentRunConfiguration.named(error).description)
    }
  }

  /// One round.
  public mutating func update(_ moment: LoopMoment) throws -> [MetricValue] {
    let isMeasured =
      moment.endsTask || moment.updates % configuration.recording.everyRounds == 0
    var made: [AgentUpdate] = []
    let began = ContinuousClock.now
    for _ in 0..<roundLength where counters.visitSteps < stepsPerVisit {
      // A short round is completed and saved; a long one is abandoned.
      if ContinuousClock.now - began > Self.patience { try StopRequest.check() }
      made += try step(of: moment.task, measuring: isMeasured)
    }
    // Nothing is in progress between rounds, even if the last round of a visit is short.
    made += try agent.settle()
    if let replay = agent.memory { try files.snapshots?.keepUp(with: replay) }
    return (isMeasured ? measurements(made.last, moment) : [])
      + (moment.endsTask ? visitMeasurements(moment) : [])
  }

  /// How long a round may continue after the run was asked to stop.
  private static let patience = Duration.seconds(5)

  private mutating func step(of visit: Int, measuring: Bool) throws -> [AgentUpdate] {
    if let actors {
      let actor = counters.visitSteps % actors.count
      let played = try actors.next(
        of: visit, after: configuration.boundary.isFresh ? 0 : counters.frames
      ) {
        agent.trainer.network.namedTensors.map(\.tensor)
      }
      counters.visitSteps += 1
      counters.frames += played.frames
      if let total = played.gameReturn { count(total) }
      // Each actor's last step of a visit.
      return try agent.observe(
        played, truncated: counters.visitSteps > stepsPerVisit - actors.count, of: actor,
        measuring: measuring)
    }
    if counters.episode == nil { agent.begin(try environment.beginEpisode()) }
    var episode = counters.episode ?? EpisodeSummary()
    let action = try agent.action(measuring: measuring)
    var step = try environment.take(action, in: &episode)
    counters.visitSteps += 1
    counters.frames += step.frames
    if step.end != nil {
      // The return of one life is no score: the other lives of the game count too.
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

  /// Begins a visit; the first one's environment is there.
  public mutating func begin(task visit: Int) throws {
    guard visit > 0 else { return }
    environment = try configuration.environments.environment(
      visit: visit, seed: Self.environmentSeed(seed, visit: visit), expecting: specification)
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
  let agent: AgentChoice
  let specification: EnvironmentSpecification

  func build(
    inputShape: [Int], outputs: Int, generator: Generator, device: Device
  ) throws(ConfigurationError) -> Sequential {
    let observations = specification.observations
    switch agent {
    case .value(let agent):
      return try agent.network.build(
        observations: observations, actions: outputs, generator: generator, device: device)
    case .ppo(let agent):
      var logDeviation: Double?
      if case .continuous = specification.actions { logDeviation = agent.logDeviation ?? 0 }
      return try agent.network.buildActorCritic(
        observations: observations, actions: outputs, logDeviation: logDeviation,
        generator: generator, device: device)
    }
  }

  func parameterSource(generator: Generator, device: Device) -> ParameterSource {
    ParameterSource(generator: generator, device: device)
  }
}
