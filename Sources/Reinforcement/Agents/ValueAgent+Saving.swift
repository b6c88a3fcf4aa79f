import Environments
import Networks
public import Torch

extension ValueAgent {
  /// Small values of an agent's state.
  private struct Saved: Codable {
    var counters: Counters
    var choices: SeededGenerator
    var draws: SeededGenerator
    var configuration: ValueAgentConfiguration
  }

  /// Tensors to save, by unique names: `trainer.…`, `target.…`, `noise`, `stack`, and of an agent whose acting and
  /// learning overlap `learning-noise`. The replay is apart.
  ///
  /// - Precondition: no update is in progress (``settle()``).
  public func savedTensors() -> [(name: String, tensor: Tensor)] {
    precondition(overlap?.pending == nil, "savedTensors: settle() comes first")
    return trainer.savedTensors().map { ("trainer.\($0.name)", $0.tensor) }
      + target.namedTensors.map { ("target.\($0.name)", $0.tensor) }
      + [("noise", noise.state), ("stack", stack.saved)]
      + (overlap.map { [("learning-noise", $0.noise.state)] } ?? [])
  }

  /// Small values to save, as JSON by name: `agent`, and `trainer.…`.
  public func savedValues() throws -> [String: String] {
    let saved = Saved(
      counters: counters, choices: choices, draws: draws, configuration: configuration)
    return try AgentState.values(saved, trainer: trainer)
  }

  /// Continues from what an agent of the same configuration saved, bit for bit once its replay is restored, too. All or
  /// nothing: an error leaves the agent as it was. Noise that was drawn on another kind of device begins anew.
  ///
  /// - Throws: ``AgentStateError`` for what does not fit, and the trainer's errors.
  public mutating func restore(tensors: [String: Tensor], values: [String: String]) throws {
    let saved = try AgentState.own(Saved.self, in: values)
    guard saved.configuration == configuration else {
      throw AgentStateError("it was saved by an agent of another configuration")
    }
    guard let noiseState = tensors["noise"], let stackState = tensors["stack"] else {
      throw AgentStateError("a tensor noise or stack is missing")
    }
    guard stack.accepts(stackState) else {
      throw AgentStateError(
        "stack is \(stackState.summary), which is no stack of observations of shape "
          + "\(stack.space.shape)")
    }
    // What an update in progress would throw does not matter any more.
    _ = try? settle()
    let before = (
      tensors: savedTensors().map { ($0.name, $0.tensor.cloned()) }, values: try savedValues()
    )
    do {
      try take(saved, noise: noiseState, stack: stackState, tensors, values)
    } catch {
      let own = Dictionary(uniqueKeysWithValues: before.tensors)
      if let noise = own["noise"], let frames = own["stack"] {
        let kept = Saved(
          counters: counters, choices: choices, draws: draws, configuration: configuration)
        try take(kept, noise: noise, stack: frames, own, before.values)
      }
      throw error
    }
  }

  private mutating func take(
    _ saved: Saved, noise noiseState: Tensor, stack stackState: Tensor,
    _ tensors: [String: Tensor], _ values: [String: String]
  ) throws {
    if let overlap {
      guard let state = tensors["learning-noise"] else {
        throw AgentStateError("a tensor learning-noise is missing")
      }
      try overlap.noise.restoreOfThisDevice(state)
    }
    try noise.restoreOfThisDevice(noiseState)
    try target.load(AgentState.part("target.", of: tensors))
    try trainer.restore(
      tensors: AgentState.part("trainer.", of: tensors),
      values: AgentState.part("trainer.", of: values))
    overlap?.actorIsStale = true
    stack.restore(stackState)
    counters = saved.counters
    choices = saved.choices
    draws = saved.draws
  }
}
