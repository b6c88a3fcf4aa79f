import Dashboard
import Experiments
import Foundation
import RunStore
import Statistics

/// The results of a comparison over games: a row a game, then the averages over all games and seeds.
enum GameTable {
  /// The part of a plan that has one game.
  static func part(of plan: Comparison, game: String) -> Comparison {
    Comparison(
      id: plan.id, kind: plan.kind, recipe: plan.recipe, preset: plan.preset,
      configuration: plan.configuration, provenance: plan.provenance,
      entries: plan.entries.filter { $0.overrides[ComparisonPlan.environmentsKey] == game })
  }

  /// A game's report beside the others: `report.html` is `report-pong.html`.
  static func path(_ path: String, game: String) -> String {
    let url = URL(fileURLWithPath: path)
    let word = game.split(separator: ":").last.map(String.init) ?? game
    let plain = String(word.map { $0.isLetter || $0.isNumber ? $0 : "-" })
    let name = "\(url.deletingPathExtension().lastPathComponent)-\(plain)"
    return url.deletingLastPathComponent().appendingPathComponent(name)
      .appendingPathExtension(url.pathExtension).path
  }

  /// The table.
  static func text<R: Recipe>(
    _ recipe: R.Type, _ plan: Comparison, games: [String], store: Store
  ) throws -> String {
    let measure = R.primaryMeasure
    var scores: [String: [String: [Double]]] = [:]
    for entry in plan.entries where entry.status == .finished {
      guard let game = entry.overrides[ComparisonPlan.environmentsKey], let run = entry.run,
        let trend = try measure.trend(of: run, in: store)
      else { continue }
      scores[entry.arm, default: [:]][game, default: []].append(measure.score(trend))
    }
    return text(scores, arms: plan.arms, games: games, measure: measure.words)
  }

  /// The table of scores by arm and game, one a seed.
  ///
  /// Interquartile mean and median are taken over all games and seeds together, the mean over the games' means.
  /// Source: Agarwal et al. 2021 (arXiv 2108.13264); intervals are left out.
  static func text(
    _ scores: [String: [String: [Double]]], arms: [String], games: [String], measure: String
  ) -> String {
    func cell(_ values: [Double], _ average: (Sample) -> Double) -> String {
      values.isEmpty ? "-" : String(format: "%.3f", average(Sample(values)))
    }
    func row(_ title: String, _ values: (String) -> [Double], _ average: (Sample) -> Double)
      -> [String]
    {
      [title] + arms.map { cell(values($0), average) }
    }
    let all = { (arm: String) in games.flatMap { scores[arm]?[$0] ?? [] } }
    let rows =
      games.map { game in row(game, { scores[$0]?[game] ?? [] }, \.mean) }
      + [
        row("interquartile mean", all, \.interquartileMean), row("median", all, \.median),
        row(
          "mean over games",
          { arm in games.compactMap { scores[arm]?[$0].map { Sample($0).mean } } }, \.mean),
        ["runs"] + arms.map { "\(all($0).count)" },
      ]
    let columns = [TextTable.Column("game", .left)] + arms.map { TextTable.Column($0) }
    return "\(measure), by game (mean over seeds)\n" + TextTable(columns, rows: rows).text
  }
}
