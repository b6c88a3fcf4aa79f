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

  /// Adds the trainer, and a part `agent` with `stack.0`, …, counters and generators. The environments' states are
  /// apart.
  ///
  /// - Precondition: no horizon is under way (``settle()``).
  public func save(into state: inout State) throws {
    precondition(rollout.actions.isEmpty, "save(into:): settle() comes first")
    try trainer.save(into: &state)
    var own = State()
    own.add("stack", stacks.enumerated().map { ("\($0.offset)", $0.element.saved) })
    try own.add(
      "",
      Saved(counters: counters, choices: choices, orders: orders, configuration: configuration))
    state.add("agent", own)
  }

  /// Continues from what an agent of the same configuration saved, bit for bit once its environments are restored, too.
  /// All or nothing: an error leaves the agent as it was.
  ///
  /// - Throws: `StateError` for what does not fit, and the trainer's errors.
  public mutating func restore(_ state: State) throws {
    let own = state.part("agent")
    let saved = try own.value("", as: Saved.self)
    guard saved.configuration == configuration else {
      throw StateError("it was saved by an agent of another configuration")
    }
    guard saved.counters.episodes.count == stacks.count else {
      throw StateError(
        "it acted in \(saved.counters.episodes.count) environments, this one in \(stacks.count)")
    }
    let frames = own.part("stack").tensorsByName
    var restored = stacks
    for place in stacks.indices {
      guard let saved = frames["\(place)"], stacks[place].accepts(saved) else {
        throw StateError(
          "expected a tensor stack.\(place) of observations of shape "
            + "\(specification.observations.shape)")
      }
      restored[place].restore(saved)
    }
    try trainer.restore(state)
    stacks = restored
    rollout = Rollout()
    counters = saved.counters
    choices = saved.choices
    orders = saved.orders
  }
}
