import Networks
import Torch

/// One audit in progress, on float64 copies.
struct AuditExamination {
  /// Relative changes up to this are rounding.
  static let tolerance = 1e-9

  private let parameters: [NamedParameter]
  private let neighbours: [ObjectIdentifier: [NamedParameter]]
  private let projecting: AuditedProjection
  private let exact: AuditProbe
  private let actual: AuditProbe

  /// Moves the parameters off their values and evaluates with ε = 0 and with the real one.
  init(
    _ module: any Module, input: Tensor, projecting: AuditedProjection,
    forward: @escaping (Tensor) -> Tensor
  ) throws(AuditError) {
    parameters = module.namedParameters
    neighbours = Self.neighbours(in: module, parameters)
    self.projecting = projecting
    if case .names(let names) = projecting {
      let unknown = names.subtracting(parameters.map(\.name))
      guard unknown.isEmpty else { throw .unknownNames(unknown.sorted()) }
    }
    Self.perturb(parameters)
    let all = parameters.map(\.parameter)
    exact = try AuditProbe(parameters: all, input: input, epsilon: 0, forward: forward)
    actual = try AuditProbe(parameters: all, input: input, epsilon: nil, forward: forward)
  }

  /// One row per scale group, in the network's order.
  mutating func report() throws(AuditError) -> AuditReport {
    let groups = Dictionary(grouping: parameters, by: \.parameter.group)
    var seen: Set<ScaleGroup> = []
    var rows: [AuditReport.Row] = []
    for named in parameters where seen.insert(named.parameter.group).inserted {
      rows.append(try row(for: groups[named.parameter.group] ?? [named]))
    }
    return AuditReport(rows: rows)
  }

  private func isProjected(_ named: NamedParameter) -> Bool {
    switch projecting {
    case .roles(let projection): projection.includes(named.parameter)
    case .names(let names): names.contains(named.name)
    }
  }

  private func row(for group: [NamedParameter]) throws(AuditError) -> AuditReport.Row {
    let projected = group.filter(isProjected)
    var row = AuditReport.Row(
      names: group.map(\.name), roles: group.map(\.parameter.role),
      projected: projected.map(\.name), verdict: nil, outputChange: 0, gradientChange: 0,
      epsilonEffect: nil, advice: nil)
    guard row.isProjected || row.isHiddenWeight || row.roles.contains(.scale) else { return row }
    let (verdict, scaled, change) = try judge(group, projected: projected)
    row.verdict = verdict
    row.outputChange = change.output
    row.gradientChange = change.gradient
    switch verdict {
    case .exact, .joint: row.epsilonEffect = try actual.change(scaling: scaled).output
    case .partial, .missing, .unused: break
    }
    row.advice =
      projected.contains { $0.parameter.value.dimensionCount < 2 }
      ? AuditAdvice.gainTakenForWeight
      : AuditAdvice.text(for: row, isJointlyProjected: isJoint)
    return row
  }

  private var isJoint: Bool {
    if case .roles(let projection) = projecting { projection.grouping == .joint } else { false }
  }

  /// The verdict on a group, the parameters that were scaled for it, and what that changed.
  private func judge(
    _ group: [NamedParameter], projected: [NamedParameter]
  ) throws(AuditError) -> (AuditVerdict, [Parameter], AuditProbe.Change) {
    let members = group.map(\.parameter)
    let first = (projected.first ?? group[0]).parameter
    guard exact.depends(on: members) else { return (.unused, members, .init()) }
    // Each projected parameter alone: what a separate projection does.
    var worst = AuditProbe.Change()
    for named in projected.isEmpty ? group : projected {
      let change = try exact.change(scaling: [named.parameter])
      worst.output = max(worst.output, change.output)
      worst.gradient = max(worst.gradient, change.gradient)
    }
    if worst.isWithin(Self.tolerance) { return (.exact, [first], worst) }
    // The whole scale group, then also the biases and deviations of the same module.
    if group.count > 1 {
      let change = try exact.change(scaling: members)
      if change.isWithin(Self.tolerance) {
        let partners = group.filter { $0.parameter !== first }.map(\.name)
        return (.joint(with: partners), members, change)
      }
    }
    let partners = neighbours[ObjectIdentifier(first)] ?? []
    let family = members + partners.map(\.parameter)
    if !partners.isEmpty {
      let change = try exact.change(scaling: family)
      if change.isWithin(Self.tolerance) {
        return (.joint(with: partners.map(\.name)), family, change)
      }
    }
    return (try explanation(of: first, family: family, change: worst), [first], worst)
  }

  /// Why scaling changes the outputs.
  private func explanation(
    of parameter: Parameter, family: [Parameter], change: AuditProbe.Change
  ) throws(AuditError) -> AuditVerdict {
    switch parameter.role {
    case .output: return .missing(.outputLayer)
    case .scale, .offset: return .partial(.normalizationParameter)
    case .bias, .embedding: return .partial(.notAWeight)
    case .residualOutput: return .partial(.residualBranch)
    case .attentionLogit: return .partial(.attentionLogits)
    case .weight, .noise: break
    }
    if try exact.isAffine(in: parameter, tolerance: Self.tolerance) {
      return .missing(.outputLayer)
    }
    // What an ε that stays on does falls with the square of the scale and grows as that shrinks. A nonlinearity
    // that is homogeneous at infinity falls, too, but it is so near zero as well.
    let far = try exact.change(scaling: family, base: 1024)
    guard far.output <= change.output * 1e-5 else { return .missing(.normalization) }
    let near = try exact.change(scaling: family, base: 1.0 / 1024)
    return near.output > change.output ? .partial(.epsilon) : .missing(.normalization)
  }

  /// For each parameter the biases and deviations of the module that owns it, outside its scale group.
  static func neighbours(
    in module: any Module, _ parameters: [NamedParameter]
  ) -> [ObjectIdentifier: [NamedParameter]] {
    let named = Dictionary(
      uniqueKeysWithValues: parameters.map { (ObjectIdentifier($0.parameter), $0) })
    var found: [ObjectIdentifier: [NamedParameter]] = [:]
    func collect(_ owner: any Module) {
      var own: [Parameter] = []
      for part in owner.parts {
        switch part {
        case .parameter(_, let parameter): own.append(parameter)
        case .module(_, let inner): collect(inner)
        case .buffer: break
        }
      }
      for parameter in own {
        found[ObjectIdentifier(parameter)] = own.compactMap { other in
          let isPartner = other.role == .bias || other.role == .noise
          return isPartner && other.group != parameter.group ? named[ObjectIdentifier(other)] : nil
        }
      }
    }
    collect(module)
    return found
  }

  /// Adds noise of a tenth of each parameter's root mean square; of a tenth to those that are zero.
  static func perturb(_ parameters: [NamedParameter]) {
    let generator = Generator(seed: 0).split("audit").split("perturbation")
    for named in parameters {
      let value = named.parameter.value.detached()
      guard value.dtype.isFloatingPoint, value.elementCount > 0 else { continue }
      let size = value.norm.item / Double(value.elementCount).squareRoot()
      let noise = Tensor.normal(
        value.shape, generator: generator.split(named.name), dtype: .float64
      ).moved(to: value.device)
      named.parameter.assign(value + noise * (0.1 * (size > 0 ? size : 1)))
    }
  }
}
