import Environments
import Foundation
import Networks
import Reinforcement
import Torch

/// An agent learning in an environment, as a sequence of its steps.
///
///     while let event = try run.next() {
///       if let episode = event.episode { … }
///       for update in event.updates { … }
///     }
///
/// For tests of agents; the loop of recipes is `AgentTraining` of `Experiments`.
struct AgentRun<World: Environment, Trainer: NetworkTrainer>: Stateful {
  /// The agent.
  var agent: ValueAgent<Trainer>
  /// The environment.
  private(set) var environment: World
  /// Updates from one measurement of norms and values to the next; 0 for none.
  var measurePeriod: Int
  /// When the run ends.
  var end: AgentSteps
  /// The episode that continues, or ended at the last step.
  private(set) var episode: EpisodeSummary?

  /// A run before its first step.
  ///
  /// - Parameters:
  ///   - end: the steps of the whole run.
  ///   - measurePeriod: updates from one measurement to the next; 0 for none.
  init(
    _ agent: ValueAgent<Trainer>, in environment: World, end: AgentSteps, measurePeriod: Int = 0
  ) {
    self.agent = agent
    self.environment = environment
    self.end = end
    self.measurePeriod = measurePeriod
  }

  /// Takes one step, beginning an episode first where none continues; `nil` once the run has ended.
  ///
  /// - Throws: outcomes of training, and the environment's errors.
  mutating func next() throws -> AgentEvent? {
    guard agent.steps < end else { return nil }
    var episode: EpisodeSummary
    if let own = self.episode, own.end == nil {
      episode = own
    } else {
      agent.begin(try environment.beginEpisode())
      episode = EpisodeSummary()
    }
    let isMeasured =
      measurePeriod > 0 && agent.position.update % measurePeriod == 0
    let action = agent.act(measuring: isMeasured)
    let step = try environment.take(action, in: &episode)
    self.episode = episode
    let updates = try agent.observe(action: action, step, measuring: isMeasured)
    return AgentEvent(
      steps: agent.steps, frames: agent.frames, updates: updates,
      episode: step.end == nil ? nil : episode)
  }

  /// Continues in another environment of the same form, as its next task. An episode that continues is left.
  ///
  /// - Parameter clearingReplay: whether transitions of earlier tasks are forgotten.
  mutating func beginTask(in environment: World, clearingReplay: Bool = false) throws {
    self.environment = environment
    episode = nil
    try agent.beginTask(clearingReplay: clearingReplay)
  }

  /// Adds the agent's state and the environment's. The replay is apart. An agent whose acting and learning overlap must
  /// settle first.
  func save(into state: inout State) throws {
    try agent.save(into: &state)
    let saved = try environment.savedState()
    state.tensors.append(("environment", Tensor(saved.bytes)))
    try state.add("run", Saved(format: saved.format, episode: episode))
  }

  private struct Saved: Codable {
    var format: String
    var episode: EpisodeSummary?
  }

  /// Continues from what a run of the same configuration saved. All or nothing: an error leaves the run as it was.
  ///
  /// The replay is restored by its own means, before or after.
  mutating func restore(_ state: State) throws {
    let saved = try state.value("run", as: Saved.self)
    let bytes = try state.tensor("environment").array(of: UInt8.self)
    let before = try environment.savedState()
    try environment.restore(EnvironmentState(format: saved.format, bytes: bytes))
    do {
      try agent.restore(state)
    } catch {
      try environment.restore(before)
      throw error
    }
    episode = saved.episode
  }
}

/// What one step of a run brought.
struct AgentEvent: Sendable {
  /// Steps taken, this one included.
  var steps: AgentSteps
  /// Frames that they took.
  var frames: Frames
  /// The updates that were made, most often none.
  var updates: [AgentUpdate]
  /// The episode that this step ended.
  var episode: EpisodeSummary?
}
