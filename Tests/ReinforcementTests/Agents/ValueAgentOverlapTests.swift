import Dispatch
import Environments
import Foundation
import Networks
@testable import Reinforcement
import Testing
import Torch

@Suite("Acting and learning at the same time")
struct ValueAgentOverlapTests {
  /// A corridor in which steps take their time, a different one each.
  struct Slow: Environment {
    var inner = Corridor()
    var delays: SeededGenerator?
    var specification: EnvironmentSpecification { inner.specification }
    mutating func reset() throws -> EpisodeStart { try inner.reset() }
    mutating func step(_ action: Action) throws -> Step {
      if let microseconds = delays?.index(below: 3_000) { usleep(UInt32(microseconds)) }
      return try inner.step(action)
    }
    func savedState() throws -> EnvironmentState { try inner.savedState() }
    mutating func restore(_ state: EnvironmentState) throws { try inner.restore(state) }
  }

  private func configuration(_ preset: ValueAgentConfiguration) -> ValueAgentConfiguration {
    var agent = corridorConfiguration(preset)
    agent.overlapsLearning = true
    agent.learnPeriod = 4
    return agent
  }

  private func play(
    _ configuration: ValueAgentConfiguration, delays: SeededGenerator? = nil, end: AgentSteps = 260
  ) throws -> (lines: [String], weights: [[Double]]) {
    var run = AgentRun(
      try makeAgent(configuration), in: Slow(delays: delays), end: end, measurePeriod: 1)
    var lines: [String] = []
    while let event = try run.next() {
      for update in event.updates {
        lines.append(
          "\(event.steps.count) \(update.loss) \(update.network.record?.entries.joined?.gradientNorm ?? -1)"
        )
      }
    }
    try run.agent.settle()
    return (lines, run.agent.trainer.network.namedTensors.map { $0.tensor.doubles })
  }

  @Test(
    "Results do not depend on how long steps take", arguments: ["dqn", "rainbow", "iqn"])
  func timing(_ name: String) throws {
    let preset = try #require(ValueAgentConfiguration.presets.first { $0.name == name })
    let configuration = configuration(preset.configuration)
    let quick = try play(configuration)
    let slow = try play(configuration, delays: SeededGenerator(seed: 4))
    #expect(quick.lines.count > 30)
    #expect(quick.lines == slow.lines)
    #expect(quick.weights == slow.weights)
  }

  @Test("Actions come from the network of their round's beginning, not from the one that learns")
  func actingNetwork() throws {
    var configuration = configuration(.dqn)
    configuration.exploration = nil
    configuration.optimizer.learningRate = 0.03
    var (agent, world) = (try makeAgent(configuration), Corridor())
    let reference = try configuration.network.build(
      observations: world.specification.observations, actions: 2, generator: Generator(seed: 9))
    func tensors() -> [String: Tensor] {
      Dictionary(
        uniqueKeysWithValues: agent.trainer.network.namedTensors.map {
          ($0.name, $0.tensor.cloned())
        })
    }
    func choice(_ network: Sequential, _ observation: Observation) -> Int {
      guard case .floats(let values) = observation else { return -1 }
      return withoutGradients {
        network(Tensor(values, shape: [1, 6])).squeezed(axis: 2)[0].indexOfMaximum().integerItem
      }
    }
    var observation: Observation?
    var (before, seen): ([String: Tensor], [Observation]) = (tensors(), [])
    var differing = 0
    for _ in 0..<600 {
      if observation == nil {
        let start = try world.reset()
        agent.begin(start)
        observation = start.observation
      }
      let present = try #require(observation)
      let action = agent.act()
      try reference.load(before)
      #expect(action == choice(reference, present))
      seen.append(present)
      let step = try world.step(action)
      // So that the round's update has long been made when its last action is chosen.
      usleep(2_000)
      _ = try agent.observe(action: action, step)
      observation = step.end == nil ? step.observation : nil
      if agent.steps.count % 4 == 0 {
        // What was learned beside the round's actions would have chosen otherwise at times.
        let after = tensors()
        differing += try seen.filter { state in
          try reference.load(before)
          let old = choice(reference, state)
          try reference.load(after)
          return choice(reference, state) != old
        }.count
        (before, seen) = (after, [])
      }
    }
    #expect(differing > 0)
  }

  @Test("The first update is that of exact order, one round later")
  func firstUpdate() throws {
    // Without noise both draw the same numbers.
    var exact = configuration(.dqn)
    exact.overlapsLearning = false
    let (own, reference) = (try play(configuration(.dqn)).lines, try play(exact).lines)
    func number(_ line: String?) -> [Substring] { line?.split(separator: " ") ?? [] }
    let (first, expected) = (number(own.first), number(reference.first))
    #expect(first.count == 3 && first[1...] == expected[1...])
    #expect(first[0] == "104" && expected[0] == "100")
    #expect(own.count == reference.count - 1)
  }

  @Test("Updates are measured where it was asked for, and there are as many as asked for a round")
  func updates() throws {
    var configuration = configuration(.rainbow)
    configuration.updatesPerPeriod = 3
    let lines = try play(configuration, end: 120).lines
    #expect(lines.count == 3 * 5)
    #expect(lines.allSatisfy { !$0.hasSuffix("-1.0") })
  }

  @Test("A later task with an emptied replay learns again once enough is there")
  func clearedReplay() throws {
    var run = AgentRun(try makeAgent(configuration(.rainbow)), in: Corridor(), end: 130)
    while try run.next() != nil {}
    let before = run.agent.position.update
    try run.beginTask(in: Corridor(), clearingReplay: true)
    run.end = 330
    var learned: [Int] = []
    while learned.count < 2, let event = try run.next() {
      if !event.updates.isEmpty { learned.append(event.steps.count) }
    }
    #expect(run.agent.position.task == 1 && run.agent.position.update > before)
    #expect((learned.first ?? 0) > 230)
  }

  @Test("An update changes the network only after the copy that acts was made")
  func updateWaits() throws {
    var agent = try makeAgent(configuration(.dqn))
    var world = Corridor()
    agent.begin(try world.reset())
    // Until updates are due, the last step of a round, and the next one's first action.
    while agent.counters.owesUpdates != true {
      let action = agent.act()
      let step = try world.step(action)
      _ = try agent.observe(action: action, step)
      if step.end != nil { agent.begin(try world.reset()) }
    }
    func weights() -> [[Double]] { agent.trainer.network.namedTensors.map { $0.tensor.doubles } }
    let before = weights()
    let isCopied = DispatchSemaphore(value: 0)
    agent.beginUpdates(measuring: false, writingAfter: isCopied)
    // An update takes about a millisecond.
    usleep(300_000)
    #expect(weights() == before)
    isCopied.signal()
    #expect(try agent.settle().count == 1)
    #expect(weights() != before)
  }

  @Test("Without a network to act it is refused by the setting's name")
  func refused() throws {
    var plain = corridorConfiguration(.dqn)
    let agent = try makeAgent(plain)
    plain.overlapsLearning = true
    #expect {
      try ValueAgent(
        plain, trainer: agent.trainer, target: agent.target, specification: agent.specification,
        seed: 1)
    } throws: { "\($0)".contains("agent.overlapsLearning") }
  }
}
