import Foundation
public import RunStore
import Statistics

/// Chooses each arm's settings from the runs of a sweep.
public enum Tuning {
  /// The choice of a finished sweep for an arm.
  public struct Choice: Hashable, Sendable {
    /// The best combination: one value per setting, in the order of the grid.
    public var settings: [TunedSetting]
    /// Its mean score over the tuning seeds.
    public var score: Double
  }

  /// The settings a finished sweep chooses: for each arm the combination with the best mean score over
  /// the tuning seeds. A combination one of whose runs did not finish is not chosen. The candidates of a setting are
  /// its values beside the chosen ones of the others. Where runs visit environments one by one, the score of a seed is
  /// the mean over the environments, and a seed that one of them is left out of does not count.
  ///
  /// Earlier sweeps of the same preset, base configuration and settings count too, so that a grid can be
  /// widened where the best value lies at its edge: give every arm the same further values.
  ///
  /// - Parameter keys: the settings that were swept.
  /// - Throws: ``UsageError`` for an arm none of whose combinations finished on every seed.
  public static func choices<R: Recipe>(
    _ recipe: R.Type, _ comparison: Comparison, keys: [String], store: Store
  ) throws -> [Choice] {
    let sweeps = try store.comparisons(recipe: comparison.recipe).filter {
      $0.kind == .sweep && $0.preset == comparison.preset
        && StoredConfiguration.isSame(R.self, $0.configuration, comparison.configuration)
    }
    let environments = ComparisonPlan.environments(of: comparison)
    let apart = Set(keys + [ComparisonPlan.environmentsKey])
    func rest(_ entry: PlanEntry) -> [String: String] {
      entry.overrides.filter { !apart.contains($0.key) }
    }
    return try comparison.arms.map { arm in
      let fixed = comparison.entries.first { $0.arm == arm }.map(rest) ?? [:]
      let entries = sweeps.flatMap(\.entries).filter { entry in
        let own = entry.overrides[ComparisonPlan.environmentsKey]
        return entry.arm == arm && keys.allSatisfy { entry.overrides[$0] != nil }
          && rest(entry) == fixed && own.map(environments.contains) ?? environments.isEmpty
      }
      return try choice(
        R.self, comparison, arm: arm, cells(R.self, entries, keys, environments, store), keys)
    }
  }

  /// One combination with the scores of its runs.
  private struct Cell {
    var values: [Double]
    /// The scores of a seed, by environment.
    var runs: [Int: [String: Double]] = [:]
    var unfinished: [Int] = []
    /// How many environments a seed has.
    var environmentCount: Int

    var scores: [Int: Double] {
      runs.filter { $0.value.count == environmentCount }
        .mapValues { Sample(Array($0.values)).mean }
    }
    var candidateSeeds: [Int] { unfinished.filter { scores[$0] == nil } }
    var mean: Double? {
      candidateSeeds.isEmpty && !scores.isEmpty ? Sample(Array(scores.values)).mean : nil
    }
  }

  private static func cells<R: Recipe>(
    _ recipe: R.Type, _ entries: [PlanEntry], _ keys: [String], _ environments: [String],
    _ store: Store
  ) throws -> [Cell] {
    var cells: [Cell] = []
    let measure = R.tuningMeasure
    for entry in entries {
      let values = keys.compactMap { entry.overrides[$0].flatMap(Double.init) }
      guard values.count == keys.count else { continue }
      let place = cells.firstIndex { $0.values == values } ?? cells.count
      if place == cells.count {
        cells.append(Cell(values: values, environmentCount: max(environments.count, 1)))
      }
      let own = entry.overrides[ComparisonPlan.environmentsKey] ?? ""
      guard cells[place].runs[entry.seed]?[own] == nil else { continue }
      if entry.status == .finished, let run = entry.run,
        let score = try measure.trend(of: run, in: store).map({ measure.score($0) })
      {
        cells[place].runs[entry.seed, default: [:]][own] = score
      } else if !cells[place].unfinished.contains(entry.seed) {
        cells[place].unfinished.append(entry.seed)
      }
    }
    return cells
  }

  private static func choice<R: Recipe>(
    _ recipe: R.Type, _ comparison: Comparison, arm: String, _ cells: [Cell], _ keys: [String]
  ) throws -> Choice {
    let measure = R.tuningMeasure
    let sign = measure.higherIsBetter ? 1.0 : -1
    let scored = cells.compactMap { cell in cell.mean.map { (cell: cell, mean: $0) } }
    guard let best = scored.max(by: { sign * $0.mean < sign * $1.mean }) else {
      throw UsageError(
        "no value of \(keys.joined(separator: " with ")) finished with a value of the measure "
          + "(\(measure.words)) on every tuning seed in arm \(arm)")
    }
    let settings = keys.indices.map { index in
      let candidates = cells.filter { cell in
        keys.indices.allSatisfy { $0 == index || cell.values[$0] == best.cell.values[$0] }
      }.map {
        TunedSetting.Candidate(
          value: $0.values[index], scoreBySeed: $0.scores, unfinishedSeeds: $0.candidateSeeds)
      }
      return TunedSetting(
        comparison: comparison.id, recipe: comparison.recipe, preset: comparison.preset, arm: arm,
        key: keys[index], value: best.cell.values[index], score: measure.words,
        higherIsBetter: measure.higherIsBetter, candidates: candidates)
    }
    return Choice(settings: settings, score: best.mean)
  }
}
