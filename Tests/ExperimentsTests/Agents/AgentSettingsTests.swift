import Environments
import Networks
import NormalizeAndProject
import Reinforcement
import RunStore
import TensorTestSupport
import Testing
import Texts
import Torch
import Training

@testable import Experiments

@Suite("Settings of agents")
struct AgentSettingsTests {
  private func set(_ texts: String..., arm: String = "plain") throws -> AgentRunConfiguration {
    try texts.map(ConfigurationOverride.init(parsing:)).configuration(
      of: Control.self, from: AgentTrainingTests.tiny(arm), arm: arm)
  }

  @Test(
    "An agent is named in one word, and its fields can be set after",
    arguments: [
      "dqn", "double-dqn", "dueling", "noisy", "c51", "qr-dqn", "iqn", "rainbow",
    ])
  func names(name: String) throws {
    var expected = try #require(ValueAgentConfiguration.presets.first { $0.name == name })
    // The presets are Atari's: elsewhere the torso follows what is seen, unless it is named.
    expected.configuration.network.torso = .observed
    #expect(try set("agent=\(name)", "agent.network.torso=impala").agent.network.torso == .impala)
    #expect(try set("agent=\(name)").agent == expected.configuration)
    let changed = try set("agent=\(name)", "agent.batchSize=7")
    #expect(changed.agent.batchSize == 7)
    #expect(changed.agent.network == expected.configuration.network)
  }

  @Test("An unknown agent is refused with those there are")
  func unknown() {
    #expect { try set("agent=rainbov") } throws: {
      "\($0)".contains("dqn, double-dqn, dueling, noisy, c51, qr-dqn, iqn, rainbow")
    }
  }

  @Test("Parts that are absent are listed, switched on by a word and off by null")
  func absent() throws {
    let base = try set("agent=rainbow")
    let rows = try ConfigurationListing.rows(base)
    for key in ["agent.munchausen", "agent.exploration", "agent.network.inputDivisor"] {
      #expect(rows.contains { $0.key == key && $0.value == "null" }, "\(key)")
      #expect(try set("agent=rainbow", "\(key)=null") == base, "\(key)")
    }
    #expect(rows.map(\.key) == rows.map(\.key).sorted())
    let bold = try set(
      "agent=dqn", "agent.munchausen=default", "agent.munchausen.temperature=0.1",
      "agent.exploration=null")
    #expect(bold.agent.munchausen?.temperature == 0.1 && bold.agent.munchausen?.share == 0.9)
    #expect(bold.agent.exploration == nil)
    #expect(try set("agent=noisy", "agent.exploration=default").agent.exploration == .init())
    #expect { try set("agent=dqn", "agent.munchausen=defualt") } throws: {
      "\($0)".contains("expected one of default")
    }
    #expect { try set("agent.munchhausen=default") } throws: {
      "\($0)".contains("did you mean agent.munchausen")
    }
  }

  @Test(
    "Every named agent learns in a small environment",
    arguments: [
      "dqn", "double-dqn", "c51", "qr-dqn", "iqn", "rainbow",
    ])
  func trains(name: String) throws {
    let small = [
      "agent.network.torso=mlp", "agent.network.torsoWidths=16", "agent.network.hiddenWidth=16",
      "agent.learningStarts=40", "agent.learnPeriod=2", "agent.replay.capacity=200",
      "environments.visits=1",
    ]
    let overrides = try (["agent=\(name)"] + small).map(ConfigurationOverride.init(parsing:))
    let configuration = try overrides.configuration(
      of: Control.self, from: AgentTrainingTests.tiny("nap"), arm: "nap")
    var training = try AgentTraining(configuration, seed: 1, device: .cpu)
    while let event = try training.next() { #expect(event.outcome == nil) }
    #expect(training.agent.position.update > 100)
  }

  @Test("The peak of restarts is that of restarting arms alone; a rate that is set goes before it")
  func peak() throws {
    #expect(try set("restartPeak=0.5", arm: "nap").agent.optimizer.learningRate == 1e-3)
    let own = try set(
      "restartPeak=0.5", "schedule.finalRate=0.25", "schedule.warmUpUpdates=3", arm: "nap+restart")
    #expect(own.agent.optimizer.learningRate == 0.5)
    #expect(own.schedule.finalRate == 0.25 && own.schedule.warmUpUpdates == 3)
    let both = try set("restartPeak=0.5", "agent.optimizer.learningRate=0.125", arm: "nap+restart")
    #expect(both.agent.optimizer.learningRate == 0.125)
    // Naming the whole agent is not setting its rate; a comparison agrees.
    let named = try set("restartPeak=0.5", "agent=iqn", arm: "nap+restart")
    #expect(named.agent.optimizer.learningRate == 0.5)
    #expect(named.agent.network.distribution.kind == .implicitQuantile)
    let base = try ["restartPeak=0.5", "agent=iqn"].map(ConfigurationOverride.init(parsing:))
      .applied(to: AgentTrainingTests.tiny("plain"))
    #expect(
      try ComparisonPlan.configuration(Control.self, base, arm: "nap+restart", overrides: [:])
        .agent == named.agent)
    for text in ["restartPeak=-1", "restartPeak=0"] {
      #expect { _ = try set(text).validated() } throws: { "\($0)".contains("restartPeak") }
    }
    #expect(try set("restartPeak=null").restartPeak == nil)
  }

  @Test("A stored configuration of before these settings is read, and written as it was")
  func storedTexts() throws {
    let configuration = try AgentTrainingTests.tiny()
    let text = try JSONText.encode(configuration)
    for key in ["restartPeak", "evaluationFrames", "cycleEnd"] { #expect(!text.contains(key)) }
    #expect(try JSONText.decode(AgentRunConfiguration.self, from: text) == configuration)
  }

  @Test("Null is for what can be absent, and no way to undo an arm's methods")
  func null() throws {
    for text in ["boundary=null", "nap=null", "methods=null", "environments=null"] {
      #expect(throws: UsageError.self) { try set(text, arm: "nap/redo") }
    }
    #expect { try set("boundary=x") } throws: { !"\($0)".contains("null to do without it") }
    #expect { try set("agent=dqn", "agent.exploration=x") } throws: {
      "\($0)".contains("null to do without it")
    }
  }

  @Test("What knows the boundary says so")
  func boundary() throws {
    #expect(!Control.knowsBoundaries(try set()))
    #expect(Control.knowsBoundaries(try set(arm: "nap+restart")))
    for key in ["boundary.clearsReplay", "boundary.clearsOptimizer", "boundary.isFresh"] {
      #expect(Control.knowsBoundaries(try set("\(key)=true")), "\(key)")
    }
    #expect(!Control.knowsBoundaries(try set(arm: "nap/redo")))
    #expect(
      Control.knowsBoundaries(
        try set("agent.exploration=default", "agent.exploration.restartsAtTask=true")))
  }

  @Test("An environment without reference returns is warned of, and one with is not")
  func scales() throws {
    var configuration = try AgentTrainingTests.tiny()
    #expect(try !configuration.validated().contains { $0.contains("no reference returns") })
    configuration.environments.names[1] = .gymnasium("Acrobot-v1")
    #expect(
      try configuration.validated().contains {
        $0.contains("no reference returns are known of gymnasium:Acrobot-v1")
      })
    configuration.environments.scales = Array(
      repeating: ScoreScale(random: 0, reference: 1), count: 3)
    #expect(try !configuration.validated().contains { $0.contains("no reference returns") })
  }

  @Test("An agent that is named in one word learns from numbers as from images")
  func observedTorso() throws {
    var configuration = try set("agent=dqn", "agent.replay.capacity=100", "agent.learningStarts=40")
    configuration.agent.batchSize = 4
    for names in [[EnvironmentName.cartPole], [.gridworld]] {
      configuration.environments.names = names
      _ = try AgentTraining(configuration, seed: 0, device: .cpu)
    }
  }
}
