import Environments
import Networks
import NormalizeAndProject
import Reinforcement
import TensorTestSupport
import Testing

@testable import Experiments

/// The presets' numbers against their sources: METHOD section 5 (DQN Zoo, commit 45061f4), and for `hundred-k` van
/// Hasselt, Hessel and Aslanides 2019, appendix E.
@Suite("Presets of agents have their sources' numbers")
struct AgentPresetTests {
  private func preset<R: AgentRecipe>(_ recipe: R.Type, _ name: String) throws
    -> AgentRunConfiguration
  {
    try #require(R.presets.first { $0.name == name }).configuration
  }

  @Test("What is trained where no preset is named fits an afternoon: hundred-k and short")
  func defaults() throws {
    #expect(try Atari.preset(nil).name == "hundred-k")
    #expect(try SequentialAtari.preset(nil).name == "short")
    let configurations = [
      try Atari.preset(nil).configuration, try SequentialAtari.preset(nil).configuration,
    ]
    for environments in configurations.map(\.environments) {
      #expect(environments.visitCount * environments.framesPerVisit.count <= 1_000_000)
    }
  }

  @Test("zoo: every row of METHOD's table of Rainbow")
  func zoo() throws {
    let zoo = try preset(Atari.self, "zoo")
    let (rules, agent) = (zoo.environments.atari, zoo.agent)
    #expect(rules.height == 84 && rules.width == 84 && rules.stack == 4)
    #expect(rules.actionRepeat == 4 && rules.pooledFrames == 2)
    #expect(rules.luma.red == 0.299 && rules.luma.green == 0.587)
    #expect(abs(rules.luma.blue - 0.114) < 1e-12)
    #expect(rules.minimumNoOps == 1 && rules.maximumNoOps == 30)
    #expect(rules.repeatActionProbability == 0 && rules.actionSet == .minimal)
    #expect(rules.lifeLoss == .zeroDiscount && rules.frameCap == 108_000 && rules.rewardClip == 1)
    #expect(agent.replay.discount == 0.99 && agent.replay.nStep == 3)
    #expect(agent.network.distribution == .categorical(atomCount: 51, minimum: -10, maximum: 10))
    #expect(agent.replay.capacity == 1_000_000 && agent.learningStarts == 20_000)
    #expect(agent.batchSize == 32 && agent.learnPeriod == 16 && agent.targetPeriod == 32_000)
    #expect(agent.replay.priorityExponent == 0.5 && agent.replay.uniformMixing == 1e-3)
    #expect(agent.replay.priorityLimit == 100)
    let exponent = agent.weightExponent
    #expect(exponent.initial == 0.4 && exponent.final == 1)
    #expect(exponent.start == 20_000 && exponent.end == 50_000_000)
    #expect(agent.isDouble && agent.network.isDueling && agent.network.isNoisy)
    #expect(agent.network.noiseDeviation == 0.1 && agent.network.hiddenWidth == 512)
    #expect(agent.network.torso == .nature)
    let optimizer = agent.optimizer
    #expect(optimizer.kind == .adam && optimizer.learningRate == 0.00025 / 4)
    #expect(
      optimizer.rule == .adam(.init { $0.epsilon = 0.005 / 32 }) && optimizer.gradientClip == 10)
    #expect(agent.exploration == nil && agent.evaluationExploration == 0)
    #expect(zoo.environments.framesPerVisit == 200_000_000)
    // A million frames of training, then half a million of evaluation.
    #expect(zoo.recording.evaluateEveryRounds * 16 == 1_000_000)
    #expect(zoo.recording.evaluationFrames == 500_000 && zoo.recording.evaluationEpisodes == 0)
    #expect(zoo.updatesPerVisit == 12_500_000)
  }

  @Test("The other agents: METHOD's last row of Rainbow's table, and their papers")
  func others() {
    let dqn = ValueAgentConfiguration.dqn
    #expect(dqn.learningStarts == 50_000 && dqn.targetPeriod == 40_000)
    #expect(dqn.optimizer.learningRate == 2.5e-4 && dqn.replay.nStep == 1)
    #expect(dqn.replay.sampling == .uniform && dqn.replay.capacity == 1_000_000)
    for agent in [ValueAgentConfiguration.c51, .qrDQN, .iqn] {
      #expect(agent.optimizer.rule == .adam(.init { $0.epsilon = 0.01 / 32 }))
      #expect(agent.targetPeriod == 40_000 && agent.exploration?.final == 0.01)
    }
    #expect(ValueAgentConfiguration.c51.network.distribution == .categorical51)
    #expect(ValueAgentConfiguration.qrDQN.network.distribution == .quantile(atomCount: 201))
    #expect(ValueAgentConfiguration.qrDQN.optimizer.learningRate == 5e-5)
    #expect(ValueAgentConfiguration.iqn.network.distribution == .implicitQuantile(sampleCount: 64))
    #expect(ValueAgentConfiguration.dueling.network.isDueling)
    #expect(ValueAgentConfiguration.doubleDQN.isDouble && !dqn.isDouble)
  }

  @Test("hundred-k: data-efficient Rainbow, 100,000 steps and updates")
  func hundredK() throws {
    let (own, zoo) = try (preset(Atari.self, "hundred-k"), preset(Atari.self, "zoo"))
    let agent = own.agent
    #expect(own.environments.framesPerVisit == 400_000 && own.updatesPerVisit == 100_000)
    #expect(agent.network.torso == .dataEfficient && agent.network.hiddenWidth == 256)
    #expect(agent.replay.nStep == 20 && agent.replay.capacity == 100_000)
    #expect(agent.learningStarts == 1_600 && agent.learnPeriod == 4 && agent.targetPeriod == 8_000)
    #expect(
      agent.optimizer.rule == .adam(.init { $0.epsilon = 0.005 / 32 })
        && agent.optimizer.learningRate == 1e-4)
    #expect(agent.weightExponent.start == 1_600 && agent.weightExponent.end == 100_000)
    #expect(own.environments.atari.lifeLoss == .terminal)
    // The rest is Rainbow's.
    var rest = own.environments.atari
    rest.lifeLoss = zoo.environments.atari.lifeLoss
    #expect(rest == zoo.environments.atari)
    #expect(agent.batchSize == 32 && agent.network.distribution == zoo.agent.network.distribution)
    #expect(own.recording.evaluateEveryRounds > 0 && own.recording.evaluationFrames == nil)
    let summary = try #require(Atari.presets.first { $0.name == "hundred-k" }).summary
    #expect(summary.contains("van Hasselt et al. 2019"))
  }

  @Test("high-update: an update a step, cycles of 4M frames that end after 40M (METHOD 3.7)")
  func highUpdate() throws {
    let own = try preset(Atari.self, "high-update")
    #expect(own.agent.learnPeriod == 4 && own.agent.updatesPerPeriod == 1)
    #expect(own.updatesPerVisit == 10_000_000)
    #expect(
      own.schedule.curve
        == .cyclic(
          .init {
            ($0.decayUpdates, $0.finalRate, $0.cycleEnd) = (4_000_000 / 4, 1e-6, 40_000_000 / 4)
          }))
    #expect(own.agent.optimizer.learningRate == 6.25e-5)
    #expect(own.agent.weightExponent.end == 10_000_000)
    // No two arms are the same run.
    let arms = try #require(Atari.presets.first { $0.name == "high-update" }).arms
    let configurations = try arms.map { try Atari.configuration(own, arm: $0) }
    #expect(Set(configurations).count == arms.count)
  }

  @Test("The sequence: ten games of 20M frames, twice, 1.25M updates a visit, all 18 actions")
  func sequence() throws {
    let paper = try preset(SequentialAtari.self, "paper")
    #expect(
      paper.environments.names.map(\.title) == [
        "alien", "atlantis", "boxing", "breakout", "centipede", "double_dunk", "freeway", "pong",
        "space_invaders", "tennis",
      ])
    #expect(paper.environments.visits == 2 && paper.environments.framesPerVisit == 20_000_000)
    #expect(paper.environments.atari.actionSet == .full && paper.updatesPerVisit == 1_250_000)
    var rules = paper.environments.atari
    rules.actionSet = .minimal
    #expect(rules == .dqnZoo)
    #expect(paper.nap.normalization.kind == .layer && paper.nap.normalization.epsilon == 1e-5)
    #expect(paper.nap.normalization.axes == .example)
    #expect(paper.nap.projection.roles == [.weight, .noise] && paper.nap.projection.every == 1)
    #expect(!paper.boundary.clearsReplay && !paper.boundary.clearsOptimizer)
    #expect(paper.nap.projection.grouping == .joint)
    // Both readings of the peak, for restarting arms alone.
    for (name, peak) in [("paper", 6.25e-5), ("paper-peak", 6.25e-4)] {
      let base = try preset(SequentialAtari.self, name)
      for arm in ["nap+restart", "plain+restart"] {
        let own = try SequentialAtari.configuration(base, arm: arm)
        #expect(own.agent.optimizer.learningRate == peak, "\(name) \(arm)")
        #expect(own.schedule.decayUpdates == 1_250_000 && own.schedule.warmUpUpdates == 1_000)
        #expect(own.schedule.warmUpRate == 1e-8 && own.schedule.finalRate == 1e-6)
      }
      for arm in ["plain", "norm", "nap", "fresh"] {
        let own = try SequentialAtari.configuration(base, arm: arm)
        #expect(own.agent.optimizer.learningRate == 6.25e-5, "\(name) \(arm)")
      }
    }
  }

  @Test("Human-normalised scores are those of METHOD's table")
  func scores() throws {
    let table = [
      "alien": (227.8, 7127.7), "atlantis": (12850.0, 29028.1), "boxing": (0.1, 12.1),
      "breakout": (1.7, 30.5), "centipede": (2090.9, 12017.0), "double_dunk": (-18.6, -16.4),
      "freeway": (0.0, 29.6), "pong": (-20.7, 14.6), "space_invaders": (148.0, 1668.7),
      "tennis": (-23.8, -8.3),
    ]
    let environments = try preset(SequentialAtari.self, "paper").environments
    for (visit, name) in environments.names.enumerated() {
      let scale = try #require(environments.scale(visit: visit))
      let expected = try #require(table[name.title])
      #expect(scale.random == expected.0 && scale.reference == expected.1, "\(name.title)")
      #expect(environments.scale(visit: visit + 10) == scale)
    }
  }
}
