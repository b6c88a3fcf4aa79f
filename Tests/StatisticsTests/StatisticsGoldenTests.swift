import Foundation
import Testing

@testable import Statistics

/// What scipy and mpmath say of the same numbers; written by `Tools/goldens/statistics.py`.
private struct Golden: Decodable {
  struct Quantile: Decodable { let degrees, probability, value: Double }
  struct Cumulative: Decodable { let degrees, t, value, two_sided: Double }
  struct Beta: Decodable { let x, a, b, value: Double }
  struct Summary: Decodable {
    let values: [Double]
    let mean, standard_deviation, lower, upper, interquartile_mean, median: Double
  }
  struct Pair: Decodable {
    let a, b: [Double]
    let mean, p, lower, upper: Double
  }
  struct Correction: Decodable { let p, adjusted: [Double] }
  struct Fit: Decodable {
    let x, y: [Double]
    let slope, intercept: Double
  }

  let t_quantile: [Quantile]
  let t_cumulative: [Cumulative]
  let incomplete_beta: [Beta]
  let samples: [Summary]
  let pairs: [Pair]
  let holm: [Correction]
  let fits: [Fit]

  static func load() throws -> Golden {
    let file = try #require(
      Bundle.module.url(forResource: "statistics", withExtension: "json", subdirectory: "Goldens"))
    return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
  }
}

private func isClose(_ found: Double, _ expected: Double, relative: Double = 1e-11) -> Bool {
  abs(found - expected) <= relative * abs(expected) + 1e-300
}

@Suite("Statistics beside scipy and mpmath")
struct StatisticsGoldenTests {
  @Test("Quantiles of Student's t")
  func quantiles() throws {
    let golden = try Golden.load().t_quantile
    #expect(golden.count > 100)
    for entry in golden where entry.probability != 0.5 {
      let found = StudentT(degreesOfFreedom: entry.degrees).quantile(entry.probability)
      #expect(isClose(found, entry.value, relative: 1e-9), "\(entry), found \(found)")
    }
    #expect(StudentT(degreesOfFreedom: 3).quantile(0.5) == 0)
    #expect(StudentT(degreesOfFreedom: 3).quantile(1) == .infinity)
  }

  @Test("Probabilities of Student's t")
  func probabilities() throws {
    for entry in try Golden.load().t_cumulative {
      let t = StudentT(degreesOfFreedom: entry.degrees)
      #expect(isClose(t.cumulative(entry.t), entry.value), "\(entry)")
      #expect(isClose(t.twoSidedProbability(entry.t), entry.two_sided), "\(entry)")
    }
  }

  @Test("The regularized incomplete beta function")
  func incompleteBeta() throws {
    for entry in try Golden.load().incomplete_beta {
      let found = regularizedIncompleteBeta(
        entry.x, oneMinus: 1 - entry.x, entry.a, entry.b)
      #expect(isClose(found, entry.value, relative: 1e-11), "\(entry), found \(found)")
    }
    #expect(regularizedIncompleteBeta(0, oneMinus: 1, 2, 3) == 0)
    #expect(regularizedIncompleteBeta(1, oneMinus: 0, 2, 3) == 1)
  }

  @Test("Mean, deviation, interval, interquartile mean and median")
  func summaries() throws {
    for entry in try Golden.load().samples {
      let sample = Sample(entry.values)
      let interval = try #require(sample.meanInterval())
      #expect(isClose(sample.mean, entry.mean))
      #expect(isClose(sample.standardDeviation, entry.standard_deviation))
      #expect(isClose(interval.lower, entry.lower))
      #expect(isClose(interval.upper, entry.upper))
      #expect(isClose(sample.interquartileMean, entry.interquartile_mean))
      #expect(isClose(sample.median, entry.median))
    }
  }

  @Test("Paired differences: mean, interval and p, whatever the order of the seeds")
  func pairs() throws {
    for entry in try Golden.load().pairs {
      let seeds = 10..<(10 + entry.a.count)
      let difference = PairedDifference(
        Dictionary(uniqueKeysWithValues: zip(seeds, entry.a)),
        minus: Dictionary(uniqueKeysWithValues: zip(seeds, entry.b).reversed()))
      #expect(isClose(difference.mean, entry.mean))
      #expect(isClose(try #require(difference.pValue), entry.p, relative: 1e-10))
      #expect(isClose(try #require(difference.interval).lower, entry.lower))
      #expect(isClose(try #require(difference.interval).upper, entry.upper))
    }
  }

  @Test("Holm's correction, in the order given")
  func holm() throws {
    for entry in try Golden.load().holm {
      let found = Holm.adjusted(entry.p)
      for (found, expected) in zip(found, entry.adjusted) { #expect(isClose(found, expected)) }
    }
    #expect(Holm.adjusted([]).isEmpty)
  }

  @Test("The least-squares line")
  func fits() throws {
    for entry in try Golden.load().fits {
      let fit = LeastSquares(zip(entry.x, entry.y).map { ($0, $1) })
      #expect(isClose(fit.slope, entry.slope, relative: 1e-10))
      #expect(isClose(fit.intercept, entry.intercept, relative: 1e-10))
    }
  }
}
