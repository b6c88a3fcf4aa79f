import Environments
public import NormalizeAndProject
import Networks
import Reinforcement
public import Torch
import Training

extension AgentTraining: AuditableRun {
  /// Transitions that are played by chance for an audit, and the states among them that it looks at.
  private static let (auditedSteps, auditedStates) = (64, 16)

  /// The audit of the network that learns, its noise frozen, over 16 states that play by chance meets in the first
  /// environment.
  public func audit() throws -> AuditReport {
    let states = try statesForAudit()
    let noise = Noise.frozen(seed: 0)
    let network = agent.trainer.network
    return try NormalizeAndProject.audit(
      network, input: states.converted(to: .float32),
      projecting: .roles(configuration.nap.projection)
    ) { input in noise.during { network(input) } }
  }

  /// Networks, generators and counters; neither replay nor environment.
  public mutating func restoreForAudit(_ state: State) throws {
    let updates = try state.value("updates", as: Int.self)
    try agent.restore(state)
    place.updates = updates
  }

  private func statesForAudit() throws -> Tensor {
    var generator = SeededGenerator(seed: 0).split("audit")
    var environment = try configuration.environments.environment(
      visit: 0, seed: generator.firstWord, expecting: specification)
    var memory = ReplayConfiguration()
    memory.capacity = Self.auditedSteps
    memory.nStep = 1
    memory.sampling = .uniform
    var replay = try Replay(memory, observations: specification.observations)
    var episode: EpisodeSummary?
    for _ in 0..<Self.auditedSteps {
      if episode == nil { replay.begin(try environment.beginEpisode()) }
      var played = episode ?? EpisodeSummary()
      let action = specification.actions.drawn(&generator)
      let step = try environment.take(action, in: &played)
      try replay.append(action: 0, step: step)  // only what it saw is asked for
      episode = step.end == nil ? played : nil
    }
    return try replay.sample(
      Self.auditedStates, weightExponent: 0, generator: &generator, device: device
    ).states
  }
}
