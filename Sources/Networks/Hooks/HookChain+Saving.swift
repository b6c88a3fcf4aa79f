public import Torch

/// A chain's state: each hook's tensors in a part of the hook's name, and its memory as that part's value.
extension HookChain: Stateful {
  /// Every hook's tensors as `HOOK.NAME`, in order.
  public var savedTensors: [(name: String, tensor: Tensor)] {
    hooks.flatMap { hook in
      hook.savedTensors.map { (name: "\(hook.name).\($0.name)", tensor: $0.tensor) }
    }
  }

  /// Adds every hook's tensors, and its memory where it has one.
  public func save(into state: inout State) throws {
    for hook in hooks {
      state.add(hook.name, hook.savedTensors)
      try Self.saveMemory(hook, into: &state)
    }
  }

  /// Continues from what a chain of the same hooks saved; this one has begun.
  ///
  /// - Throws: ``LoadingError`` naming what is missing, left over or of another form.
  public mutating func restore(_ state: State) throws {
    let parts = hooks.map { state.part($0.name) }
    let strangers = (Array(state.values.keys) + state.tensors.map(\.name)).filter { key in
      !hooks.contains { key == $0.name || key.hasPrefix("\($0.name).") }
    }
    guard strangers.isEmpty else {
      throw LoadingError(
        problems: strangers.sorted().map { "\($0) belongs to no method of this run" })
    }
    for (index, part) in parts.enumerated() {
      hooks[index] = try Self.restored(hooks[index], part)
    }
  }

  private static func saveMemory<H: Hook>(_ hook: H, into state: inout State) throws {
    if H.Memory.self != NoMemory.self { try state.add(hook.name, hook.memory) }
  }

  private static func restored<H: Hook>(_ hook: H, _ part: State) throws -> H {
    var hook = hook
    if H.Memory.self != NoMemory.self {
      guard let text = part.values[""] else {
        throw LoadingError(problems: ["the memory of \(hook.name) is missing"])
      }
      do {
        hook.memory = try part.value("")
      } catch {
        throw LoadingError(
          problems: ["the memory of \(hook.name) is \(text.prefix(60)), not its counters"])
      }
    }
    try hook.restore(part.tensorsByName)
    return hook
  }
}
