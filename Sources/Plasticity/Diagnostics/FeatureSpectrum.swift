import Foundation
import Torch

/// Singular values of the features, which the four ranks are made of.
///
/// Φ is (N, F): a row a probe, not centred. In float64, directly from Φ, since squaring it would lose
/// half of the digits of the small ones. There are min(N, F) of them, so no rank exceeds the number of
/// probes.
enum FeatureSpectrum {
  /// More elements than a decomposition is tried on.
  static let elementLimit = 1 << 24

  static func measured(_ subject: DiagnosticSubject) -> Result<[Double], UndefinedReason> {
    do throws(UndefinedReason) {
      try subject.require(examples: 2)
      guard let features = subject.trace.features else { throw .noLayer("layer with parameters") }
      guard features.elementCount <= elementLimit else {
        throw .tooLarge("features of \(features.shape[0]) x \(features.shape[1])")
      }
      return .success(withoutGradients { values(of: features) })
    } catch { return .failure(error) }
  }

  /// Largest first.
  static func values(of matrix: Tensor) -> [Double] {
    matrix.detached().converted(to: .float64).singularValues().doubles.sorted(by: >)
  }
}

/// Ranks made of singular values, largest first. Each throws where all are zero: such a matrix has
/// no directions to count.
enum Ranks {
  /// exp(−Σ p ln p) with p = σ / Σσ (Roy & Vetterli 2007, section 2).
  static func effective(_ values: [Double]) throws(UndefinedReason) -> Double {
    let total = try sum(values)
    let entropy = values.reduce(0.0) { sum, value in
      let p = value / total
      return p > 0 ? sum - p * log(p) : sum
    }
    return exp(entropy)
  }

  /// Σσ² / σ₁².
  static func stable(_ values: [Double]) throws(UndefinedReason) -> Double {
    _ = try sum(values)
    let largest = values.first ?? 0
    return values.reduce(0.0) { $0 + ($1 / largest) * ($1 / largest) }
  }

  /// The least k with Σ_{i≤k} σ_i ≥ (1 − δ) Σσ (Kumar et al. 2021, section 3).
  static func thresholded(_ values: [Double], delta: Double) throws(UndefinedReason) -> Int {
    let total = try sum(values)
    var part = 0.0
    for (index, value) in values.enumerated() {
      part += value
      if part >= (1 - delta) * total { return index + 1 }
    }
    return values.count
  }

  private static func sum(_ values: [Double]) throws(UndefinedReason) -> Double {
    let total = values.reduce(0, +)
    guard total.isFinite else { throw .notFinite("a singular value") }
    guard total > 0 else { throw .zero("every singular value is zero") }
    return total
  }
}
