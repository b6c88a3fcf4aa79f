import Foundation
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

  /// Tensors to save, by unique names: `trainer.…`, `target.…`, `noise`, `stack`. The replay is apart.
  public func savedTensors() -> [(name: String, tensor: Tensor)] {
    trainer.savedTensors().map { ("trainer.\($0.name)", $0.tensor) }
      + target.namedTensors.map { ("target.\($0.name)", $0.tensor) }
      + [("noise", noise.state), ("stack", stack.saved)]
  }

  /// Small values to save, as JSON by name: `agent`, and `trainer.…`.
  public func savedValues() throws -> [String: String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let saved = Saved(
      counters: counters, choices: choices, draws: draws, configuration: configuration)
    var values = ["agent": String(decoding: try encoder.encode(saved), as: UTF8.self)]
    for (name, value) in try trainer.savedValues() { values["trainer.\(name)"] = value }
    return values
  }

  /// Goes on from what an agent of the same configuration saved, bit for bit once its replay is restored, too. All or
  /// nothing: an error leaves the agent as it was.
  ///
  /// - Throws: ``AgentStateError`` for what does not fit, and the trainer's errors.
  public mutating func restore(tensors: [String: Tensor], values: [String: String]) throws {
    guard let text = values["agent"] else {
      throw AgentStateError("the value agent is missing")
    }
    let saved: Saved
    do {
      saved = try JSONDecoder().decode(Saved.self, from: Data(text.utf8))
    } catch {
      throw AgentStateError("the value agent cannot be read: \(error)")
    }
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
    try noise.restore(noiseState)
    try target.load(SavedParts.part("target.", of: tensors))
    try trainer.restore(
      tensors: SavedParts.part("trainer.", of: tensors),
      values: SavedParts.part("trainer.", of: values))
    stack.restore(stackState)
    counters = saved.counters
    choices = saved.choices
    draws = saved.draws
  }
}

/// A saved state of an agent that cannot be gone on from.
public struct AgentStateError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was expected and found.
  public let reason: String

  /// An error.
  public init(_ reason: String) { self.reason = reason }

  /// One sentence.
  public var description: String { "the saved agent does not fit: \(reason)" }
}
