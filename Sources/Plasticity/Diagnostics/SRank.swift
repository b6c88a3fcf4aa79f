/// srank_δ of the features: how many of the largest singular values make up nearly all of their sum.
///
///     srank_δ(Φ) = min { k : Σ_{i ≤ k} σ_i / Σ_i σ_i ≥ 1 − δ }
///
/// Between 1 and min(N, F), a whole number. Source: Kumar et al. 2021 (arXiv 2010.14498), section 3,
/// with δ = 0.01.
public struct SRank: Diagnostic {
  public static let name = "srank"
  public static let summary = "how many singular values of the features make up 99 % of their sum"
  public static let source = "Kumar et al. 2021, section 3"
  public static let metrics = ["srank"]

  /// δ.
  public var delta: Double

  /// The measure with δ = 0.01.
  public init() { delta = 0.01 }

  /// Cost: as ``EffectiveRank``, shared with it.
  public func measure(
    _ subject: DiagnosticSubject
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    let rank = try Ranks.thresholded(subject.featureSpectrum.get(), delta: delta)
    return [DiagnosticReading("srank", .value(Double(rank)))]
  }
}
