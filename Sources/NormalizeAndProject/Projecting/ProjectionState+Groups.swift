import Networks
import Torch

extension ProjectionState {
  /// Every group that `projection` rescales, with its members' initial norms.
  static func projectedGroups(
    _ projection: Projection, in parameters: [NamedParameter]
  ) throws(ProjectionError) -> [Group] {
    let chosen = parameters.filter { projection.includes($0.parameter) }
    let memberLists: [[NamedParameter]]
    switch projection.grouping {
    case .separate: memberLists = chosen.map { [$0] }
    case .joint:
      let scaledTogether = Dictionary(
        grouping: parameters.filter { canShareNorm($0.parameter) }, by: \.parameter.group)
      var seen: Set<ScaleGroup> = []
      memberLists = chosen.compactMap { parameter in
        let group = parameter.parameter.group
        return seen.insert(group).inserted ? scaledTogether[group] ?? [parameter] : nil
      }
    }
    let norms = Rescaling.norms(of: memberLists.flatMap { $0.map(\.parameter.value) })
    var rest = norms[...]
    var groups: [Group] = []
    for members in memberLists {
      groups.append(Group(members: members, initialNorms: Array(rest.prefix(members.count))))
      rest = rest.dropFirst(members.count)
    }
    for group in groups where !(group.radius.isFinite && group.radius > 0) {
      throw .unusableNorm(parameter: group.name, norm: group.radius, moment: .atInitialization)
    }
    return groups
  }

  /// Whether a parameter may be scaled with the projected weight whose scale group it shares.
  ///
  /// A bias may: a noisy layer's biases belong to the symmetry of its mean and deviation. An output,
  /// a normalization's parameter or an embedding may not.
  private static func canShareNorm(_ parameter: Parameter) -> Bool {
    parameter.role == .bias || Projection.Role(parameter.role) != nil
  }

  /// The learned parameters of each normalization, for the treatments that need them.
  static func learnedNormalizations(
    _ treatment: ScaleAndOffset, in parameters: [NamedParameter]
  ) -> [LearnedNormalization] {
    switch treatment {
    case .none, .free: return []
    case .jointProjection, .decay: break
    }
    let learned = parameters.filter { [.scale, .offset].contains($0.parameter.role) }
    let together = Dictionary(grouping: learned, by: \.parameter.group)
    var seen: Set<ScaleGroup> = []
    return learned.compactMap { first in
      guard seen.insert(first.parameter.group).inserted else { return nil }
      let members = together[first.parameter.group] ?? [first]
      let scales = members.filter { $0.parameter.role == .scale }
      // An offset without a scale starts at norm zero: there is no sphere to return to.
      guard treatment != .jointProjection || !scales.isEmpty else { return nil }
      let featureCount = scales.reduce(0) { $0 + $1.parameter.value.elementCount }
      return LearnedNormalization(
        members: members,
        initialValues: members.map { $0.parameter.value.detached().cloned() },
        radius: Double(featureCount).squareRoot())
    }
  }
}
