import Environments
import Networks
import Plasticity
import Reinforcement
import Training

extension AgentRunConfiguration {
  /// What is trained, for the observations and actions of an environment.
  func design(_ specification: EnvironmentSpecification) -> Learner.Design {
    Learner.Design(
      network: AgentBlueprint(
        configuration: agent.network, observations: specification.observations),
      nap: nap, methods: methods, optimizer: agent.optimizer, schedule: schedule)
  }

  /// The methods that would find nothing to act on in a run of this. Without methods no environment is opened.
  ///
  /// - Throws: ``UsageError`` for methods that exclude one another, and what an environment throws that cannot be had.
  func idleMethods() throws -> [IdleMethod] {
    guard !methods.isEmpty else { return [] }
    try methods.requireCompatibleUse()
    let specification = try worlds.world(visit: 0, seed: 0).specification
    try ResourceError.refuse([
      ResourceError.weights(
        agent.weightBytes(
          observations: specification.observations, actions: specification.actionCount),
        setting: "agent.network.hiddenWidth")
    ])
    let updates = updatesPerVisit.multipliedReportingOverflow(by: worlds.visitCount)
    do {
      return try Learner.idleMethods(
        design(specification), inputShape: specification.observations.stackedShape,
        outputs: specification.actionCount, taskCount: worlds.visitCount,
        updateCount: updates.overflow ? .max : updates.partialValue)
    } catch let error as ConfigurationError {
      throw UsageError(Self.named(error).description)
    }
  }
}
