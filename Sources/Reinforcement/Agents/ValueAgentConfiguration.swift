public import Environments
public import Networks

/// A value-learning agent as a configuration; the presets are DQN and what differs from it.
///
/// The defaults are DQN's in DQN Zoo. Periods are in frames, of which a step of the environment takes
/// `actionRepeat`, and are rounded down to whole steps of the agent.
public struct ValueAgentConfiguration: Codable, Hashable, Sendable {
  /// The network, plain.
  public var network = AgentNetworkConfiguration()
  /// What is kept of the past, the discount and the n of n-step returns among it.
  public var replay = ReplayConfiguration()
  /// β of the importance weights.
  public var weightExponent = WeightExponentSchedule()
  /// How weights are updated. Whoever trains applies it.
  public var optimizer = OptimizerConfiguration()
  /// Whether the online network chooses the action of the target and the target network judges it.
  public var isDouble = false
  /// Scalar values and quantiles: where the loss becomes linear, κ.
  public var huberThreshold = 1.0
  /// Munchausen's targets instead of a greedy bootstrap; for scalar values and quantiles. `nil` for none.
  public var munchausen: MunchausenLearning?
  /// Transitions of an update.
  public var batchSize = 32
  /// Transitions in the replay before learning begins.
  public var learningStarts: AgentSteps = 50_000
  /// Frames from one moment of learning to the next.
  public var learnPeriod: Frames = 16
  /// Updates at each of those moments.
  public var updatesPerPeriod = 1
  /// Frames from one copy of the online network to the target network to the next.
  public var targetPeriod: Frames = 40_000
  /// Whether an update is computed beside the actions of the round that follows it, which an earlier network then
  /// chooses. Results are reproducible, and others than in exact order.
  public var overlapsLearning = false
  /// The share of random actions; `nil` for none, where noise explores.
  public var exploration: ExplorationSchedule? = ExplorationSchedule()
  /// The share of random actions in evaluation.
  public var evaluationExploration = 0.05

  /// DQN.
  public init() { self = Self.dqn }

  private init(defaults: Void) {}

  /// DQN (Mnih et al. 2015). RMSProp is not centered here, which DQN Zoo's is.
  public static let dqn = {
    var agent = ValueAgentConfiguration(defaults: ())
    agent.replay.nStep = 1
    agent.replay.sampling = .uniform
    agent.optimizer = OptimizerConfiguration(
      .rmsprop(.init { ($0.smoothing, $0.epsilon) = (0.95, 0.01 / 1024) }), learningRate: 2.5e-4)
    return agent
  }()

  /// DQN whose online network chooses the target's action, with the longer period and the smaller exploration of van
  /// Hasselt et al. 2016. Its output bias is not shared between actions, which DQN Zoo's is.
  public static let doubleDQN = {
    var agent = dqn
    agent.isDouble = true
    agent.targetPeriod = 120_000
    agent.exploration?.final = 0.01
    agent.evaluationExploration = 0.01
    return agent
  }()

  /// Double DQN whose network is split into advantages and a value (Wang et al. 2016), with their clip of 10.
  public static let dueling = {
    var agent = doubleDQN
    agent.network.isDueling = true
    agent.optimizer.gradientClip = 10
    return agent
  }()

  /// DQN that explores by noise alone (Fortunato et al. 2018), with the first deviation of that paper.
  public static let noisy = {
    var agent = dqn
    agent.network.isNoisy = true
    agent.network.noiseDeviation = 0.5
    agent.exploration = nil
    agent.evaluationExploration = 0
    return agent
  }()

  /// DQN with 51 atoms (Bellemare et al. 2017; DQN Zoo's values).
  public static let c51 = {
    var agent = dqn
    agent.network.distribution = .categorical51
    agent.optimizer = OptimizerConfiguration(
      .adam(.init { $0.epsilon = 0.01 / 32 }), learningRate: 2.5e-4, gradientClip: 10)
    agent.exploration?.final = 0.01
    agent.evaluationExploration = 0.001
    return agent
  }()

  /// DQN with quantiles (Dabney et al. 2018; DQN Zoo's values, 201 quantiles among them).
  public static let qrDQN = {
    var agent = c51
    agent.network.distribution = .quantile(atomCount: 201)
    agent.optimizer.learningRate = 5e-5
    return agent
  }()

  /// DQN with implicit quantiles (Dabney et al. 2018; DQN Zoo's values).
  public static let iqn = {
    var agent = qrDQN
    agent.network.distribution = .implicitQuantile()
    agent.optimizer.gradientClip = nil
    agent.learningStarts = 20_000
    agent.exploration?.start = 80_000
    return agent
  }()

  /// Rainbow (Hessel et al. 2018) as DQN Zoo has it, commit 45061f4.
  public static let rainbow = {
    var agent = dqn
    agent.network.isDueling = true
    agent.network.isNoisy = true
    agent.network.distribution = .categorical51
    agent.replay.nStep = 3
    agent.replay.sampling = .prioritized
    agent.optimizer = .rainbow
    agent.isDouble = true
    agent.learningStarts = 20_000
    agent.targetPeriod = 32_000
    agent.exploration = nil
    agent.evaluationExploration = 0
    return agent
  }()

  /// A preset's name.
  public enum Name: String, Codable, Sendable, CaseIterable {
    case dqn
    case doubleDQN = "double-dqn"
    case dueling, noisy, c51
    case qrDQN = "qr-dqn"
    case iqn, rainbow

    /// The preset.
    public var configuration: ValueAgentConfiguration {
      switch self {
      case .dqn: .dqn
      case .doubleDQN: .doubleDQN
      case .dueling: .dueling
      case .noisy: .noisy
      case .c51: .c51
      case .qrDQN: .qrDQN
      case .iqn: .iqn
      case .rainbow: .rainbow
      }
    }
  }

  /// Every preset by name.
  public static let presets: [(name: String, configuration: ValueAgentConfiguration)] =
    Name.allCases.map { ($0.rawValue, $0.configuration) }

  /// Checks every field; building the network checks it against the environment.
  ///
  /// - Throws: `ConfigurationError` naming the first that cannot be used.
  public func validate() throws {
    try network.validateRanges()
    try replay.validate()
    try weightExponent.validate()
    try optimizer.validate()
    let require = ConfigurationError.require
    // The limits of what lies between two moments at which a run can stop are our choice.
    let largest = ConfigurationError.largestCount
    let counts = [
      ("batchSize", batchSize, 1_000_000), ("learnPeriod", learnPeriod.count, 1_000_000),
      ("updatesPerPeriod", updatesPerPeriod, 1_000), ("targetPeriod", targetPeriod.count, largest),
      ("learningStarts", learningStarts.count, largest),
    ]
    for (name, count, most) in counts {
      try ConfigurationError.requireCount(count, "agent.\(name)", from: 1, to: most)
    }
    for (name, frames) in [
      ("exploration.start", exploration?.start), ("exploration.decay", exploration?.decay),
    ] { try ConfigurationError.requireCount(frames?.count ?? 0, "agent.\(name)", from: 0) }
    try require(
      learningStarts.count <= replay.capacity, "agent.learningStarts",
      "at most replay.capacity, \(replay.capacity)", "\(learningStarts.count)")
    let shares = [
      ("evaluationExploration", evaluationExploration),
      ("exploration.initial", exploration?.initial ?? 0),
      ("exploration.final", exploration?.final ?? 0),
    ]
    for (name, share) in shares {
      try require((0...1).contains(share), "agent.\(name)", "from 0 to 1", "\(share)")
    }
    try ConfigurationError.requireNumber(huberThreshold, "agent.huberThreshold", isOpen: true)
    try require(
      munchausen == nil || network.distribution.kind != .categorical, "agent.munchausen",
      "absent with categorical values", "present")
    if let munchausen {
      let number = ConfigurationError.largestNumber
      try ConfigurationError.requireNumber(
        munchausen.temperature, "agent.munchausen.temperature", isOpen: true)
      for (name, value) in [("share", munchausen.share), ("floor", munchausen.floor)] {
        try ConfigurationError.requireNumber(
          value, "agent.munchausen.\(name)", from: -number, to: number)
      }
    }
  }
}
