import Foundation

/// A handful of measurements of one thing, such as one arm's score for each seed.
public struct Sample: Codable, Hashable, Sendable {
  /// The measurements, as given.
  public let values: [Double]

  /// Takes measurements; NaN and the infinities make every summary not finite.
  public init(_ values: [Double]) { self.values = values }

  /// How many measurements there are.
  public var count: Int { values.count }

  /// Arithmetic mean; NaN when empty.
  public var mean: Double {
    values.isEmpty ? .nan : values.reduce(0, +) / Double(count)
  }

  /// Sample standard deviation, √(Σ(x − x̄)² / (n − 1)); NaN below two measurements.
  public var standardDeviation: Double {
    guard count >= 2 else { return .nan }
    let mean = mean
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(count - 1)).squareRoot()
  }

  /// Standard error of the mean, s/√n; NaN below two measurements.
  public var standardError: Double { standardDeviation / Double(count).squareRoot() }

  /// Student's interval of the mean, x̄ ± t₍(1+c)/2, n−1₎ · s/√n; `nil` below two measurements.
  ///
  /// This is the formula alone; ``Evidence/interval(of:)`` also asks for enough seeds.
  public func meanInterval(confidence: Double = Evidence.confidence) -> ConfidenceInterval? {
    guard count >= 2 else { return nil }
    let t = StudentT(degreesOfFreedom: Double(count - 1)).quantile((1 + confidence) / 2)
    let half = t * standardError
    return ConfidenceInterval(lower: mean - half, upper: mean + half)
  }

  /// Mean of the middle half: the ⌊n/4⌋ smallest and ⌊n/4⌋ largest measurements are left out
  /// (`scipy.stats.trim_mean(x, 0.25)`, as in Agarwal et al. 2021); NaN when empty.
  public var interquartileMean: Double {
    let cut = count / 4
    return Sample(Array(values.sorted()[cut..<(count - cut)])).mean
  }

  /// The middle measurement, or the mean of the two middle ones; NaN when empty.
  public var median: Double {
    guard !values.isEmpty else { return .nan }
    let sorted = values.sorted()
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
  }
}

/// An interval that holds the unknown number with the confidence it was made for.
public struct ConfidenceInterval: Codable, Hashable, Sendable {
  /// The lower end.
  public let lower: Double
  /// The upper end.
  public let upper: Double

  /// States an interval by its ends.
  public init(lower: Double, upper: Double) {
    self.lower = lower
    self.upper = upper
  }

  /// Whether a number lies within, ends included.
  public func contains(_ value: Double) -> Bool { lower <= value && value <= upper }
}
