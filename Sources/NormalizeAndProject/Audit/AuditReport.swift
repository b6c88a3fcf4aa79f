public import Networks

/// What an audit found: one row per scale group, a verdict on the whole.
public struct AuditReport: Sendable, Hashable {
  /// One scale group.
  public struct Row: Sendable, Hashable {
    /// The group's parameters.
    public var names: [String]
    /// Their roles.
    public var roles: [ParameterRole]
    /// Which of them are projected.
    public var projected: [String]
    /// What scaling does; `nil` for parameters whose scale is no concern of the method.
    public var verdict: AuditVerdict?
    /// The largest relative change of the outputs, scaled by 2 and ½ with ε = 0.
    public var outputChange: Double
    /// The largest relative departure of a parameter's gradient from ∇f(cW) = ∇f(W)/c.
    public var gradientChange: Double
    /// The largest relative change of the outputs with the normalizations' own ε, where the change
    /// with ε = 0 is none.
    public var epsilonEffect: Double?
    /// What to do, when there is something to do.
    public var advice: String?

    /// Whether any of the group is projected.
    public var isProjected: Bool { !projected.isEmpty }

    /// Whether a weight of the group is the method's to normalize and project.
    public var isHiddenWeight: Bool { roles.contains { Projection.Role($0) != nil } }

    /// Whether this group is why the network cannot be called Normalize-and-Project.
    public var isRefusal: Bool {
      switch verdict {
      case .missing(.outputLayer): isProjected
      case .missing(.normalization): isProjected || isHiddenWeight
      default: false
      }
    }
  }

  /// The groups in the network's order.
  public var rows: [Row]

  /// Why the network is not Normalize-and-Project: a norm is missing or an output layer is projected.
  public var refusals: [String] {
    rows.filter(\.isRefusal).map { row in
      row.verdict == .missing(.outputLayer)
        ? "\(row.label) is an output layer and is projected"
        : "no normalization follows \(row.label)"
    }
  }

  /// Whether something is projected and nothing refused.
  public var isNormalizeAndProject: Bool {
    refusals.isEmpty && rows.contains(where: \.isProjected)
  }

  /// The largest change that the normalizations' own ε causes in an invariant group.
  public var largestEpsilonEffect: Double { rows.compactMap(\.epsilonEffect).max() ?? 0 }

  /// The verdict in one sentence.
  public var summary: String {
    let projected = rows.filter(\.isProjected)
    guard !projected.isEmpty else {
      return refusals.isEmpty
        ? "Normalized, not Normalize-and-Project: nothing is projected."
        : "Not Normalize-and-Project: nothing is projected; "
          + refusals.joined(separator: "; ") + "."
    }
    guard refusals.isEmpty else {
      return "Not Normalize-and-Project: \(refusals.joined(separator: "; "))."
    }
    let exact = projected.filter { $0.verdict == .exact }.count
    let notes = rows.filter { $0.advice != nil }.count
    return "Normalize-and-Project: \(exact) of \(projected.count) projected groups are exactly "
      + "scale-invariant; the normalizations' own epsilon changes outputs by up to "
      + "\(AuditReport.short(largestEpsilonEffect))"
      + (notes == 0 ? "." : "; \(notes) \(notes == 1 ? "group has" : "groups have") a note.")
  }
}
