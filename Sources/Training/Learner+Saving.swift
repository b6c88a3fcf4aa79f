import Networks
import NormalizeAndProject
public import Torch

/// A learner's state: the parts `network`, `optimizer`, `projection` and `methods`.
extension Learner: Stateful {
  /// Adds network, optimizer, initial norms and the methods' state. Processes that share an optimizer out save
  /// together.
  public func save(into state: inout State) throws {
    state.add("network", network.namedTensors, mustBeFinite: true)
    let all = try (optimizer as? ShardedOptimizer)?.gathered(parameters.map(\.parameter))
    state.add(
      "optimizer", (all ?? optimizer.state).namedTensors(parameters: parameters.map(\.name)))
    try state.add("projection", projection)
    if !hooks.isEmpty { try state.add("methods", hooks) }
  }

  /// Continues from a state of the same design; other parts are left alone. An error leaves the learner as it was.
  ///
  /// Cost: for its duration the memory of another learner.
  public mutating func restore(_ state: State) throws {
    try allOrNothing(state) { try $0.take($1) }
  }

  private mutating func take(_ state: State) throws {
    watch = LossWatch()
    // Norms and values to return to become others, which a recording has as they were.
    stepCapture = StepCapture()
    try network.load(state.part("network").tensorsByName)
    var restored = optimizer.state
    var saved = state.part("optimizer").tensorsByName
    if optimizer is ShardedOptimizer {
      // Each process takes its own share.
      let own = Set(restored.namedTensors(parameters: parameters.map(\.name)).map(\.name))
      saved = saved.filter { own.contains($0.key) }
    }
    try restored.load(saved, parameters: parameters.map(\.name))
    optimizer.state = restored
    try projection.restore(state.part("projection"))
    try hooks.restore(state.part("methods"))
  }
}
