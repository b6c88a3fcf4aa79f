import Environments
import Networks
import Plasticity
import Reinforcement
import Training

extension AgentRunConfiguration {
  /// What is trained, for the observations and actions of an environment.
  func design(_ specification: EnvironmentSpecification) -> Learner.Design {
    Learner.Design(
      network: AgentBlueprint(agent: chosenAgent, specification: specification),
      nap: nap, methods: methods, optimizer: optimizer, schedule: schedule)
  }

  /// Refuses weights and batches that no machine holds, before anything is built.
  ///
  /// - Throws: ``ResourceError``, and `EnvironmentError` for continuous actions where the agent needs discrete ones.
  func requireRoom(_ specification: EnvironmentSpecification, forBatches: Bool) throws {
    let observations = specification.observations
    let actions = ppo == nil ? try specification.discreteActionCount() : specification.actionCount
    try ResourceError.refuse([
      ResourceError.weights(
        ppo?.weightBytes(observations: observations, actions: actions)
          ?? agent.weightBytes(observations: observations, actions: actions),
        setting: "agent.network.hiddenWidth")
    ])
    guard forBatches else { return }
    try ResourceError.refuse([
      ResourceError.batch(
        ppo?.batchBytes(observations: observations, actions: actions)
          ?? agent.batchBytes(observations: observations, actions: actions),
        setting: "agent.batchSize")
    ])
  }

  /// The methods that would find nothing to act on in a run of this. Without methods no environment is opened.
  ///
  /// - Throws: ``UsageError`` for methods that exclude one another, and what an environment throws that cannot be had.
  func idleMethods() throws -> [IdleMethod] {
    guard !methods.isEmpty else { return [] }
    try methods.requireCompatibleUse()
    let specification = try environments.environment(visit: 0, seed: 0).specification
    try requireRoom(specification, forBatches: false)
    let updates = updatesPerVisit.multipliedReportingOverflow(by: environments.visitCount)
    do {
      return try Learner.idleMethods(
        design(specification), inputShape: specification.observations.stackedShape,
        outputs: specification.actionCount, taskCount: environments.visitCount,
        updateCount: updates.overflow ? .max : updates.partialValue)
    } catch let error as ConfigurationError {
      throw UsageError(Self.named(error).description)
    }
  }
}
