import Foundation

/// How one arm differs from another over the seeds that both finished.
public struct PairedDifference: Codable, Hashable, Sendable {
  /// The seeds that both have, in rising order.
  public let seeds: [Int]
  /// The arm's value minus the reference's, one per seed.
  public let differences: Sample
  /// Seeds that only one of the two has.
  public let unpairedSeeds: [Int]

  /// Pairs two arms' values by seed.
  public init(_ values: [Int: Double], minus reference: [Int: Double]) {
    let shared = Set(values.keys).intersection(reference.keys).sorted()
    self.seeds = shared
    self.differences = Sample(
      shared.compactMap { seed in
        guard let value = values[seed], let base = reference[seed] else { return nil }
        return value - base
      })
    self.unpairedSeeds = Set(values.keys).symmetricDifference(reference.keys).sorted()
  }

  /// Differences that were taken already, by seed, and the seeds that only one of both has.
  public init(differences: [Int: Double], unpaired: Set<Int>) {
    self.seeds = differences.keys.sorted()
    self.differences = Sample(differences.sorted { $0.key < $1.key }.map(\.value))
    self.unpairedSeeds = unpaired.sorted()
  }

  /// Mean difference; NaN without a pair.
  public var mean: Double { differences.mean }

  /// Student's interval of the mean difference; `nil` with fewer pairs than
  /// ``Evidence/minimumSeedCount``.
  public var interval: ConfidenceInterval? { Evidence.interval(of: differences) }

  /// The two-sided p-value of the paired t test against 0, uncorrected; see ``pValue(against:)``.
  public var pValue: Double? { pValue(against: 0) }

  /// The two-sided p-value of the paired t test of H₀: the mean difference is `bound`, by t = (mean − bound)/(s/√n)
  /// with n − 1 degrees of freedom; `nil` with fewer pairs than ``Evidence/minimumSeedCount``.
  ///
  /// It is below 1 − c exactly where the interval of confidence c does not hold the bound. Where all differences are
  /// equal, it is 1 if they are the bound, else 0.
  public func pValue(against bound: Double) -> Double? {
    guard differences.count >= Evidence.minimumSeedCount else { return nil }
    if differences.standardDeviation == 0 { return mean == bound ? 1 : 0 }
    return StudentT(degreesOfFreedom: Double(differences.count - 1))
      .twoSidedProbability((mean - bound) / differences.standardError)
  }
}

/// Holm's step-down correction for several comparisons.
public enum Holm {
  /// Adjusted p-values, in the order given: over the sorted p, p̃₍ᵢ₎ = max over j ≤ i of
  /// min(1, (m − j + 1) p₍ⱼ₎). Rejecting where p̃ ≤ α keeps the chance of any false rejection at α.
  ///
  /// Source: Holm 1979.
  public static func adjusted(_ pValues: [Double]) -> [Double] {
    let order = pValues.indices.sorted { pValues[$0] < pValues[$1] }
    var result = pValues
    var largest = 0.0
    for (rank, index) in order.enumerated() {
      largest = max(largest, min(1, Double(pValues.count - rank) * pValues[index]))
      result[index] = largest
    }
    return result
  }
}
