/// Why a projection cannot be set up, applied or restored.
public enum ProjectionError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The norm of a parameter, or of the group it stands in, is zero or not finite.
  case unusableNorm(parameter: String, norm: Double, moment: Moment)
  /// The saved initial norms or values do not belong to this network.
  case doesNotFit(problems: [String])

  /// When a norm was found unusable.
  public enum Moment: String, Sendable {
    case atInitialization = "at initialization"
    case afterUpdate = "after the update"
  }

  /// One sentence: what was found, and what to try.
  public var description: String {
    switch self {
    case .unusableNorm(let parameter, let norm, let moment):
      let remedy =
        switch (moment, norm == 0) {
        case (.atInitialization, true):
          "initialize it with other than zeros, or give it a role that is not projected"
        case (.afterUpdate, true): "an update made it zero; look at what changes it"
        default: "training diverged; lower the learning rate or clip the gradients"
        }
      return "the norm of \(parameter) is \(norm) \(moment.rawValue); a projection needs one that "
        + "is finite and above zero: \(remedy)"
    case .doesNotFit(let problems):
      let shown = problems.prefix(5).joined(separator: "; ")
      let more = problems.count > 5 ? "; and \(problems.count - 5) more" : ""
      return "the saved projection does not fit this network: \(shown)\(more)"
    }
  }
}
