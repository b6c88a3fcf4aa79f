/// How long the units of one layer have been silent, and how long their silences used to be; lengths in updates.
struct FiringHistory: Codable, Sendable, Equatable {
  /// Updates since each unit last fired.
  private(set) var ages: [Int]
  /// The age at which each unit is given up.
  private(set) var thresholds: [Int]
  /// For each unit how many silences of each length, at least 1, ended since the thresholds were last renewed.
  private(set) var silences: [[Int: Int]]

  /// Units that have just fired.
  init(unitCount: Int, threshold: Int) {
    ages = [Int](repeating: 0, count: unitCount)
    thresholds = [Int](repeating: threshold, count: unitCount)
    silences = [[Int: Int]](repeating: [:], count: unitCount)
  }

  /// Takes in one update: a silence ends with firing, or grows.
  mutating func observe(_ fired: [Bool]) {
    for unit in ages.indices {
      if fired[unit] { endSilence(of: unit) } else { ages[unit] += 1 }
    }
  }

  /// Marks the units that have been silent up to their threshold, and resets their counts.
  mutating func takeSilent() -> [Bool] {
    ages.indices.map { unit in
      guard ages[unit] >= thresholds[unit] else { return false }
      endSilence(of: unit)
      return true
    }
  }

  private mutating func endSilence(of unit: Int) {
    if ages[unit] > 0 { silences[unit][ages[unit], default: 0] += 1 }
    ages[unit] = 0
  }

  /// Sets each threshold to the smallest length that a share of the unit's silences stayed within, 1 where it had none,
  /// if that is below the old one, and else to the old one times an expansion; forgets the silences.
  mutating func renewThresholds(keeping share: Double, expansion: Double, largest: Int) {
    for unit in ages.indices {
      let quantile = Self.quantile(silences[unit], share)
      let wanted =
        quantile < thresholds[unit]
        ? quantile : Int(min(expansion * Double(thresholds[unit]), Double(largest)))
      thresholds[unit] = max(1, min(wanted, largest))
      silences[unit] = [:]
    }
  }

  /// The smallest length that at least `share` of the counted ones do not pass; 1 for none.
  static func quantile(_ counts: [Int: Int], _ share: Double) -> Int {
    let total = counts.values.reduce(0, +)
    var sum = 0
    for (length, count) in counts.sorted(by: { $0.key < $1.key }) {
      sum += count
      if Double(sum) / Double(total) >= share { return length }
    }
    return 1
  }
}
