import Environments
import Networks
public import Plasticity
import Reinforcement
public import RunStore
public import Torch

/// A recipe whose runs are agents that visit environments, in the arms of ``AgentArm``.
public protocol AgentRecipe: Recipe
where Configuration == AgentRunConfiguration, Training == AgentTraining {}

extension AgentRecipe {
  /// Every arm with its label.
  public static var arms: [ArmDescription] { AgentArm.all.map(ArmDescription.init) }

  /// Every baseline method.
  public static var methods: [MethodDescription] { MethodDescription.all }

  /// The agent as written, initialized again at every visit: the paper's reference (METHOD 3.6).
  public static var referenceArm: String { AgentArm(.fresh).description }

  /// The normalized agent that is initialized again at every visit.
  public static var otherReferenceArms: [String] { [AgentArm(.freshNorm).description] }

  /// The score over the second half of the visits, with differences per environment. A visit above the score of random
  /// play counts as solved.
  public static var primaryMeasure: PrimaryMeasure {
    PrimaryMeasure(.visitScore, over: .secondHalf, margin: 0.05, solvedBeyond: 0)
  }

  /// The arm that differs only in the projection.
  public static func withoutProjection(_ arm: String) -> String? {
    (try? AgentArm(arm))?.withoutProjection?.description
  }

  /// `agent.optimizer.learningRate`.
  public static var learningRateKey: String { "agent.optimizer.learningRate" }

  /// Learning curves and related series.
  public static var metricsAlongUpdates: [Metric] {
    [
      .episodeReturn, .evaluationReturn, .evaluationScore, .actionValue,
    ] + Metric.rates + [.parameterNorm, .gradientNorm]
  }

  /// `visits`.
  public static var taskAxisTitle: String { "visits" }

  /// `visit`.
  public static var taskNoun: String { "visit" }

  /// Whether anything but the end of an episode happens at the end of a visit, or is counted from its start.
  public static func knowsBoundaries(_ configuration: AgentRunConfiguration) -> Bool {
    let boundary = configuration.boundary
    return boundary.isFresh || boundary.clearsReplay || boundary.clearsOptimizer
      || configuration.schedule.restartsAtTask
      || configuration.ppo == nil && configuration.agent.exploration?.restartsAtTask == true
      || configuration.methods.knowsBoundaries
  }

  /// The environments in order.
  public static func taskRow(_ configuration: AgentRunConfiguration) -> TaskRow? {
    let environments = configuration.environments
    guard !environments.names.isEmpty, environments.visits > 0 else { return nil }
    return TaskRow(
      names: environments.names.map(\.title), visits: environments.visits,
      updatesPerVisit: configuration.roundsPerVisit(actionRepeat: environments.actionRepeat),
      metrics: [.episodeReturn, .evaluationReturn])
  }

  /// The arm's name with its baseline methods in order.
  public static func arm(_ arm: String, methods: [String]) throws -> String {
    let base = try AgentArm(arm)
    return AgentArm(
      base.method, base.schedule, methods: base.methods + (try MethodNames.known(methods))
    ).description
  }

  /// The description of an arm.
  public static func description(ofArm arm: String) throws -> ArmDescription {
    ArmDescription(try AgentArm(arm))
  }

  /// The configuration of an arm.
  public static func configuration(
    _ base: AgentRunConfiguration, arm: String
  ) throws -> AgentRunConfiguration {
    base.applying(try AgentArm(arm))
  }

  /// Ranges and redundant combinations.
  public static func validate(_ configuration: AgentRunConfiguration) throws -> [String] {
    try configuration.validated()
  }

  /// Methods that would find nothing to act on. Opens the first environment, for whose observations and actions the
  /// network is built.
  public static func idleMethods(_ configuration: AgentRunConfiguration) throws -> [IdleMethod] {
    try configuration.idleMethods()
  }

  /// How settings of methods change the network.
  public static func methodRemarks(_ configuration: AgentRunConfiguration) -> [String] {
    configuration.methods.remarks
  }

  /// Makes the first environment and the agent.
  public static func start(
    _ configuration: AgentRunConfiguration, seed: Int, device: Device
  ) throws -> AgentTraining {
    try AgentTraining(configuration, seed: seed, device: device)
  }
}

extension ArmDescription {
  /// What an agent's arm stands for.
  init(_ arm: AgentArm) {
    self.init(
      name: arm.description, summary: arm.summary, knowsBoundaries: arm.knowsBoundaries,
      base: AgentArm(arm.method, arm.schedule).description, methods: arm.methods)
  }
}
