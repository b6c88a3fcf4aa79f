import Arcade
import Environments
import Networks
import NormalizeAndProject
import Reinforcement
public import RunStore

/// Ten games of Atari, one after another, twice: does an agent learn the second visit as a fresh one would?
///
/// Source: METHOD 3.6. What is not known of the paper's experiment is a setting: the games (here those of Abbas et al.
/// 2023, in their order), whether replay and optimizer are kept at a switch (they are), the action set (all 18), the
/// peak of the restarted schedule (`restartPeak`; two readers give 6.25e-4, and one of them thinks that a zero may have
/// been dropped: preset `paper` has Rainbow's 6.25e-5, `paper-peak` has 6.25e-4), and the end of its cosine (with the
/// visit).
public enum SequentialAtari: AgentRecipe {
  public static let name = "sequential-atari"
  public static let summary =
    "Rainbow on a sequence of Atari games, each visited twice: which arm learns the second visit? (figure 6)"

  /// Figure 6: the second visit compared with Rainbow's, and with that of a fresh Rainbow as written.
  public static let hypotheses = [
    Hypothesis("nap+restart", .better, than: "plain", source: "the paper, figure 6"),
    Hypothesis("nap+restart", .noWorse, than: "fresh", source: "the paper, figure 6"),
  ]

  /// A preset for an afternoon, the whole experiment, and one that only checks that it works.
  public static let presets: [Preset<AgentRunConfiguration>] = [
    Preset(
      "short",
      "3 games x 100,000 frames x 2 by data-efficient Rainbow (van Hasselt et al. 2019): an hour or two per run",
      short, arms: sequenceArms, seeds: 3),
    Preset(
      "paper", "10 games x 20M frames x 2: a GPU's job for days", paper, arms: sequenceArms,
      seeds: 5),
    Preset(
      "paper-peak", "the same, with restarts that peak at 6.25e-4, not at 6.25e-5 (METHOD 3.6)",
      paperPeak, arms: sequenceArms, seeds: 5),
    Preset(
      "smoke", "3 games x 4,000 frames x 2: minutes; only checks that it works", smoke,
      arms: sequenceArms, seeds: 1),
  ]

  /// Each arm with projection has its counterpart without projection. `fresh` is Rainbow as written.
  private static let sequenceArms = [
    "plain", "norm", "nap", "plain+restart", "norm+restart", "nap+restart", "fresh", "fresh-norm",
  ]

  /// The cycle of Abbas et al. 2023.
  static let games: [EnvironmentName] = [
    "alien", "atlantis", "boxing", "breakout", "centipede", "double_dunk", "freeway", "pong",
    "space_invaders", "tennis",
  ].compactMap { try? .atari(AtariGame(named: $0)) }

  private static let paper: AgentRunConfiguration = {
    var configuration = Atari.zoo
    configuration.environments = EnvironmentSequence(games, visits: 2, framesPerVisit: 20_000_000)
    configuration.environments.atari.actionSet = .full
    // The measure is of returns in training.
    configuration.recording.evaluateEveryRounds = 0
    return configuration
  }()

  private static let paperPeak: AgentRunConfiguration = {
    var configuration = paper
    configuration.restartPeak = 6.25e-4
    return configuration
  }()

  /// The protocol of ``paper`` with the agent of `atari --preset hundred-k` (our choice): what two cores can afford.
  private static let short: AgentRunConfiguration = {
    var configuration = paper
    configuration.environments.names = [games[3], games[6], games[7]]
    configuration.environments.framesPerVisit = 100_000
    configuration.agent = Atari.hundredK.agent
    configuration.recording.everyRounds = 1_000
    configuration.recording.checkpointEveryRounds = 10_000
    return configuration
  }()

  private static let smoke: AgentRunConfiguration = {
    var configuration = paper
    configuration.environments.names = [games[3], games[6], games[7]]
    configuration.environments.framesPerVisit = 4_000
    configuration.agent.replay.capacity = 4_000
    configuration.agent.learningStarts = 500
    configuration.agent.targetPeriod = 800
    configuration.recording.everyRounds = 25
    return configuration
  }()
}
