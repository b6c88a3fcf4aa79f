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

  /// Adds the trainer, and a part `agent` with `target.…`, `noise`, `stack`, counters and generators, and
  /// `learning-noise` if acting and learning overlap. The replay is apart.
  ///
  /// - Precondition: no update is in progress (``settle()``).
  public func save(into state: inout State) throws {
    precondition(overlap?.pending == nil, "save(into:): settle() comes first")
    try trainer.save(into: &state)
    var own = State()
    own.add("target", target.namedTensors)
    own.tensors += [("noise", noise.state), ("stack", stack.saved)]
    if let overlap { own.tensors.append(("learning-noise", overlap.noise.state)) }
    try own.add(
      "",
      Saved(counters: counters, choices: choices, draws: draws, configuration: configuration))
    state.add("agent", own)
  }

  /// Continues from what an agent of the same configuration saved, bit for bit once its replay is restored, too. All or
  /// nothing: an error leaves the agent as it was. Noise that was drawn on another kind of device begins anew.
  ///
  /// - Throws: `StateError` for what does not fit, and the trainer's errors.
  public mutating func restore(_ state: State) throws {
    // What an update in progress would throw does not matter any more.
    _ = try? settle()
    try allOrNothing(state) { try $0.take($1) }
  }

  private mutating func take(_ state: State) throws {
    let own = state.part("agent")
    let saved = try own.value("", as: Saved.self)
    guard saved.configuration == configuration else {
      throw StateError("it was saved by an agent of another configuration")
    }
    let frames = try own.tensor("stack")
    guard stack.accepts(frames) else {
      throw StateError(
        "stack is \(frames.summary), which is no stack of observations of shape "
          + "\(stack.space.shape)")
    }
    try overlap?.noise.restoreOfThisDevice(own.tensor("learning-noise"))
    try noise.restoreOfThisDevice(own.tensor("noise"))
    try target.load(own.part("target").tensorsByName)
    try trainer.restore(state)
    overlap?.actorIsStale = true
    stack.restore(frames)
    counters = saved.counters
    choices = saved.choices
    draws = saved.draws
  }
}
