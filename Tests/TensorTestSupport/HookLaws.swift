public import Networks
public import Testing
public import Torch

/// The laws of every hook: it does something, a run that is saved and resumed equals one that is not,
/// byte for byte, names are unique, and what is missing is refused.
///
/// - Parameters:
///   - make: a chain of the hook, set so that it acts within nineteen updates.
///   - run: the run of a chain.
public func expectHookLaws(
  _ name: String, _ make: () -> HookChain, run: (HookChain) throws -> HookedRun,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  // 7 stops within the first task, 13 within the second.
  for stop in [7, 13] {
    var whole = try run(make())
    try whole.advance(stop)
    let saved = try whole.state()
    var resumed = try run(make())
    try resumed.restore(saved)
    try whole.advance(19 - stop)
    try resumed.advance(19 - stop)
    expectIdentical(
      try whole.state(), try resumed.state(), "\(name), stopped at \(stop)",
      sourceLocation: sourceLocation)
    #expect(whole.losses.suffix(19 - stop) == resumed.losses[...], sourceLocation: sourceLocation)
  }

  var with = try run(make())
  try with.advance(19)
  var without = try run(HookChain())
  try without.advance(19)
  #expect(
    with.losses != without.losses, "\(name) changes nothing", sourceLocation: sourceLocation)
  #expect(
    with.losses.allSatisfy { $0.isFinite }, "\(name): \(with.losses)",
    sourceLocation: sourceLocation)

  let state = try with.state()
  let names = state.tensors.map(\.name)
  #expect(Set(names).count == names.count, "\(name): \(names)", sourceLocation: sourceLocation)
  var fresh = try run(make())
  for missing in names where missing.hasPrefix("methods.") {
    var part = state
    part.tensors.removeAll { $0.name == missing }
    #expect(
      throws: LoadingError.self, "\(name) without \(missing)", sourceLocation: sourceLocation
    ) { try fresh.restore(part) }
  }
  for missing in state.values.keys where missing.hasPrefix("methods.") {
    var part = state
    part.values[missing] = nil
    #expect(
      throws: LoadingError.self, "\(name) without its memory", sourceLocation: sourceLocation
    ) { try fresh.restore(part) }
  }
  var stranger = state
  stranger.values["methods.stranger"] = "{}"
  #expect(
    throws: LoadingError.self, "\(name) with a stranger's memory", sourceLocation: sourceLocation
  ) { try fresh.restore(stranger) }
}

/// Records an issue for each tensor or memory in which two states differ.
public func expectIdentical(
  _ left: State, _ right: State, _ name: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(left.values == right.values, "\(name)", sourceLocation: sourceLocation)
  #expect(
    left.tensors.map(\.name) == right.tensors.map(\.name), "\(name)",
    sourceLocation: sourceLocation)
  for (one, other) in zip(left.tensors, right.tensors) {
    #expect(
      one.tensor.isIdentical(to: other.tensor), "\(name): \(one.name) differs",
      sourceLocation: sourceLocation)
  }
}
