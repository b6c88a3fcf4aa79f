import Foundation
public import RunStore

/// Chooses each arm's setting from the runs of a sweep.
public enum Tuning {
  /// The settings a finished sweep chooses: for each arm the value with the best mean score over
  /// the tuning seeds. A value one of whose runs did not finish is not chosen.
  ///
  /// Earlier sweeps of the same preset and base configuration count too, so that a grid can be
  /// widened where the best value lies at its edge: give every arm the same further values.
  ///
  /// - Throws: ``UsageError`` for an arm none of whose values finished on every seed.
  public static func settings<R: Recipe>(
    _ recipe: R.Type, _ comparison: Comparison, key: String, store: Store
  ) throws -> [TunedSetting] {
    let measure = R.tuningMeasure
    let sweeps = try store.comparisons(recipe: comparison.recipe).filter {
      $0.kind == .sweep && $0.preset == comparison.preset
        && $0.configuration == comparison.configuration
    }
    return try comparison.arms.map { arm in
      let entries = sweeps.flatMap(\.entries).filter { $0.arm == arm && $0.overrides[key] != nil }
      var values: [String] = []
      for entry in entries {
        if let value = entry.overrides[key], !values.contains(value) { values.append(value) }
      }
      let candidates = try values.compactMap { text -> TunedSetting.Candidate? in
        guard let value = Double(text) else { return nil }
        var scores: [Int: Double] = [:]
        var unfinished: [Int] = []
        for entry in entries where entry.overrides[key] == text {
          guard scores[entry.seed] == nil else { continue }
          guard entry.status == .finished, let run = entry.run,
            let score = try measure.trend(of: run, in: store).map({ measure.score($0) })
          else {
            if !unfinished.contains(entry.seed) { unfinished.append(entry.seed) }
            continue
          }
          scores[entry.seed] = score
        }
        unfinished.removeAll { scores[$0] != nil }
        return TunedSetting.Candidate(
          value: value, scoreBySeed: scores, unfinishedSeeds: unfinished)
      }
      let sound = candidates.filter { $0.unfinishedSeeds.isEmpty && !$0.scoreBySeed.isEmpty }
      func score(_ candidate: TunedSetting.Candidate) -> Double {
        let mean = Sample(Array(candidate.scoreBySeed.values)).mean
        return measure.higherIsBetter ? mean : -mean
      }
      guard let best = sound.max(by: { score($0) < score($1) }) else {
        throw UsageError(
          "no value of \(key) finished with a value of the measure (\(measure.words)) on every tuning seed in arm \(arm)"
        )
      }
      return TunedSetting(
        comparison: comparison.id, recipe: comparison.recipe, preset: comparison.preset, arm: arm,
        key: key, value: best.value, score: measure.words,
        higherIsBetter: measure.higherIsBetter, candidates: candidates)
    }
  }
}
