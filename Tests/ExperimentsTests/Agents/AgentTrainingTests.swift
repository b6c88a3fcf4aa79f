import Environments
import Foundation
import Networks
import NormalizeAndProject
import Reinforcement
import RunStore
import TensorTestSupport
import TestSupport
import Testing
import Texts
import Torch
import Training

@testable import Experiments

@Suite("Agents visit environments")
struct AgentTrainingTests {
  /// Three goals, twice, 120 steps each, learning every second step.
  static func tiny(_ arm: String = "nap") throws -> AgentRunConfiguration {
    var base = try #require(Control.presets.first { $0.name == "gridworld" }).configuration
    base.environments = EnvironmentSequence(
      Array(repeating: .gridworld, count: 3), visits: 2, framesPerVisit: 120)
    base.agent.network.torsoWidths = [16]
    base.agent.network.hiddenWidth = 16
    base.agent.learningStarts = 40
    base.agent.targetPeriod = 20
    base.agent.replay.capacity = 200
    base.agent.replay.segmentBytes = 1_000
    base.recording.everyRounds = 10
    return try Control.configuration(base, arm: arm)
  }

  static func training(_ arm: String = "nap") throws -> AgentTraining {
    try AgentTraining(tiny(arm), seed: 3, device: .cpu)
  }

  @Test("A run has the rounds that it says, and every visit ends with its return and score")
  func rounds() throws {
    var training = try Self.training()
    #expect(training.totalUpdates == 6 * 60)
    var visits: [Int] = []
    var scores: [Double] = []
    var frames = 0.0
    while let event = try training.next() {
      #expect(event.outcome == nil)
      if event.endsTask { visits.append(event.task) }
      for value in event.measurements {
        if value.metric == .visitScore { scores.append(value.value) }
        if value.metric == .frames { frames = value.value }
      }
    }
    #expect(visits == [0, 1, 2, 3, 4, 5])
    #expect(scores.count == 6)
    #expect(frames == 720)
    // 40 transitions must be there first; of 360 rounds the first 20 cannot learn.
    #expect((338...341).contains(training.agent.position.update))
  }

  @Test(
    "Run, stop, save, resume: the same tensors, byte for byte, as without a stop",
    arguments: [
      ("nap", false), ("plain+restart", false), ("fresh", false), ("norm/redo", false),
      ("nap", true), ("norm/shrink-perturb", true),
    ])
  func resume(arm: String, overlaps: Bool) throws {
    func training(_ arm: String) throws -> AgentTraining {
      var configuration = try Self.tiny(arm)
      configuration.agent.overlapsLearning = overlaps
      // Overlapping also meets rounds at a visit's end that are short, and warm-ups without an update.
      if overlaps {
        configuration.environments.framesPerVisit = 121
        configuration.boundary.clearsReplay = true
      }
      return try AgentTraining(configuration, seed: 3, device: .cpu)
    }
    try withTemporaryFolder { folder in
      var whole = try training(arm)
      for _ in 0..<200 { _ = try whole.next() }
      var measured: [MetricValue] = []
      while let event = try whole.next() { measured += event.measurements }

      var first = try training(arm)
      for stop in [65, 77, 120, 200] {
        while first.updates < stop { _ = try first.next() }
        let saved = try first.snapshot(in: folder)
        try first.commit(in: folder)
        // Snapshots share storage with what is at work; a checkpoint would hold copies.
        var copied = saved
        copied.tensors = saved.tensors.map { ($0.name, $0.tensor.cloned()) }
        var next = try training(arm)
        try next.restore(copied)
        first = next
      }
      var again: [MetricValue] = []
      while let event = try first.next() { again += event.measurements }
      #expect(again == measured)
      let (left, right) = (try whole.snapshot(), try first.snapshot())
      expectSame(left, right, except: ["replay"])
    }
  }

  @Test("The projection keeps hidden norms; the plain agent's move; heads are left alone")
  func projection() throws {
    for (arm, isKept) in [("nap", true), ("plain", false)] {
      var training = try Self.training(arm)
      let hidden = training.agent.trainer.parameters.filter {
        if case .weight = $0.parameter.role { true } else { false }
      }
      #expect(hidden.count >= 3)
      let before = hidden.map(\.parameter.norm)
      let own = Dictionary(
        uniqueKeysWithValues: training.agent.trainer.parameters.map { ($0.name, $0.parameter.norm) }
      )
      for _ in 0..<150 { _ = try training.next() }
      let groups = Dictionary(grouping: training.agent.trainer.parameters) { $0.parameter.group }
      for (parameter, norm) in zip(hidden, before) {
        let isNoisy = (groups[parameter.parameter.group]?.count ?? 0) > 1
        let ratio = parameter.parameter.norm / norm
        if isKept, isNoisy {
          // Mean and deviation share a norm, and their ratio is free.
          let members = groups[parameter.parameter.group] ?? []
          func joint(_ norms: [Double]) -> Double {
            norms.map { $0 * $0 }.reduce(0, +).squareRoot()
          }
          let now = joint(members.map(\.parameter.norm))
          let initial = joint(members.compactMap { own[$0.name] })
          #expect(abs(now / initial - 1) < 1e-5, "\(parameter.name)")
        }
        if isKept, !isNoisy { #expect(abs(ratio - 1) < 1e-5, "\(parameter.name)") }
        if !isKept { #expect(abs(ratio - 1) > 1e-4, "\(parameter.name)") }
      }
    }
  }

  @Test(
    "Declared and realised effective learning rates are recorded, of every hidden weight and in the mean"
  )
  func rates() throws {
    var configuration = try Self.tiny("nap")
    // With β₁ = β₂ every element moves by at most η, and at the first update by η exactly, but for ε.
    configuration.agent.optimizer.rule = .adam(
      .init { ($0.beta1, $0.beta2, $0.epsilon) = (0, 0, 1e-30) })
    configuration.agent.optimizer.gradientClip = nil
    configuration.recording.everyRounds = 1
    var training = try AgentTraining(configuration, seed: 3, device: .cpu)
    var seen = 0
    for _ in 0..<150 {
      let found = try training.next()?.measurements ?? []
      func values(_ metric: Metric) -> [String: Double] {
        Dictionary(
          uniqueKeysWithValues: found.filter { $0.metric == metric }.map { ($0.scope, $0.value) })
      }
      let (declared, realised) = (
        values(.effectiveLearningRate), values(.realisedEffectiveLearningRate)
      )
      guard let mean = realised[""] else { continue }
      seen += 1
      let each = realised.filter { declared[$0.key] != nil && !$0.key.isEmpty }
      #expect(each.count >= 2 && Set(each.keys) == Set(declared.keys).subtracting([""]))
      #expect(abs(mean - each.values.reduce(0, +) / Double(each.count)) < 1e-12)
      for (name, rate) in each {
        // Less where units are dead: their weights' gradients are 0.
        let expected = try #require(declared[name])
        #expect(rate > 0 && rate < expected * 1.001, "\(name)")
      }
      // The weights of the first layer meet every input.
      if seen > 20 { #expect(each.contains { $0.value > 0.5 * (declared[$0.key] ?? 0) }) }
    }
    #expect(seen > 20)
  }

  @Test(
    "The gridworld's preset learns its first goal, whose return lies in the support of its values",
    arguments: ["plain", "nap"])
  func learns(arm: String) throws {
    var configuration = try #require(Control.presets.first { $0.name == "gridworld" }).configuration
    configuration.environments.names = [.gridworld]
    configuration.environments.visits = 1
    configuration = try Control.configuration(configuration, arm: arm)
    var training = try AgentTraining(configuration, seed: 0, device: .cpu)
    var score = -1.0
    while let event = try training.next() {
      score = event.measurements.last { $0.metric == .visitScore }?.value ?? score
    }
    #expect(score > 0.7)
  }

  @Test("A fresh agent starts every visit anew: empty replay, first weights of its own")
  func fresh() throws {
    var training = try Self.training("fresh")
    for _ in 0..<60 { _ = try training.next() }
    #expect(try #require(training.agent.memory).count > 40)
    _ = try training.next()
    #expect(try #require(training.agent.memory).count <= 2)
    #expect(training.agent.position.update == 0)
  }

  @Test("Schedules of the arms span the run or the visit")
  func schedules() throws {
    let base = try Self.tiny("nap")
    #expect(
      base.applying(AgentArm(.nap, .linear)).schedule.curve[Schedule.Decay.self]?.decayUpdates
        == 360)
    let restart = base.applying(AgentArm(.nap, .restart)).schedule
    #expect(
      restart.restartsAtTask
        && restart.curve == .cosine(.init { ($0.decayUpdates, $0.finalRate) = (60, 1e-6) }))
    #expect(
      base.applying(AgentArm(.nap, .cyclic)).schedule.curve[Schedule.Cycle.self]?.decayUpdates == 42
    )
    #expect(try AgentArm("rainbow+restart").description == "plain+restart")
    #expect(throws: UsageError.self) { try AgentArm("rainbo") }
    #expect(AgentArm(.fresh).knowsBoundaries && !AgentArm(.nap, .linear).knowsBoundaries)
  }

  @Test("A setting of the visit's length also sets the length of an arm's schedule")
  func settings() throws {
    let overrides = [ConfigurationOverride(key: "environments.framesPerVisit", value: "500")]
    let configuration = try overrides.configuration(
      of: Control.self, from: Self.tiny(), arm: "nap+restart")
    #expect(configuration.schedule.curve[Schedule.Decay.self]?.decayUpdates == 250)
    // So does the value that a sweep gives it.
    let swept = try ComparisonPlan.configuration(
      Control.self, Self.tiny(), arm: "nap+restart",
      overrides: ["environments.framesPerVisit": "500"])
    #expect(swept.schedule.curve[Schedule.Decay.self]?.decayUpdates == 250)
    // But an arm that makes its rates of the base's makes them of no tuned one.
    let continual = ContinualConfiguration(
      data: .init(source: .procedural), network: NetworkConfiguration(.mlp), optimizer: .init(),
      tasks: 2, updatesPerTask: 100)
    func cosine(_ overrides: [String: String]) throws -> Schedule {
      try ComparisonPlan.configuration(
        RandomLabels.self, continual, arm: "nap+restart", overrides: overrides
      ).schedule
    }
    #expect(try cosine(["optimizer.learningRate": "0.5"]) == cosine([:]))
    #expect(try cosine(["updatesPerTask": "200"]) != cosine([:]))
  }

  @Test("A sequence of two forms is refused with both forms")
  func forms() throws {
    var configuration = try Self.tiny()
    configuration.environments = EnvironmentSequence([.gridworld, .cartPole], framesPerVisit: 50)
    // Before the first step, not when the second environment's turn comes.
    #expect {
      try AgentTraining(configuration, seed: 0, device: .cpu).manifest()
    } throws: { error in
      "\(error)".contains("CartPole has observations [4] of float32 and 2 actions")
    }
  }

  @Test(
    "An agent's checkpoint without its replay, or with another's, is refused and changes nothing")
  func lostReplay() throws {
    try withTemporaryFolder { folder in
      var training = try Self.training()
      for _ in 0..<50 { _ = try training.next() }
      let saved = try training.snapshot(in: folder)
      try FileManager.default.removeItem(at: folder.appendingPathComponent("replay"))
      var other = try Self.training()
      let before = try other.snapshot().values["updates"]
      #expect { try other.restore(saved) } throws: {
        "\($0)".contains("replay")
      }
      #expect(other.updates == 0)
      #expect(try other.snapshot().values["updates"] == before)
      // A person is told of the replay alone: the checkpoint is sound.
      let identity = Checkpoint.Identity(
        recipe: Control.name, preset: "gridworld", arm: "nap", seed: 3, configuration: "{}",
        updates: 50, run: "r", napVersion: "0")
      #expect {
        try Checkpoint(identity: identity, snapshot: saved).restore(
          into: &other, path: folder.appendingPathComponent("checkpoint.safetensors").path)
      } throws: { error in
        let words = "\(error)"
        return error is ReplayError && words.contains("put it back")
          && !words.contains("checkpoint.safetensors")
      }
    }
  }

  @Test("A run keeps what its environments are, and goes on in the same alone")
  func manifest() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let configuration = try Self.tiny()
      func session(_ manifest: ProtocolManifest?) throws -> Run {
        let run = Run(
          recipe: Control.name, preset: "gridworld", arm: "nap", seed: 3,
          configuration: try JSONText.encode(configuration),
          provenance: .current(
            napVersion: "0", libtorchVersion: "0", device: "cpu", threadCount: 1),
          manifest: manifest)
        try store.create(run)
        try store.end(run.id, as: .interrupted, wallSeconds: 0)
        return run
      }
      let own = try #require(try Self.training().manifest())
      #expect(own.groups["Gridworld"]?["actions"] == "4")
      var other = own
      other.groups["Gridworld"]?["actions"] = "5"
      for (manifest, isTaken) in [(own, true), (nil, true), (other, false)] {
        let run = try session(manifest)
        if isTaken {
          _ = try TrainingSession<Control>(resuming: run, device: .cpu, store: store)
        } else {
          #expect {
            _ = try TrainingSession<Control>(resuming: run, device: .cpu, store: store)
          } throws: { "\($0)".contains("Gridworld.actions: 5 against 4") }
        }
      }
      let session = try TrainingSession<Control>(
        .init(preset: "gridworld", arm: "nap", configuration: configuration, seed: 3, device: .cpu),
        store: store)
      #expect(try store.run(session.run).manifest == own)
    }
  }

  @Test("Full segments of the replay are on the disk before a snapshot is asked for")
  func keepsUp() throws {
    try withTemporaryFolder { folder in
      var training = try Self.training()
      try training.open(in: folder)
      var files: [String] = []
      for _ in 0..<300 {
        _ = try training.next()
        // A thread writes them: a moment may pass.
        usleep(1_000)
        files = try FileManager.default.contentsOfDirectory(
          atPath: folder.appendingPathComponent("replay").path)
        if files.filter({ $0.hasPrefix("segment-") }).count >= 2 { break }
      }
      #expect(files.filter { $0.hasPrefix("segment-") }.count >= 2)
      #expect(!files.contains { $0.hasPrefix("generation-") })
    }
  }

  @Test(
    "Every recipe's learning rate, which a comparison takes from its sweep, is a key of its configuration"
  )
  func learningRateKeys() throws {
    func check<R: Recipe>(_ recipe: R.Type) throws {
      let preset = try #require(R.presets.first)
      let keys = try ConfigurationListing.rows(preset.configuration).map(\.key)
      #expect(keys.contains(R.learningRateKey), "\(R.name)")
    }
    for recipe in Recipes.all { try check(recipe) }
  }
}
