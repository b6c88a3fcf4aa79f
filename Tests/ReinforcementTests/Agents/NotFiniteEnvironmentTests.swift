import Environments
import Networks
import Reinforcement
import Testing
import Torch

/// The corridor, broken: what it shows or pays is not finite from a step of each episode on.
private struct BrokenCorridor: Environment {
  enum Fault { case observation(Float), reward(Double), beginning(Float) }
  var inner = Corridor()
  let fault: Fault
  let from: Int
  var taken = 0

  init(_ fault: Fault, from: Int = 3) { (self.fault, self.from) = (fault, from) }

  var specification: EnvironmentSpecification {
    var own = inner.specification
    own.name = "broken"
    return own
  }

  mutating func reset() throws -> EpisodeStart {
    taken = 0
    guard case .beginning(let value) = fault else { return try inner.reset() }
    _ = try inner.reset()
    return EpisodeStart(.floats([0, 0, value, 0, 0, 0]))
  }

  mutating func step(_ action: Action) throws -> Step {
    // Without an end, so that every episode gets there.
    var step = try inner.step(1)
    if step.end != nil { _ = try inner.reset() }
    step.end = nil
    taken += 1
    guard taken >= from else { return step }
    switch fault {
    case .observation(let value): step.observation = .floats([0, 1, 0, 0, value, 0])
    case .reward(let value): (step.reward, step.rawReward) = (value, value)
    case .beginning: break
    }
    return step
  }

  func savedState() throws -> EnvironmentState { try inner.savedState() }
  mutating func restore(_ state: EnvironmentState) throws { try inner.restore(state) }
}

@Suite("An environment that is not finite is named as such")
struct NotFiniteEnvironmentTests {
  private static let faults: [(BrokenCorridor.Fault, String)] = [
    (
      .observation(.nan),
      "expected finite observations, found NaN at place 4 after step 3 of the episode"
    ),
    (.observation(-.infinity), "found -inf at place 4 after step 3 of the episode"),
    (.reward(.nan), "expected a finite reward, found NaN after step 3 of the episode"),
    (.beginning(.infinity), "found inf at place 2 at an episode's beginning"),
  ]

  private func expectFault(_ words: String, _ body: () throws -> Void) {
    #expect {
      try body()
    } throws: { error in
      error is EnvironmentError && "\(error)".hasPrefix("broken: ") && "\(error)".contains(words)
        && "\(error)".hasSuffix("the environment is broken")
    }
  }

  @Test("While an agent learns, while it is evaluated, and while a policy is rolled out")
  func everywhere() throws {
    for (fault, words) in Self.faults {
      let world = BrokenCorridor(fault)
      expectFault(words) {
        var run = AgentRun(try makeAgent(corridorConfiguration(.dqn)), in: world, end: 50)
        while try run.next() != nil {}
      }
      expectFault(words) {
        var own = world
        _ = try makeAgent(corridorConfiguration(.dqn)).evaluate(
          in: &own, episodes: 1, frames: 20, seed: 1)
      }
      expectFault(words) {
        var configuration = PPOConfiguration()
        configuration.network.torso = .mlp
        configuration.network.torsoWidths = [8]
        configuration.network.hiddenWidth = 0
        configuration.horizon = 12
        let network = try configuration.network.buildActorCritic(
          observations: world.specification.observations, actions: 2, generator: Generator(seed: 1))
        var agent = try PPOAgent(
          configuration,
          trainer: try OptimizerTrainer(network, configuration: configuration.optimizer),
          specification: world.specification, environments: 2, seed: 1)
        var worlds = SerialEnvironments([world, world])
        _ = try agent.iterate(in: &worlds)
      }
    }
  }

  @Test("A refused step leaves the episode as it was; large numbers whose sum overflows are finite")
  func episode() throws {
    var world = BrokenCorridor(.observation(.nan))
    _ = try world.beginEpisode()
    var episode = EpisodeSummary()
    for _ in 0..<2 { _ = try world.take(1, in: &episode) }
    let before = episode
    #expect(before.steps == 2)
    #expect(throws: EnvironmentError.self) { try world.take(1, in: &episode) }
    #expect(episode == before)
    let large = Step(observation: .floats([Float](repeating: 3e38, count: 6)), reward: 1)
    try world.specification.check(large, after: episode)
  }
}
