import Environments
import Foundation
import Networks
import Reinforcement
import Synchronization
import Testing
import Torch
import Training

@testable import Experiments

/// Small runs whose actors are processes of the built program.
enum ActorRun {
  /// Three goals, 121 steps each, learning every second step; the last round of a visit is short.
  static func configuration(
    actors: Int, refresh: Int = 4, arm: String = "nap",
    _ change: (inout AgentRunConfiguration) -> Void = { _ in }
  ) throws -> AgentRunConfiguration {
    var base = try #require(Control.presets.first { $0.name == "gridworld" }).configuration
    base.environments = EnvironmentSequence(
      Array(repeating: .gridworld, count: 3), framesPerVisit: 121)
    base.agent.network.torsoWidths = [16]
    base.agent.network.hiddenWidth = 16
    base.agent.learningStarts = 40
    base.agent.targetPeriod = 20
    base.agent.replay.capacity = 200
    base.agent.replay.segmentBytes = 1_000
    base.recording.everyRounds = 10
    base.actors.count = actors
    base.actors.refreshEveryRounds = refresh
    change(&base)
    return try Control.configuration(base, arm: arm)
  }

  static func training(_ configuration: AgentRunConfiguration) throws -> AgentTraining {
    ActorProcesses.program.withLock { $0 = Program.url }
    return try AgentTraining(configuration, seed: 3, device: .cpu)
  }

  /// A run to its end.
  static func trained(_ configuration: AgentRunConfiguration) throws -> AgentTraining {
    var training = try training(configuration)
    while let event = try training.next() { #expect(event.outcome == nil) }
    return training
  }

  /// The numbers of an agent: networks, generators, counters, and what its replay holds.
  static func numbers(_ agent: any Agent<Learner>) throws -> [String: [UInt8]] {
    var state = State()
    try agent.save(into: &state)
    // A learner whose actors play sees no frames of its own.
    let tensors = state.tensors.filter { $0.name != "agent.stack" }
    var numbers = Dictionary(
      uniqueKeysWithValues: tensors.map { ($0.name, $0.tensor.withBytes { [UInt8]($0) }) })
    numbers["position"] = Array("\(agent.position)".utf8)
    var generator = SeededGenerator(seed: 1)
    let batch = try agent.memory?.sample(
      64, weightExponent: 1, generator: &generator, device: .cpu)
    if let batch {
      numbers["replay"] = Array(
        "\(batch.slots) \(batch.actions.doubles) \(batch.weights.doubles)".utf8)
      numbers["states"] = (batch.states.doubles + batch.nextStates.doubles + batch.returns.doubles)
        .flatMap { Array("\($0)".utf8) }
    }
    return numbers
  }

  /// What actors and learner do, one after another in this process: the learner's weights go to the actors when it
  /// takes the first step of a period, and they play the next period with them.
  static func inOneProcess(_ configuration: AgentRunConfiguration) throws -> any Agent<Learner> {
    let sequence = configuration.environments
    let specification = try sequence.environment(visit: 0, seed: 0).specification
    let root = Generator(seed: 3)
    let design = configuration.design(specification)
    func agent(_ visit: Int) throws -> any Agent<Learner> {
      try AgentTraining.agent(
        configuration, specification, root: root, visit: visit, device: .cpu)
    }
    func actors(_ visit: Int) throws -> [ValueActor] {
      try (0..<configuration.actors.count).map { index in
        try ValueActor(
          configuration.agent,
          network: Learner.network(
            design, inputShape: specification.observations.stackedShape,
            outputs: specification.actionCount, weights: root, device: .cpu),
          specification: specification, seed: AgentTraining.agentSeed(root, visit: visit),
          index: index)
      }
    }
    var (learner, players) = (try agent(0), try actors(0))
    let isFresh = configuration.boundary.isFresh
    var earlier = 0
    for visit in 0..<sequence.visitCount {
      if visit > 0 {
        if isFresh {
          (learner, players) = (try agent(visit), try actors(visit))
        } else {
          try learner.beginTask(clearingReplay: configuration.boundary.clearsReplay)
        }
        for index in players.indices { players[index].leaveEpisode() }
      }
      var worlds = try players.indices.map {
        try sequence.environment(
          visit: visit, seed: AgentTraining.environmentSeed(3, visit: visit, actor: $0))
      }
      let count = players.count
      let period =
        configuration.roundLength(actionRepeat: 1) * configuration.actors.refreshEveryRounds
      let end = configuration.stepsPerVisit(actionRepeat: 1)
      let earlierFrames = isFresh ? 0 : earlier
      func play(_ range: Range<Int>) throws -> [PlayedStep] {
        let weights = Dictionary(
          uniqueKeysWithValues: learner.trainer.network.namedTensors.map { ($0.name, $0.tensor) })
        // One frame is one step here.
        let steps = try players.indices.map { index in
          try players[index].network.load(weights)
          return try range.filter { $0 % count == index }.enumerated().map { own, _ in
            let before = range.lowerBound + own * count
            return try players[index].play(
              in: &worlds[index], after: Frames(earlierFrames + before), inTask: Frames(before))
          }
        }
        return range.map { step in
          let first = range.first { $0 % count == step % count } ?? step
          return steps[step % count][(step - first) / count]
        }
      }
      func part(_ number: Int) -> Range<Int> {
        min(number * period, end)..<min((number + 1) * period, end)
      }
      var (number, present) = (0, try play(part(0)))
      while !present.isEmpty {
        let next = try play(part(number + 1))
        for (place, step) in zip(part(number), present) {
          _ = try learner.observe(
            step, truncated: place >= end - count, of: place % count, measuring: false)
        }
        (number, present) = (number + 1, next)
      }
      earlier += end
    }
    return learner
  }
}
