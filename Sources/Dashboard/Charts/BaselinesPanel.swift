import RunStore
import Statistics

/// The measure of baseline methods on each base arm: one row per method, one colour per base arm. The caption has the
/// spread over the methods of each arm (METHOD 3.4, figure 5 of the paper). Or that of games, one row per game.
public struct BaselinesPanel: Hashable, Sendable {
  /// One method on one base arm.
  public struct Row: Hashable, Sendable {
    /// The base arm, such as `nap`.
    public let base: String
    /// Its methods, such as `redo`; `none` for the base arm alone.
    public let methods: String
    /// The measure of each seed that finished.
    public let scoreBySeed: [Int: Double]
    /// An average that is no mean over these seeds, such as one over all games.
    var average: Double?
    /// The interval of the average.
    var interval: ConfidenceInterval?

    /// The average, or the mean over seeds; `nil` without any.
    public var mean: Double? {
      average
        ?? (scoreBySeed.isEmpty
          ? nil : scoreBySeed.values.reduce(0, +) / Double(scoreBySeed.count))
    }

    /// States a row by the scores of its seeds, or by an average alone.
    init(
      base: String, methods: String, scoreBySeed: [Int: Double] = [:], average: Double? = nil,
      interval: ConfidenceInterval? = nil
    ) {
      self.base = base
      self.methods = methods
      self.scoreBySeed = scoreBySeed
      self.average = average
      self.interval = interval
    }
  }

  /// The spread of the methods of one base arm.
  public struct Spread: Hashable, Sendable {
    /// The base arm.
    public let base: String
    /// The number of methods that finished on it, including the arm alone.
    public let count: Int
    /// The lowest mean.
    public let lowest: Double
    /// The highest mean.
    public let highest: Double
    /// The standard deviation of the means, over count − 1.
    public let deviation: Double
  }

  /// The text of ``Row/methods`` for a base arm alone.
  public static let noMethods = "none"

  /// The figure's title.
  public var title = "Baseline methods on each arm"
  /// The title of the numbers.
  public var valueTitle: String
  /// Whether more is better.
  public var higherIsBetter: Bool
  /// Every method on every base arm.
  public var rows: [Row]
  /// Whether rows are games: they keep their order, and have no spread.
  public var isByGame = false

  /// The base arms in the order of their first row.
  public var bases: [String] {
    rows.reduce(into: []) { if !$0.contains($1.base) { $0.append($1.base) } }
  }

  /// The spread of each base arm on which two methods or more finished.
  public var spreads: [Spread] {
    bases.compactMap { base in
      let means = rows.filter { $0.base == base }.compactMap(\.mean)
      guard means.count > 1, let lowest = means.min(), let highest = means.max() else {
        return nil
      }
      return Spread(
        base: base, count: means.count, lowest: lowest, highest: highest,
        deviation: Sample(means).standardDeviation)
    }
  }

  /// The methods, ordered by their best result on any arm.
  var methods: [String] {
    if isByGame {
      return rows.map(\.methods).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
    var best: [String: Double] = [:]
    for row in rows {
      guard let mean = row.mean else { continue }
      let score = higherIsBetter ? mean : -mean
      best[row.methods] = max(best[row.methods] ?? -.infinity, score)
    }
    return best.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
  }

  /// What the marks mean, and the spreads.
  var subtitle: [String] {
    if isByGame {
      let bar = rows.contains { $0.interval != nil } ? "; bar: 95 % bootstrap interval" : ""
      return ["one point per seed, a stroke for the average\(bar)"]
    }
    return ["one point per seed, a stroke for their mean"]
      + spreads.map {
        "\($0.base): \($0.count) from \(Format.fixed($0.lowest)) to \(Format.fixed($0.highest)), "
          + "standard deviation \(Format.fixed($0.deviation))"
      }
  }
}
