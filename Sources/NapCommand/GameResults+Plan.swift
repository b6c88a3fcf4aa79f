import Dashboard
import Experiments
import RunStore

extension GameResults {
  /// The finished runs of a plan; `nil` where it has fewer than two games.
  ///
  /// - Parameter settings: of a sweep: the runs with these values.
  init?<R: Recipe>(
    _ recipe: R.Type, _ plan: Comparison, chosen settings: [TunedSetting] = [], store: Store
  ) throws {
    let games = ComparisonPlan.environments(of: plan)
    guard games.count > 1 else { return nil }
    let measure = plan.kind == .sweep ? R.tuningMeasure : R.primaryMeasure
    var scores: [String: [String: [Int: Double]]] = [:]
    for entry in plan.entries where entry.status == .finished {
      let isChosen = settings.filter { $0.arm == entry.arm }.allSatisfy {
        entry.overrides[$0.key].flatMap(Double.init) == $0.value
      }
      guard isChosen, let game = entry.overrides[ComparisonPlan.environmentsKey],
        let run = entry.run, let trend = try measure.trend(of: run, in: store)
      else { continue }
      scores[entry.arm, default: [:]][game, default: [:]][entry.seed] = measure.score(trend)
    }
    self.init(scores: scores, arms: plan.arms, games: games, measure: measure)
  }

  /// The part of a plan that has one game.
  static func part(of plan: Comparison, game: String) -> Comparison {
    Comparison(
      id: plan.id, kind: plan.kind, recipe: plan.recipe, preset: plan.preset,
      configuration: plan.configuration, provenance: plan.provenance,
      entries: plan.entries.filter { $0.overrides[ComparisonPlan.environmentsKey] == game })
  }
}
