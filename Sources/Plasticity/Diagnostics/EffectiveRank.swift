/// The effective rank of the features: the exponential of the entropy of their singular values.
///
///     erank(Φ) = exp( −Σ_i p_i ln p_i ),   p_i = σ_i / Σ_j σ_j
///
/// Between 1 and min(N, F), a real number; N probes, F features. Unlike ``StableRank`` it counts small
/// singular values by their logarithm; unlike ``SRank`` and ``NumericalRank`` it has no threshold.
/// Source: Roy & Vetterli 2007, "The effective rank", section 2 (natural logarithm).
public struct EffectiveRank: Diagnostic {
  public static let name = "effective-rank"
  public static let summary = "exponential of the entropy of the features' singular values"
  public static let source = "Roy & Vetterli 2007, section 2"
  public static let metrics = ["effective_rank"]

  public init() {}

  /// Cost: a forward pass and the singular values of (N, F), shared by all ranks.
  public func measure(
    _ subject: DiagnosticSubject
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    let rank = try Ranks.effective(subject.featureSpectrum.get())
    return [DiagnosticReading("effective_rank", DiagnosticOutcome(finite: rank, "the rank"))]
  }
}
