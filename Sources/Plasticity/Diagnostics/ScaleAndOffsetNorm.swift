import Networks

/// The joint norm of a normalization's learned gain and shift.
///
///     ‖[σ, μ]‖ = √( ‖σ‖² + ‖μ‖² )
///
/// for each scale group, and over all of them. It starts at √d for d features, where joint projection
/// keeps it. Source: METHOD section 4, after Lyle et al. 2024.
public struct ScaleAndOffsetNorm: Diagnostic {
  public static let name = "scale-offset-norm"
  public static let summary = "joint norm of each normalization's learned gain and shift"
  public static let source = "Lyle et al. 2024"
  public static let metrics = ["scale_offset_norm"]

  public init() {}

  /// Of all groups and of each, under the name of its first parameter. Cost: one pass over them.
  public func measure(
    _ subject: DiagnosticSubject
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    let places = subject.parameters.indices.filter {
      switch subject.parameters[$0].parameter.role {
      case .scale, .offset: true
      default: false
      }
    }
    guard !places.isEmpty else { throw .noLayer("learned gain or shift") }
    let norms = subject.norms.each
    var groups: [(group: ScaleGroup, name: String, square: Double)] = []
    for place in places {
      let parameter = subject.parameters[place]
      let square = norms[place] * norms[place]
      if let known = groups.firstIndex(where: { $0.group == parameter.parameter.group }) {
        groups[known].square += square
      } else {
        groups.append((parameter.parameter.group, parameter.name, square))
      }
    }
    let total = groups.reduce(0) { $0 + $1.square }.squareRoot()
    return [
      DiagnosticReading("scale_offset_norm", DiagnosticOutcome(finite: total, "the norm"))
    ]
      + groups.map {
        DiagnosticReading(
          "scale_offset_norm", scope: $0.name,
          DiagnosticOutcome(finite: $0.square.squareRoot(), "the norm"))
      }
  }
}
