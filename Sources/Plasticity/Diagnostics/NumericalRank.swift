import Torch

/// The numerical rank of the features: how many singular values of Φ/√N are above ε.
///
///     |{ σ ∈ SVD(Φ / √N) : σ > ε }|
///
/// Between 0 and min(N, F), a whole number; unlike the other ranks it depends on the features' scale.
/// Source: Lyle et al. 2022 (arXiv 2204.09560), definition of feature rank, with ε = 0.01.
public struct NumericalRank: Diagnostic {
  public static let name = "numerical-rank"
  public static let summary = "how many singular values of the features / sqrt(N) are above 0.01"
  public static let source = "Lyle et al. 2022 (arXiv 2204.09560)"
  public static let metrics = ["numerical_rank"]

  /// ε.
  public var threshold: Double

  /// The measure with ε = 0.01.
  public init() { threshold = 0.01 }

  /// Cost: as ``EffectiveRank``, shared with it.
  public func measure(
    _ subject: DiagnosticSubject
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    let values = try subject.featureSpectrum.get()
    guard values.allSatisfy(\.isFinite) else { throw .notFinite("a singular value") }
    let scale = Double(subject.probes.shape[0]).squareRoot()
    let rank = values.count { $0 / scale > threshold }
    return [DiagnosticReading("numerical_rank", .value(Double(rank)))]
  }
}
