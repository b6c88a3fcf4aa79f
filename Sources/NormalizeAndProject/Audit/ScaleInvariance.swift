public import Networks
public import Torch

/// Which weights of a network are scale-invariant, alone or together with others: what an audit finds, by one
/// derivative.
///
/// A function f is invariant to the scale of W exactly when it does not change along W (Euler's identity):
///
///     f(cW) = f(W) for every c > 0   ⇔   ⟨∇_W f, W⟩ = 0 at every W
///
/// The network is moved off its values as in ``audit(_:input:projecting:forward:)``, its normalizations' ε is 0,
/// and a random projection of its outputs is differentiated in float64. A weight is invariant where the cosine
/// between W and its gradient is below 1e-9 and the gradient is not 0. Where it is not, its scale group is
/// tried, then also the biases and deviations of its module.
///
/// Source: T1 of METHOD 2. It agrees with the audit's scalings, which take some passes a group and say why a
/// group is not invariant.
public struct ScaleInvariance: Sendable, Hashable {
  /// The names of parameters that scale together without effect: one for a weight that is invariant alone.
  /// In the network's order; each holds a hidden weight.
  public var groups: [[String]]

  /// Groups known otherwise; none for a network without normalization.
  public init(groups: [[String]] = []) { self.groups = groups }

  /// Finds the invariant hidden weights of a network.
  ///
  /// - Parameters:
  ///   - module: any module; it is not changed.
  ///   - input: a batch of inputs, a few are enough; floating point is converted to float64.
  ///   - forward: the module's outputs before any final softmax, the same at every call: noise frozen.
  /// - Throws: ``AuditError``.
  /// - Cost: two forward passes and a backward one in float64, and float64 copies of parameters and gradients.
  public init(
    of module: any Module, input: Tensor, forward: @escaping (Tensor) -> Tensor
  ) throws(AuditError) {
    let input64 = input.dtype.isFloatingPoint ? input.converted(to: .float64) : input
    let result: Result<[[String]], AuditError> = module.withCopies(in: .float64) {
      do throws(AuditError) {
        return .success(try Self.groups(of: module, input: input64, forward: forward))
      } catch {
        return .failure(error)
      }
    }
    groups = try result.get()
  }

  private static func groups(
    of module: any Module, input: Tensor, forward: @escaping (Tensor) -> Tensor
  ) throws(AuditError) -> [[String]] {
    let parameters = module.namedParameters
    AuditExamination.perturb(parameters)
    let probe = try AuditProbe(
      parameters: parameters.map(\.parameter), input: input, epsilon: 0, forward: forward)
    let slopes = RadialSlopes(parameters, gradients: probe.start.gradients)
    let neighbours = AuditExamination.neighbours(in: module, parameters)
    let byGroup = Dictionary(grouping: parameters, by: \.parameter.group)
    var found: [[String]] = []
    var seen: Set<ScaleGroup> = []
    for named in parameters
    where Projection.Role(named.parameter.role) != nil
      && seen.insert(named.parameter.group).inserted
    {
      let group = byGroup[named.parameter.group] ?? [named]
      let weights = group.filter { Projection.Role($0.parameter.role) != nil }
      let partners = neighbours[ObjectIdentifier(named.parameter)] ?? []
      if weights.allSatisfy({ slopes.vanish(along: [$0]) }) {
        found += weights.map { [$0.name] }
      } else if group.count > 1, slopes.vanish(along: group) {
        found.append(group.map(\.name))
      } else if !partners.isEmpty, slopes.vanish(along: group + partners) {
        found.append((group + partners).map(\.name))
      }
    }
    return found
  }
}

/// ⟨g, W⟩, ‖g‖² and ‖W‖² of every parameter at one point.
private struct RadialSlopes {
  private let values: [ObjectIdentifier: (product: Double, gradient: Double, weight: Double)]

  init(_ parameters: [NamedParameter], gradients: [Tensor]) {
    values = Dictionary(
      uniqueKeysWithValues: zip(parameters, gradients).map { named, gradient in
        let weight = named.parameter.value.detached()
        return (
          ObjectIdentifier(named.parameter),
          (
            (gradient * weight).sum().item, (gradient * gradient).sum().item,
            (weight * weight).sum().item
          )
        )
      })
  }

  /// Whether outputs depend on these parameters and do not change along all of them together.
  func vanish(along group: [NamedParameter]) -> Bool {
    let parts = group.compactMap { values[ObjectIdentifier($0.parameter)] }
    let product = parts.reduce(0) { $0 + $1.product }
    let gradient = parts.reduce(0) { $0 + $1.gradient }
    let weight = parts.reduce(0) { $0 + $1.weight }
    guard gradient > 0, weight > 0 else { return false }
    return abs(product) <= AuditExamination.tolerance * (gradient * weight).squareRoot()
  }
}
