import Networks

/// What to do about a row of an audit.
enum AuditAdvice {
  /// `nil` when all is as it should be.
  static func text(for row: AuditReport.Row, isJointlyProjected: Bool) -> String? {
    switch row.verdict {
    case .exact: exact(row)
    case .joint(let partners): joint(row, partners, isJointlyProjected: isJointlyProjected)
    case .partial(let reason): row.isProjected ? partial(reason) : nil
    case .missing(.outputLayer):
      row.isProjected
        ? "leave it out of the projection: give it the role output" : nil
    case .missing(.normalization):
      "put a normalization between it and the next nonlinearity, as normalized(_:) does in a "
        + "sequence; if it ends a residual branch, give it the role residualOutput"
    case .unused: row.isProjected ? "the output does not depend on it; check the input" : nil
    case nil: nil
    }
  }

  private static func exact(_ row: AuditReport.Row) -> String? {
    if row.isProjected { return nil }
    return row.isHiddenWeight
      ? "it is scale-invariant but not projected: its effective learning rate falls as its norm "
        + "grows; add its role to the projection" : nil
  }

  private static func joint(
    _ row: AuditReport.Row, _ partners: [String], isJointlyProjected: Bool
  ) -> String? {
    if partners.allSatisfy(row.names.contains) {
      return isJointlyProjected || !row.isProjected
        ? nil
        : "project the group with Projection(grouping: .joint); separately, the members' ratio "
          + "stays what it was at the start"
    }
    return "a bias is kept before the normalization: drop it, the normalization's offset replaces "
      + "it, or give it the weight's scale group and project jointly"
  }

  private static func partial(_ reason: AuditVerdict.Reason) -> String {
    switch reason {
    case .residualBranch:
      "it feeds a residual sum: projecting it fixes the branch's share; leave it out, or take the "
        + "effective learning rate as approximate"
    case .attentionLogits:
      "its norm sets the sharpness of attention: normalize queries and keys, or let the "
        + "normalizations' scales decay"
    case .normalizationParameter: gainTakenForWeight
    case .notAWeight: "it is no weight: leave it out of the projection"
    case .epsilon:
      "its normalization keeps its own epsilon; read it through NormalizationEpsilon.inForce, so "
        + "that the audit can turn it off"
    }
  }

  /// For scales, offsets and anything else that is no matrix.
  static let gainTakenForWeight =
    "a gain or an offset is taken for a weight: leave it out of the projection, and treat it by "
    + "ScaleAndOffset"
}
