import Networks

/// The norm of the gradient that an update used, before clipping: of each parameter, and together.
///
/// Source: plotted in Lyle et al. 2024, figure 1.
public struct GradientNorm: Diagnostic {
  public static let name = "gradient-norm"
  public static let summary = "norm of the gradient of the batch's loss"
  public static let source = "Lyle et al. 2024, figure 1"
  public static let metrics = ["gradient_norm"]

  public init() {}

  /// Of the network and of each parameter. Cost: none beyond the update's record.
  public func measure(
    _ subject: DiagnosticSubject
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    guard let update = subject.update else { throw .notGiven("an update was") }
    guard let all = update.entries.joined else { throw .noLayer("trainable parameter") }
    let reading = { (scope: String, entry: StepRecord.Entry) in
      DiagnosticReading(
        "gradient_norm", scope: scope, DiagnosticOutcome(finite: entry.gradientNorm, "the norm"))
    }
    return [reading("", all)] + update.entries.map { reading($0.name, $0) }
  }
}
