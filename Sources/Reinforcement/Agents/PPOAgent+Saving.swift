import Environments
import Networks
public import Torch

extension PPOAgent {
  private struct Saved: Codable {
    var counters: Counters
    var choices: SeededGenerator
    var orders: SeededGenerator
    var configuration: PPOConfiguration
  }

  /// Tensors to save between iterations, by unique names: `trainer.…` and `stack.0`, …. The environments' states are
  /// apart.
  ///
  /// - Precondition: no horizon is under way (``settle()``).
  public func savedTensors() -> [(name: String, tensor: Tensor)] {
    precondition(rollout.actions.isEmpty, "savedTensors: settle() comes first")
    return trainer.savedTensors().map { ("trainer.\($0.name)", $0.tensor) }
      + stacks.enumerated().map { ("stack.\($0.offset)", $0.element.saved) }
  }

  /// Small values to save, as JSON by name: `agent`, and `trainer.…`.
  public func savedValues() throws -> [String: String] {
    let saved = Saved(
      counters: counters, choices: choices, orders: orders, configuration: configuration)
    return try AgentState.values(saved, trainer: trainer)
  }

  /// Continues from what an agent of the same configuration saved, bit for bit once its environments are restored, too.
  /// All or nothing: an error leaves the agent as it was.
  ///
  /// - Throws: ``AgentStateError`` for what does not fit, and the trainer's errors.
  public mutating func restore(tensors: [String: Tensor], values: [String: String]) throws {
    let saved = try AgentState.own(Saved.self, in: values)
    guard saved.configuration == configuration else {
      throw AgentStateError("it was saved by an agent of another configuration")
    }
    guard saved.counters.episodes.count == stacks.count else {
      throw AgentStateError(
        "it acted in \(saved.counters.episodes.count) environments, this one in \(stacks.count)")
    }
    var restored = stacks
    for place in stacks.indices {
      guard let state = tensors["stack.\(place)"], stacks[place].accepts(state) else {
        throw AgentStateError(
          "expected a tensor stack.\(place) of observations of shape "
            + "\(specification.observations.shape)")
      }
      restored[place].restore(state)
    }
    try trainer.restore(
      tensors: AgentState.part("trainer.", of: tensors),
      values: AgentState.part("trainer.", of: values))
    stacks = restored
    rollout = Rollout()
    counters = saved.counters
    choices = saved.choices
    orders = saved.orders
  }
}
