import Environments
import Reinforcement

extension AgentRecipe {
  /// Learning begins as soon as there is a batch, and nothing is evaluated. The time of the real run for filling its
  /// replay and for evaluations is forecast separately.
  ///
  /// Proximal policy optimization has nothing to fill; its evaluations are not told.
  ///
  /// An evaluation whose frames are not bounded is taken to have episodes of 2,000 steps (our choice).
  public static func rehearsal(
    _ configuration: AgentRunConfiguration
  ) -> Rehearsal<AgentRunConfiguration> {
    let actionRepeat = configuration.environments.actionRepeat
    let length = configuration.roundLength(actionRepeat: actionRepeat)
    let rounds = configuration.roundsPerVisit(actionRepeat: actionRepeat)
    func roundCount(ofSteps steps: Int) -> Int { (steps + length - 1) / length }

    var learning = configuration
    learning.recording.evaluateEveryRounds = 0
    if configuration.ppo != nil { return Rehearsal(learning) }
    let first = min(
      configuration.agent.learningStarts.count,
      configuration.agent.batchSize + configuration.agent.replay.nStep)
    learning.agent.learningStarts = AgentSteps(max(1, first))
    var rehearsal = Rehearsal(learning)
    rehearsal.skippedUpdates = roundCount(ofSteps: first + configuration.agent.replay.nStep) + 2

    let recording = configuration.recording
    var evaluations = 0
    if recording.evaluateEveryRounds > 0 {
      let bound = recording.evaluationFrames?.agentSteps(actionRepeat: actionRepeat).count
      let steps = min(
        bound ?? .max,
        recording.evaluationEpisodes > 0 ? 2_000 * recording.evaluationEpisodes : .max)
      let count =
        Double(rounds) * Double(configuration.environments.visitCount)
        / Double(recording.evaluateEveryRounds)
      evaluations = Int(min(count.rounded(.down) * Double(min(steps, 1 << 40) / length), 1e15))
    }
    let fills = configuration.boundary.isFresh || configuration.boundary.clearsReplay
    let filling = min(rounds, roundCount(ofSteps: configuration.agent.learningStarts.count))
    var idle = configuration
    idle.recording.evaluateEveryRounds = 0
    idle.agent.learningStarts = AgentSteps(idle.agent.replay.capacity)
    rehearsal.waiting = Rehearsal.Waiting(
      configuration: idle, updates: filling * (fills ? configuration.environments.visitCount : 1),
      additionalUpdates: evaluations)
    return rehearsal
  }
}
