/// The stable rank of the features: their squared Frobenius norm by their squared spectral norm.
///
///     srank(Φ) = ‖Φ‖_F² / ‖Φ‖₂² = Σ_i σ_i² / σ_1²
///
/// Between 1 and min(N, F), a real number. Hardly moved by small singular values. Not to be mixed up
/// with ``SRank``, for which some papers use the same word.
/// Source: Rudelson & Vershynin 2007, section 1.
public struct StableRank: Diagnostic {
  public static let name = "stable-rank"
  public static let summary = "squared Frobenius norm of the features by the spectral one"
  public static let source = "Rudelson & Vershynin 2007, section 1"
  public static let metrics = ["stable_rank"]

  public init() {}

  /// Cost: as ``EffectiveRank``, shared with it.
  public func measure(
    _ subject: DiagnosticSubject
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    let rank = try Ranks.stable(subject.featureSpectrum.get())
    return [DiagnosticReading("stable_rank", DiagnosticOutcome(finite: rank, "the rank"))]
  }
}
