import Networks
import Torch

/// The part of a value-learning agent that updates its network, by itself: it can be handed to a thread while the rest
/// acts.
struct ValueUpdate<Trainer: NetworkTrainer> {
  let configuration: ValueAgentConfiguration
  let policy: ValuePolicy
  let device: Device
  /// Draws the noise of every pass.
  let noise: Generator
  let target: Sequential
  var trainer: Trainer
  var position: TrainingPosition

  /// What an update made of a batch.
  struct Outcome {
    var update: AgentUpdate
    /// Of the batch's transitions; `nil` where the replay has none.
    var priorities: [Double]?
    /// The transitions, for the replay.
    var slots: [ReplaySlot]
  }
}
