import Environments
import Foundation
import Networks
import NormalizeAndProject
import Reinforcement
import RunStore
import TestSupport
import Testing
import Torch
import Training

@testable import Experiments

@Suite("Proximal policy optimization as a recipe's agent")
struct PPOTrainingTests {
  private func tiny(
    _ preset: String = "cartpole", arm: String = "nap", _ more: String...
  ) throws -> AgentRunConfiguration {
    let base = try #require(Control.presets.first { $0.name == preset }).configuration
    let settings =
      [
        "agent=ppo", "agent.horizon=32", "agent.epochs=2", "agent.batchSize=16",
        "agent.network.hiddenWidth=8", "environments.framesPerVisit=200", "recording.everyRounds=1",
      ] + more
    return try settings.map(ConfigurationOverride.init(parsing:)).configuration(
      of: Control.self, from: base, arm: arm)
  }

  @Test("It is named in one word, has its own keys alone, and is stored under agent")
  func settings() throws {
    let configuration = try tiny()
    #expect(configuration.ppo?.horizon == 32 && configuration.ppo?.clip == 0.2)
    #expect(configuration.roundLength(actionRepeat: 1) == 32)
    #expect(configuration.updatesPerVisit == 7 * 2 * 2)
    let encoded = try JSONEncoder().encode(configuration)
    #expect(
      try JSONDecoder().decode(AgentRunConfiguration.self, from: encoded) == configuration)
    #expect(throws: UsageError.self) { try tiny("cartpole", arm: "nap", "agent.learningStarts=5") }
    #expect(throws: UsageError.self) {
      try Control.validate(tiny("cartpole", arm: "nap", "agent.clip=2"))
    }
    let back = try ["agent=ppo", "agent=dqn", "agent.learningStarts=5"]
      .map(ConfigurationOverride.init(parsing:)).applied(to: configuration)
    #expect(back.ppo == nil && back.agent.learningStarts == 5)
    let old = try #require(Control.presets.first { $0.name == "cartpole" }).configuration
    let text = String(decoding: try JSONEncoder().encode(old), as: UTF8.self)
    #expect(!text.contains("ppo") && !text.contains("horizon"))
  }

  @Test(
    "Run, stop, save, resume: the same tensors, byte for byte, as without a stop",
    arguments: ["plain", "norm", "nap", "nap/redo", "fresh"])
  func resumes(arm: String) throws {
    try resume(try tiny("gridworld", arm: arm, "environments.visits=1"))
  }

  @Test(
    "So does a run with vectors as actions",
    .enabled(if: Python.has("gymnasium")), arguments: ["plain", "norm", "nap"])
  func resumesPendulum(arm: String) throws {
    setenv("NAP_PYTHON", Python.executable.path, 1)
    try resume(try tiny("pendulum", arm: arm))
  }

  private func resume(_ configuration: AgentRunConfiguration) throws {
    func training() throws -> AgentTraining {
      try AgentTraining(configuration, seed: 3, device: .cpu)
    }
    try withTemporaryFolder { folder in
      var (whole, parts) = (try training(), try training())
      var (measured, again): ([MetricValue], [MetricValue]) = ([], [])
      while let event = try whole.next() { measured += event.measurements }
      while let event = try parts.next() {
        again += event.measurements
        let saved = try parts.snapshot(in: folder).copied()
        parts = try training()
        try parts.restore(saved)
      }
      #expect(again == measured && !measured.isEmpty)
      let (left, right) = (try whole.snapshot(), try parts.snapshot())
      #expect(left.tensors.map(\.name) == right.tensors.map(\.name))
      // Pickles of one state differ in what they hold twice; what is played from them does not.
      for (own, other) in zip(left.tensors, right.tensors) where own.name != "environment.state" {
        #expect(own.tensor.isIdentical(to: other.tensor), "\(own.name)")
      }
      #expect(left.values == right.values)
    }
  }

  @Test("The projection keeps hidden norms and leaves the policy's output and deviations alone")
  func projection() throws {
    var training = try AgentTraining(tiny(), seed: 1, device: .cpu)
    let parameters = training.agent.trainer.parameters
    let roles = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.parameter.role) })
    #expect(roles["heads.policy.output.weight"] == .output)
    #expect(roles["heads.value.output.weight"] == .output)
    let before = parameters.map(\.parameter.norm)
    while try training.next() != nil {}
    for (parameter, norm) in zip(parameters, before) {
      let change = abs(parameter.parameter.norm / norm - 1)
      if case .weight = parameter.parameter.role {
        #expect(change < 1e-5, "\(parameter.name)")
      } else {
        #expect(!(change < 1e-5), "\(parameter.name)")
      }
    }
    #expect(try training.audit().isNormalizeAndProject)
  }

  @Test(
    "Agents that learn values refuse vectors as actions in one sentence",
    .enabled(if: Python.has("gymnasium")))
  func refusal() throws {
    setenv("NAP_PYTHON", Python.executable.path, 1)
    var configuration = try tiny("pendulum", arm: "plain")
    configuration.ppo = nil
    #expect {
      try AgentTraining(configuration, seed: 1, device: .cpu)
    } throws: {
      "\($0)".contains("expected discrete actions, found continuous from [-2.0] to [2.0]")
    }
  }
}
