import Arcade
import Environments
import Networks
import NormalizeAndProject
import Reinforcement
public import RunStore

/// One game of Atari with Rainbow: what norm growth does to the learning rate, and what stands in for it.
///
/// The arms of figure 4 are `plain` (Rainbow), `norm`, `nap` (constant rate) and `nap+linear`, beside which
/// `norm+linear` stands. Weight decay and the period of the projection are settings: `--set
/// agent.optimizer.weightDecay=1e-5`, `--set nap.projection.every=1000`. Source: METHOD 3.3 and section 5. The paper's
/// five games are not known; any game can be named.
public enum Atari: AgentRecipe {
  public static let name = "atari"
  public static let summary =
    "Rainbow on one Atari game: growing norms as an implicit schedule, and explicit ones (figure 4)"

  /// The mean score of the whole visit's last tenth.
  public static let primaryMeasure = PrimaryMeasure(.visitScore, over: .allTasks, margin: 0.05)

  /// Figure 4.
  public static let hypotheses = [
    Hypothesis("nap+linear", .noWorse, than: "norm", source: "the paper, figure 4"),
    Hypothesis("nap+linear", .better, than: "nap", source: "the paper, figure 4"),
  ]

  /// What fits an afternoon first.
  public static let presets: [Preset<AgentRunConfiguration>] = [
    Preset(
      "hundred-k",
      "Pong, 400,000 frames by data-efficient Rainbow (van Hasselt et al. 2019): about an hour per run",
      hundredK,
      arms: figureArms, seeds: 5),
    Preset(
      "zoo", "Pong, 200M frames as DQN Zoo trains and evaluates: days on a GPU", zoo,
      arms: figureArms, seeds: 5),
    Preset(
      "high-update", "Pong, 40M frames, one update per step, cyclic rate (METHOD 3.7): days",
      highUpdate, arms: ["plain", "norm", "nap"], seeds: 5),
    Preset(
      "smoke", "Pong, 8,000 frames with a small replay: minutes; only checks that it works", smoke,
      arms: figureArms, seeds: 1),
  ]

  /// Each arm with projection has its counterpart without projection.
  private static let figureArms = ["plain", "norm", "nap", "norm+linear", "nap+linear"]

  private static let pong: EnvironmentSequence = {
    guard let game = try? AtariGame(named: "pong") else {
      return EnvironmentSequence([], framesPerVisit: 1)
    }
    return EnvironmentSequence([.atari(game)], framesPerVisit: 200_000_000)
  }()

  static let zoo: AgentRunConfiguration = {
    var configuration = AgentRunConfiguration(environments: pong, agent: .rainbow)
    configuration.recording.everyRounds = 2_500
    // Half a million frames of evaluation after every million of training (METHOD 5).
    configuration.recording.evaluateEveryRounds = 62_500
    configuration.recording.evaluationEpisodes = 0
    configuration.recording.evaluationFrames = 500_000
    configuration.recording.checkpointEveryRounds = 62_500
    return configuration
  }()

  /// Source: van Hasselt, Hessel and Aslanides 2019, "When to use parametric models in reinforcement learning?",
  /// appendix E. Adam's ε is Rainbow's in DQN Zoo, 1.5625e-4, for 1.5e-4. Dopamine's `labs/atari_100k/configs/DER.gin`
  /// differs: n is 10, 1 % of actions are random, 0.1 % in evaluation, the replay holds a million, of which 100,000
  /// steps fill a tenth, and 100 games are evaluated.
  static let hundredK: AgentRunConfiguration = {
    var configuration = zoo
    configuration.environments.framesPerVisit = 400_000
    configuration.environments.atari.lifeLoss = .terminal
    configuration.agent.network.torso = .dataEfficient
    configuration.agent.network.hiddenWidth = 256
    configuration.agent.replay.nStep = 20
    configuration.agent.replay.capacity = 100_000
    configuration.agent.learningStarts = 1_600
    configuration.agent.learnPeriod = 4
    configuration.agent.targetPeriod = 8_000
    configuration.agent.optimizer.learningRate = 1e-4
    configuration.agent.weightExponent = WeightExponentSchedule(
      initial: 0.4, final: 1, start: 1_600, end: 100_000)
    configuration.recording.everyRounds = 1_000
    // Our choice: ten games of at most half an hour.
    configuration.recording.evaluateEveryRounds = 10_000
    configuration.recording.evaluationEpisodes = 10
    configuration.recording.evaluationFrames = nil
    configuration.recording.checkpointEveryRounds = 10_000
    return configuration
  }()

  private static let highUpdate: AgentRunConfiguration = {
    var configuration = zoo
    configuration.environments.framesPerVisit = 40_000_000
    configuration.agent.learnPeriod = 4
    // Both end with the 40M frames, in transitions and in updates.
    configuration.agent.weightExponent.end = 10_000_000
    configuration.schedule = Schedule(
      .cyclic(
        .init {
          ($0.decayUpdates, $0.finalRate, $0.cycleEnd) = (1_000_000, 1e-6, 10_000_000)
        }))
    configuration.recording.evaluateEveryRounds = 250_000
    configuration.recording.checkpointEveryRounds = 250_000
    return configuration
  }()

  private static let smoke: AgentRunConfiguration = {
    var configuration = zoo
    configuration.environments.framesPerVisit = 8_000
    configuration.agent.replay.capacity = 4_000
    configuration.agent.learningStarts = 500
    configuration.agent.targetPeriod = 800
    configuration.recording.everyRounds = 25
    configuration.recording.evaluateEveryRounds = 250
    configuration.recording.evaluationEpisodes = 1
    configuration.recording.evaluationFrames = 800
    configuration.recording.checkpointEveryRounds = 100
    return configuration
  }()
}
