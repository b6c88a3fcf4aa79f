import Environments
import Networks
import NormalizeAndProject
import Plasticity
import Reinforcement
import TensorTestSupport
import Testing

@testable import Torch
@testable import Training

/// What an update reads back from the device. On a CPU, whose memory counts as a device's while reads are counted.
@Suite struct HostReadTests {
  private static var inputs: Tensor { Tensor.normal([12, 5], generator: Generator(seed: 3)) }
  private static var labels: Tensor {
    Tensor.integers(from: 0, to: 3, [12], generator: Generator(seed: 4))
  }

  private static func learner(
    _ nap: NaP = .both, methods: InterventionSet = InterventionSet(),
    optimizer: OptimizerConfiguration = OptimizerConfiguration(), schedule: Schedule = .constant
  ) throws -> Learner {
    try Learner(
      inputShape: [5], seed: 1, nap: nap, methods: methods, optimizer: optimizer,
      schedule: schedule
    ) {
      Sequential.mlp(
        inputFeatures: 5, hidden: [8, 8], classes: 3, source: ParameterSource(generator: $0))
    }
  }

  /// Reads of one update, after two others.
  private static func reads(_ learner: Learner, isMeasured: Bool = false) throws -> Int {
    var learner = learner
    func step(_ isMeasured: Bool) throws {
      let loss = Loss.crossEntropy(learner.trainingOutputs(inputs), labels)
      try learner.step(loss, inputs: inputs, isMeasured: isMeasured)
    }
    for _ in 0..<2 { try step(false) }
    return try HostReads.counting { try step(isMeasured) }.count
  }

  @Test(
    "An update reads nothing, under every optimizer, arm, clip and schedule",
    arguments: OptimizerConfiguration.Kind.allCases)
  func optimizers(kind: OptimizerConfiguration.Kind) throws {
    for nap in [NaP.plain, .normOnly, .projectOnly, .both] {
      for clip in [nil, 0.01] {
        for schedule in [Schedule.constant, Schedule(kind: .cosine, decayUpdates: 10)] {
          let configuration = OptimizerConfiguration(
            kind: kind, momentum: kind == .sgd ? 0.9 : nil, gradientClip: clip)
          let own = try Self.learner(nap, optimizer: configuration, schedule: schedule)
          #expect(try Self.reads(own) == 0, "\(kind), \(nap), clip \(clip ?? .nan)")
        }
      }
    }
  }

  @Test("A measured update is counted, and so is a read of any kind")
  func counted() throws {
    #expect(try Self.reads(Self.learner(), isMeasured: true) > 0)
    let tensor = Tensor([1.0, 2])
    let count = HostReads.counting {
      _ = (
        tensor[0].item, tensor.integers, tensor.doubles, tensor[0].converted(to: .int64).integerItem
      )
      _ = (tensor.withBytes { $0.count }, FusedOperators.squareSums([tensor]))
      _ = FusedOperators.project([tensor], constraint: .init(targetNorms: [1]))
      #expect(tensor[0].itemAtHand == nil)
    }.count
    #expect(count == 7)
    #expect(Tensor(2.0).itemAtHand == 2)
  }

  /// Reads of an update by methods that decide on the host; docs/using.md says the same.
  static let needed = [
    "learning-rate-rewarming": 0, "self-normalized-resets": 1, "trac": 1,
  ]

  @Test("Baseline methods read nothing, but for those that decide on the host")
  func methods() throws {
    for method in Interventions.all {
      let set = InterventionSet([method.init()])
      guard let own = try? Self.learner(.normOnly, methods: set) else {
        // Those that need something else of a network, such as learned scales.
        #expect(["scale-decay"].contains(method.name), "\(method.name)")
        continue
      }
      #expect(try Self.reads(own) == Self.needed[method.name] ?? 0, "\(method.name)")
    }
  }

  @Test("Losses elsewhere than in the host's memory are judged together, and the first is named")
  func watch() throws {
    var watch = LossWatch()
    let (_, count) = try HostReads.counting {
      for update in 0..<10 {
        try watch.observe(Tensor(update < 7 ? 1 : .nan), update: update)
      }
      let error = #expect(throws: TrainingDivergence.self) { try watch.check() }
      #expect(error?.update == 7 && error?.value.isNaN == true)
      // Nothing waits any more.
      try watch.check()
      for update in 0..<999 { try watch.observe(Tensor(1), update: update) }
    }
    #expect(count == 1)
    #expect(throws: TrainingDivergence.self) { try watch.observe(Tensor(.infinity), update: 1_000) }
  }

  @Test("A learner that an agent trains ends at a measured update after a loss that is not finite")
  func divergence() throws {
    // Without norms that a step restores, which are judged in the step.
    var learner = try Self.learner(.plain)
    func update(_ factor: Double, at index: Int, isMeasured: Bool = false) throws {
      let loss = Loss.crossEntropy(learner.trainingOutputs(Self.inputs), Self.labels) * factor
      _ = try learner.update(
        loss: loss, inputs: Self.inputs, at: .init(update: index, updateInTask: index),
        isMeasured: isMeasured)
    }
    #expect(throws: TrainingDivergence.self) { try update(.nan, at: 0) }
    let sound = try State(of: learner).copied()
    _ = try HostReads.counting {
      try update(1, at: 0)
      try update(.nan, at: 1)
      let error = #expect(throws: TrainingDivergence.self) {
        try update(1, at: 2, isMeasured: true)
      }
      #expect(error?.update == 1)
      // What was seen before a restore is not of the state that was restored.
      try update(.nan, at: 3)
      try learner.restore(sound)
      try update(1, at: 4, isMeasured: true)
    }
  }

  @Test("An update of an agent reads its batch's priorities, where it has them, and else nothing")
  func valueAgents() throws {
    for (name, preset, expected) in [
      ("DQN", ValueAgentConfiguration.dqn, 0), ("Rainbow", .rainbow, 1),
    ] {
      var configuration = preset
      configuration.network.torso = .mlp
      configuration.network.hiddenWidth = 16
      configuration.learningStarts = 40
      configuration.replay.capacity = 200
      var world = CartPole(seed: 1)
      let specification = world.specification
      func network(_ seed: UInt64) throws -> Sequential {
        try configuration.network.build(
          observations: specification.observations, actions: specification.actionCount,
          generator: Generator(seed: seed))
      }
      let learner = try Learner(
        inputShape: specification.observations.stackedShape, seed: 1,
        optimizer: configuration.optimizer
      ) { _ in try network(1) }
      var agent = try ValueAgent(
        configuration, trainer: learner,
        target: try NaP.both.normalized(
          network(2), inputShape: specification.observations.stackedShape),
        specification: specification, seed: 1)
      var episode = EpisodeSummary()
      agent.begin(try world.beginEpisode())
      for _ in 0..<60 {
        let action = agent.act()
        _ = try agent.observe(action: action, try world.take(.discrete(action), in: &episode))
        if episode.end != nil {
          agent.begin(try world.beginEpisode())
          episode = EpisodeSummary()
        }
      }
      let (_, count) = try HostReads.counting { try agent.learn() }
      #expect(count == expected, "\(name)")
    }
  }

  @Test("PPO reads its losses once after a horizon, none an update, and two numbers an action")
  func policies() throws {
    var configuration = PPOConfiguration.control
    configuration.horizon = 32
    configuration.batchSize = 8
    var world = CartPole(seed: 1)
    let specification = world.specification
    var network = PolicyNetworkConfiguration()
    network.torso = .mlp
    network.hiddenWidth = 16
    let learner = try Learner(
      inputShape: specification.observations.stackedShape, seed: 1,
      optimizer: OptimizerConfiguration(gradientClip: 0.5)
    ) {
      try network.buildActorCritic(
        observations: specification.observations, actions: specification.actionCount, generator: $0)
    }
    var agent = try PPOAgent(
      configuration, trainer: learner, specification: specification, environments: 1, seed: 1)
    var episode = EpisodeSummary()
    agent.begin(try world.beginEpisode())
    var learned: [Int] = []
    while learned.isEmpty {
      let (action, acting) = HostReads.counting { agent.action(measuring: false) }
      #expect(acting == 2)
      let step = try world.take(action, in: &episode)
      let (updates, count) = try HostReads.counting {
        try agent.observe(action, step, measuring: false)
      }
      if !updates.isEmpty { learned = [updates.count, count] }
      if episode.end != nil {
        agent.begin(try world.beginEpisode())
        episode = EpisodeSummary()
      }
    }
    #expect(learned[0] == configuration.epochs * 4)
    // The parts of the loss, and the value of what follows a horizon that ends no episode.
    #expect((1...2).contains(learned[1]))
  }
}
