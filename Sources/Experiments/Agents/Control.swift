import Environments
import Networks
import NormalizeAndProject
import Reinforcement
public import RunStore

/// Rainbow in small environments, which two cores can compute.
///
/// Source: METHOD 3.3 and 3.6 for the arms; the environments are Gymnasium's CartPole, a gridworld of our own, and the
/// games of MinAtar (Young and Tian 2019).
public enum Control: AgentRecipe {
  public static let name = "control"
  public static let summary =
    "Rainbow or PPO in one small environment or a sequence: which arm learns the second visit? (figures 4 and 6)"

  /// Figure 6 on small environments; `fresh` is a fresh Rainbow as written.
  public static let hypotheses = [
    Hypothesis("nap+restart", .better, than: "plain", source: "the paper, figure 6"),
    Hypothesis("nap+restart", .noWorse, than: "fresh", source: "the paper, figure 6"),
  ]

  /// Small environments first, then the sequences.
  public static let presets: [Preset<AgentRunConfiguration>] = [
    Preset(
      "cartpole", "CartPole, 40,000 steps: about a minute per run", cartPole,
      arms: ["plain", "norm", "nap"], seeds: 3),
    Preset(
      "gridworld", "8 goals in a 5 x 5 grid, twice, 3,000 steps each: about a minute per run",
      gridworld, arms: sequenceArms, seeds: 5),
    Preset(
      "minatar", "MinAtar's five games twice, 100,000 steps each (needs Python's minatar): hours",
      minAtar, arms: sequenceArms, seeds: 5),
    Preset(
      "minatar-short", "the same, 20,000 steps each", minAtarShort, arms: sequenceArms, seeds: 3),
    Preset(
      "pendulum",
      "PPO swings up Gymnasium's pendulum, 100,000 steps (needs Python's gymnasium): minutes a run",
      pendulum, arms: ["plain", "norm", "nap"], seeds: 3),
  ]

  /// The arms of figure 6. Each arm with projection has its counterpart without projection; `plain` is Rainbow.
  private static let sequenceArms = [
    "plain", "norm", "nap", "plain+restart", "norm+restart", "nap+restart", "fresh", "fresh-norm",
  ]

  private static let minAtar: AgentRunConfiguration = {
    var agent = small
    agent.network.torso = .minAtar
    agent.network.distribution = .categorical51
    agent.replay.capacity = 100_000
    agent.learningStarts = 2_000
    agent.learnPeriod = 4
    agent.targetPeriod = 4_000
    agent.optimizer.learningRate = 2.5e-4
    var environments = EnvironmentSequence(
      GymnasiumConfiguration.minAtarGames.map { .gymnasium($0.id) }, visits: 2,
      framesPerVisit: 100_000)
    environments.gymnasium.channels = 10
    var configuration = AgentRunConfiguration(environments: environments, agent: agent)
    // An environment in another process can die: what was learned since the last checkpoint is then lost.
    configuration.recording.checkpointEveryRounds = 5_000
    return configuration
  }()

  private static let minAtarShort: AgentRunConfiguration = {
    var configuration = minAtar
    configuration.environments.framesPerVisit = 20_000
    configuration.agent.learningStarts = 1_000
    return configuration
  }()

  private static let cartPole: AgentRunConfiguration = {
    var agent = small
    agent.replay.capacity = 20_000
    agent.network.appendsOne = true
    return AgentRunConfiguration(
      environments: EnvironmentSequence([.cartPole], framesPerVisit: 40_000), agent: agent)
  }()

  /// The discount is that of RL Baselines3 Zoo. Scores: random play reaches about -1,200; -150 is our choice.
  private static let pendulum: AgentRunConfiguration = {
    var environments = EnvironmentSequence([.gymnasium("Pendulum-v1")], framesPerVisit: 100_000)
    environments.scales = [ScoreScale(random: -1_200, reference: -150)]
    var configuration = AgentRunConfiguration(environments: environments, agent: .dqn)
    configuration.ppo = .control
    configuration.ppo?.discount = 0.9
    configuration.recording.everyRounds = 1
    configuration.recording.checkpointEveryRounds = 20
    return configuration
  }()

  private static let gridworld: AgentRunConfiguration = {
    var agent = small
    agent.replay.capacity = 3_000
    // Returns lie between -0.5, a goal that is never found, and 1.
    agent.network.distribution = .categorical(minimum: -1, maximum: 1)
    return AgentRunConfiguration(
      environments: EnvironmentSequence(
        Array(repeating: .gridworld, count: 8), visits: 2, framesPerVisit: 3_000), agent: agent)
  }()

  /// Rainbow made small (our choice): a hidden layer of 128 before noisy dueling heads, learning every second step.
  private static let small: ValueAgentConfiguration = {
    var agent = ValueAgentConfiguration.rainbow
    agent.network.torso = .mlp
    agent.network.torsoWidths = [128]
    agent.network.hiddenWidth = 128
    agent.network.distribution = .categorical(minimum: 0, maximum: 100)
    agent.learningStarts = 500
    agent.learnPeriod = 2
    agent.targetPeriod = 500
    agent.optimizer.learningRate = 1e-3
    agent.weightExponent = WeightExponentSchedule()
    return agent
  }()
}
