/// Several hooks as one.
///
/// Rewriting, beginning, boundaries and ``afterGradients(_:)`` go through the hooks in order, and
/// ``afterUpdate(_:)`` goes back through them: the last hook lies closest around the optimizer, the
/// first one acts last, just before the projection. An empty chain costs nothing.
public struct HookChain {
  /// The hooks, outermost first. Names are unique.
  public internal(set) var hooks: [any Hook]

  /// A chain; two hooks of one name are a programmer's mistake.
  public init(_ hooks: [any Hook] = []) {
    let names = hooks.map(\.name)
    precondition(Set(names).count == names.count, "two hooks of one name: \(names)")
    self.hooks = hooks
  }

  /// Whether there is no hook.
  public var isEmpty: Bool { hooks.isEmpty }

  /// Whether any hook may change parameters after the update.
  public var changesParameters: Bool { hooks.contains { $0.changesParameters } }

  /// The network as every hook rewrites it.
  public func rewritten(
    _ network: Sequential, at stage: BuildStage, source: ParameterSource
  ) throws -> Sequential {
    try hooks.reduce(network) { try $1.rewritten($0, at: stage, source: source) }
  }

  /// Prepares every hook; each gets a generator of its own, split by its name.
  public mutating func begin(_ site: HookSite) throws {
    for index in hooks.indices { try hooks[index].begin(site.split(hooks[index].name)) }
  }

  /// The product of all factors.
  public func learningRateFactor(at update: Int) -> Double {
    hooks.reduce(1) { $0 * $1.learningRateFactor(at: update) }
  }

  /// For each parameter the product of all hooks' factors, for hooks that have begun; empty when all are 1.
  public func rateFactors(of parameters: [NamedParameter]) -> [Double] {
    hooks.map { $0.rateFactors(of: parameters) }.filter { !$0.isEmpty }
      .reduce([]) { product, own in product.isEmpty ? own : zip(product, own).map { $0 * $1 } }
  }

  /// Tells every hook that the task has changed.
  public mutating func atBoundary(_ moment: inout TrainingMoment) throws {
    for index in hooks.indices { try hooks[index].atBoundary(&moment) }
  }

  /// Every hook's part before the optimizer.
  public mutating func afterGradients(_ moment: inout TrainingMoment) throws {
    for index in hooks.indices { try hooks[index].afterGradients(&moment) }
  }

  /// Every hook's part after the optimizer, last hook first.
  public mutating func afterUpdate(_ moment: inout TrainingMoment) throws {
    for index in hooks.indices.reversed() { try hooks[index].afterUpdate(&moment) }
  }
}
