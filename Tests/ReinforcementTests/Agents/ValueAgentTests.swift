import Environments
import Networks
import Reinforcement
import Testing
import Torch

@Suite("Value agents")
struct ValueAgentTests {
  private func values(_ network: Sequential) -> [[Double]] {
    network.namedTensors.map { $0.tensor.doubles }
  }

  @Test(
    "Learning begins with enough transitions, then comes every period; so does the target's copy")
  func periods() throws {
    var configuration = corridorConfiguration(.dqn)
    configuration.learningStarts = 37
    configuration.learnPeriod = 5
    configuration.targetPeriod = 20
    configuration.updatesPerPeriod = 2
    var run = AgentRun(try makeAgent(configuration), in: Corridor(), end: 100)
    let first = values(run.agent.target)
    #expect(first == values(run.agent.trainer.network), "the target begins as a copy")
    var last = first
    var learned: [Int] = []
    var copied: [Int] = []
    while let event = try run.next() {
      if !event.updates.isEmpty {
        learned.append(event.steps.count)
        #expect(event.updates.count == 2)
      }
      let now = values(run.agent.target)
      if now != last {
        copied.append(event.steps.count)
        #expect(now == values(run.agent.trainer.network))
        last = now
      }
    }
    #expect(learned == Array(stride(from: 40, through: 100, by: 5)))
    #expect(copied == [40, 60, 80, 100])
    #expect(run.agent.position.update == 2 * learned.count)
  }

  @Test("Periods in frames are steps times the action repeat")
  func frames() throws {
    struct Slow: Environment {
      var inner = Corridor()
      var specification: EnvironmentSpecification {
        var own = inner.specification
        own.actionRepeat = 4
        return own
      }
      mutating func reset() throws -> EpisodeStart { try inner.reset() }
      mutating func step(_ action: Action) throws -> Step {
        var step = try inner.step(action)
        step.frames = 4
        return step
      }
      func savedState() throws -> EnvironmentState { try inner.savedState() }
      mutating func restore(_ state: EnvironmentState) throws { try inner.restore(state) }
    }
    var configuration = corridorConfiguration(.dqn)
    configuration.learningStarts = 10
    configuration.learnPeriod = 16
    let built = try makeAgent(configuration)
    let agent = try ValueAgent(
      configuration, trainer: built.trainer, target: built.target,
      specification: Slow().specification, seed: 1)
    var run = AgentRun(agent, in: Slow(), end: 40)
    var learned: [Int] = []
    while let event = try run.next() {
      if !event.updates.isEmpty { learned.append(event.frames.count) }
    }
    #expect(learned == Array(stride(from: 48, through: 160, by: 16)))
  }

  @Test(
    "Every preset learns the corridor", arguments: ValueAgentConfiguration.presets.map(\.name))
  func learns(_ name: String) throws {
    let preset = try #require(ValueAgentConfiguration.presets.first { $0.name == name })
    let configuration = corridorConfiguration(preset.configuration)
    var run = AgentRun(try makeAgent(configuration, seed: 3), in: Corridor(), end: 1_000)
    while try run.next() != nil {}
    var world = Corridor()
    let episodes = try run.agent.evaluate(in: &world, episodes: 3, seed: 5)
    #expect(episodes.map(\.rawReturn) == [1, 1, 1], "\(name): \(episodes.map(\.rawReturn))")
  }

  @Test("Munchausen learns it too, with scalar values and with implicit quantiles")
  func munchausenLearns() throws {
    for preset in [ValueAgentConfiguration.dqn, .iqn] {
      var configuration = corridorConfiguration(preset)
      configuration.munchausen = MunchausenLearning()
      var run = AgentRun(try makeAgent(configuration, seed: 3), in: Corridor(), end: 1_000)
      while try run.next() != nil {}
      var world = Corridor()
      let episodes = try run.agent.evaluate(in: &world, episodes: 1, seed: 5)
      #expect(episodes.map(\.rawReturn) == [1])
    }
    var refused = corridorConfiguration(.c51)
    refused.munchausen = MunchausenLearning()
    #expect(throws: ConfigurationError.self) { try makeAgent(refused) }
  }

  @Test(
    "Acting draws noise once an act, an update draws it three times, two without double learning")
  func noiseDraws() throws {
    for isDouble in [true, false] {
      var configuration = corridorConfiguration(.rainbow)
      configuration.isDouble = isDouble
      var agent = try makeAgent(configuration)
      var world = Corridor()
      agent.begin(try world.reset())
      var before = try noiseState(agent)
      _ = agent.act()
      #expect(try draws(from: before, by: agent) == 1)
      for _ in 0..<9 {
        agent.begin(try world.reset())
        _ = try agent.observe(action: 0, try world.step(0))
      }
      before = try noiseState(agent)
      _ = try agent.learn()
      #expect(try draws(from: before, by: agent) == (isDouble ? 3 : 2))
    }
  }

  private func noiseState(_ agent: ValueAgent<OptimizerTrainer>) throws -> Tensor {
    try State(of: agent).tensor("agent.noise")
  }

  /// How many passes' noise lies between a state and the agent's own; nil when no number up to 5 does.
  private func draws(
    from before: Tensor, by agent: ValueAgent<OptimizerTrainer>
  ) throws -> Int? {
    let generator = Generator(seed: 0)
    try generator.restore(before)
    let after = try noiseState(agent)
    return (1...5).first { _ in
      Noise(from: generator).during { _ = agent.trainer.network(Tensor.ones([1, 6])) }
      return generator.state.isIdentical(to: after)
    }
  }

  @Test("Evaluating changes nothing of the agent")
  func evaluationIsApart() throws {
    var run = AgentRun(
      try makeAgent(corridorConfiguration(.rainbow)), in: Corridor(), end: 300)
    while try run.next() != nil {}
    let before = try State(of: run.agent)
    var world = Corridor()
    let first = try run.agent.evaluate(in: &world, episodes: 4, seed: 9)
    #expect(try run.agent.evaluate(in: &world, episodes: 4, seed: 9) == first)
    let after = try State(of: run.agent)
    #expect(after.values == before.values)
    for (own, old) in zip(after.tensors, before.tensors) {
      #expect(own.tensor.isIdentical(to: old.tensor), "\(own.name)")
    }
    let cut = try run.agent.evaluate(in: &world, episodes: 4, frames: 1, seed: 9)
    #expect(cut.count == 1)
    #expect(cut.first?.steps == 1)
  }

  @Test("A task clears the replay only when told to, and counts updates anew")
  func tasks() throws {
    var run = AgentRun(try makeAgent(corridorConfiguration(.dqn)), in: Corridor(), end: 200)
    while try run.next() != nil {}
    let (update, count) = (run.agent.position.update, run.agent.replay.count)
    #expect(update > 0)
    try run.beginTask(in: Corridor())
    #expect(run.agent.position == TrainingPosition(update: update, task: 1, updateInTask: 0))
    #expect(run.agent.replay.count == count)
    try run.beginTask(in: Corridor(), clearingReplay: true)
    #expect(run.agent.replay.count == 0)
    run.end = 250
    while let event = try run.next() { #expect(event.updates.isEmpty, "too few transitions") }
  }

  @Test("An evaluation plays whole games where episodes are lives of one")
  func lives() throws {
    /// Three corridors are a game.
    struct Lives: Environment {
      var life = Corridor()
      var (lost, total) = (0, 0.0)
      var specification: EnvironmentSpecification { life.specification }
      mutating func reset() throws -> EpisodeStart { try life.reset() }
      mutating func step(_ action: Action) throws -> Step {
        var step = try life.step(action)
        total += step.rawReward
        if step.end != nil { lost += 1 }
        let isOver = lost == 3
        step.scope = .part(gameReturn: isOver ? total : nil)
        if isOver { (lost, total) = (0, 0) }
        return step
      }
      func savedState() throws -> EnvironmentState { try life.savedState() }
      mutating func restore(_ state: EnvironmentState) throws { try life.restore(state) }
    }
    let agent = try makeAgent(corridorConfiguration(.dqn))
    var world = Lives()
    var (ends, rewards) = (0, 0.0)
    let games = try agent.evaluate(in: &world, episodes: 4, seed: 3) { _, _, step in
      if step?.end != nil { ends += 1 }
      rewards += step?.rawReward ?? 0
    }
    #expect(games.count == 4 && games.allSatisfy { $0.end == .terminated } && ends == 12)
    #expect(abs(games.reduce(0) { $0 + $1.rawReturn } - rewards) < 1e-12)
    // Cut within a game: it has no end.
    let cut = try agent.evaluate(in: &world, episodes: 4, frames: 2, seed: 3)
    #expect(cut.count == 1 && cut[0].end == nil)
  }
}
