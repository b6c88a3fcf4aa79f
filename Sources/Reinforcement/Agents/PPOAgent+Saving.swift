import Foundation
import Networks
public import Torch

extension PPOAgent {
  private struct Saved: Codable {
    var counters: Counters
    var choices: SeededGenerator
    var orders: SeededGenerator
    var configuration: PPOConfiguration
  }

  /// Tensors to save between iterations, by unique names: `trainer.…` and `stack.0`, …. The environments' states are apart.
  public func savedTensors() -> [(name: String, tensor: Tensor)] {
    trainer.savedTensors().map { ("trainer.\($0.name)", $0.tensor) }
      + stacks.enumerated().map { ("stack.\($0.offset)", $0.element.saved) }
  }

  /// Small values to save, as JSON by name: `agent`, and `trainer.…`.
  public func savedValues() throws -> [String: String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let saved = Saved(
      counters: counters, choices: choices, orders: orders, configuration: configuration)
    var values = ["agent": String(decoding: try encoder.encode(saved), as: UTF8.self)]
    for (name, value) in try trainer.savedValues() { values["trainer.\(name)"] = value }
    return values
  }

  /// Goes on from what an agent of the same configuration saved, bit for bit once its environments are restored, too. All
  /// or nothing: an error leaves the agent as it was.
  ///
  /// - Throws: ``AgentStateError`` for what does not fit, and the trainer's errors.
  public mutating func restore(tensors: [String: Tensor], values: [String: String]) throws {
    guard let text = values["agent"] else { throw AgentStateError("the value agent is missing") }
    let saved: Saved
    do {
      saved = try JSONDecoder().decode(Saved.self, from: Data(text.utf8))
    } catch {
      throw AgentStateError("the value agent cannot be read: \(error)")
    }
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
      tensors: SavedParts.part("trainer.", of: tensors),
      values: SavedParts.part("trainer.", of: values))
    stacks = restored
    counters = saved.counters
    choices = saved.choices
    orders = saved.orders
  }

  /// Plays whole episodes without learning, actions drawn from the policy as in training. Nothing of the agent changes.
  ///
  /// - Parameters:
  ///   - environment: one of its own.
  ///   - episodes: how many.
  ///   - seed: of actions.
  /// - Throws: the environment's errors.
  public func evaluate<World: Environment>(
    in environment: inout World, episodes: Int, seed: UInt64
  ) throws -> [EpisodeSummary] {
    var generator = SeededGenerator(seed: seed).split("actions")
    var stack = FrameStack(specification.observations)
    return try (0..<episodes).map { _ in
      var episode = EpisodeSummary()
      stack.begin(try environment.reset())
      while episode.end == nil {
        let (logits_BA, _) = evaluated(stack.states(on: device))
        let action = Self.drawn(logits_BA.softmax(axis: 1).doubles, &generator)
        let step = try environment.step(action)
        stack.append(step.observation)
        episode.add(step)
      }
      return episode
    }
  }
}

/// What was saved under a prefix, without it.
enum SavedParts {
  static func part<Value>(_ prefix: String, of all: [String: Value]) -> [String: Value] {
    var found: [String: Value] = [:]
    for (name, value) in all where name.hasPrefix(prefix) {
      found[String(name.dropFirst(prefix.count))] = value
    }
    return found
  }
}
