/// What scaling a group of parameters does to a network.
public enum AuditVerdict: Sendable, Hashable {
  /// Nothing: the network is invariant to the scale of each projected parameter of the group alone.
  case exact
  /// Nothing, as long as these parameters are scaled with it.
  case joint(with: [String])
  /// Something, for a reason that lies in the architecture.
  case partial(Reason)
  /// Something that the method does not allow for.
  case missing(Cause)
  /// The output does not depend on it.
  case unused

  /// Why a network is not invariant to a scale though it is normalized.
  public enum Reason: Sendable, Hashable {
    /// It feeds a residual sum: its scale sets the branch's share.
    case residualBranch
    /// It makes queries or keys that are not normalized: its scale sets the sharpness of attention.
    case attentionLogits
    /// It is the scale or offset of a normalization, which nothing normalizes afterwards.
    case normalizationParameter
    /// It is a bias, an embedding or a deviation, whose scale alone is no symmetry.
    case notAWeight
    /// The normalization after it has an ε of its own that cannot be turned off.
    case epsilon
  }

  /// What makes a projection more than a change of scale.
  public enum Cause: Sendable, Hashable {
    /// Nothing normalizes what it computes before the next nonlinearity.
    case normalization
    /// What it computes is the network's output.
    case outputLayer
  }

  /// The verdict in a word or three.
  public var description: String {
    switch self {
    case .exact: "exact"
    case .joint(let others): "joint with \(others.joined(separator: ", "))"
    case .partial(.residualBranch): "partial: residual branch"
    case .partial(.attentionLogits): "partial: attention logits"
    case .partial(.normalizationParameter): "partial: a norm's own parameter"
    case .partial(.notAWeight): "partial: not a weight"
    case .partial(.epsilon): "exact but for a fixed epsilon"
    case .missing(.normalization): "missing: no normalization"
    case .missing(.outputLayer): "missing: output layer"
    case .unused: "unused"
    }
  }
}

/// Which parameters an audit takes to be projected.
public enum AuditedProjection: Sendable, Hashable {
  /// Those that a projection chooses by their roles.
  case roles(Projection)
  /// Those of these names, each alone: to examine what another program projects.
  case names(Set<String>)
}

/// Why a network cannot be audited.
public enum AuditError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Two forward passes on one input differed.
  case notDeterministic
  /// The forward pass failed in float64.
  case doesNotRun(reason: String)
  /// Outputs or gradients are not finite at ε = 0.
  case notFinite
  /// The outputs are all zero, so no relative change can be measured.
  case zeroOutput
  /// Names that are to be projected but that the network does not have.
  case unknownNames([String])

  /// One sentence: what was found, and what to try.
  public var description: String {
    switch self {
    case .notDeterministic:
      "cannot audit: two forward passes on the same input gave different outputs; freeze the noise "
        + "and turn dropout off"
    case .doesNotRun(let reason):
      "cannot audit: the forward pass failed on float64 copies of the parameters: \(reason); it must "
        + "not convert its inputs to another element type"
    case .notFinite:
      "cannot audit: outputs or gradients are not finite with the normalizations' epsilon at 0; "
        + "give inputs whose features differ, so that no variance is zero"
    case .zeroOutput: "cannot audit: every output is zero; give other inputs"
    case .unknownNames(let names):
      "cannot audit: the network has no parameter named \(names.joined(separator: ", "))"
    }
  }
}
