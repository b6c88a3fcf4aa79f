import Foundation
package import RunStore
import Statistics

/// The scores of a plan over games: a row a game, then the averages over all games and seeds.
package struct GameResults {
  /// Scores by arm, game and seed.
  package var scores: [String: [String: [Int: Double]]]
  /// The arms, in the order shown.
  package var arms: [String]
  /// The games, in the order shown.
  package var games: [String]
  /// What the scores are.
  package var measure: PrimaryMeasure

  /// States results by their scores.
  package init(
    scores: [String: [String: [Int: Double]]], arms: [String], games: [String],
    measure: PrimaryMeasure
  ) {
    self.scores = scores
    self.arms = arms
    self.games = games
    self.measure = measure
  }

  /// An average over all games and seeds.
  private struct Average {
    var title: String
    var value: (GroupedSample) -> Double
    var interval: (GroupedSample) -> ConfidenceInterval?

    /// Source: Agarwal et al. 2021 (arXiv 2108.13264).
    static var all: [Average] {
      [
        Average(
          title: "interquartile mean", value: { $0.all.interquartileMean },
          interval: { $0.interval(of: \.interquartileMean) }),
        Average(
          title: "median", value: { $0.all.median }, interval: { $0.interval(of: \.median) }),
        Average(
          title: "mean over games", value: { Sample($0.groups.map(\.mean)).mean },
          interval: { _ in nil }),
      ]
    }
  }

  /// The games of an arm that have a score.
  private func sample(_ arm: String) -> GroupedSample {
    GroupedSample(games.compactMap { scores[arm]?[$0].map { Sample(Array($0.values)) } })
  }

  private func number(_ value: Double) -> String { String(format: "%.3f", value) }

  /// The table: means by game, then interquartile mean and median over all games and seeds together with bootstrap
  /// intervals, and the mean over the games' means.
  package var text: String {
    let samples = arms.map(sample)
    let rows =
      games.map { game in
        [game]
          + arms.map { arm in
            scores[arm]?[game].map { number(Sample(Array($0.values)).mean) } ?? "-"
          }
      }
      + Average.all.map { average in
        [average.title]
          + samples.map { sample in
            guard sample.all.count > 0 else { return "-" }
            let interval = average.interval(sample).map {
              " (\(number($0.lower)) to \(number($0.upper)))"
            }
            return number(average.value(sample)) + (interval ?? "")
          }
      } + [["runs"] + samples.map { "\($0.all.count)" }]
    let columns = [TextTable.Column("game", .left)] + arms.map { TextTable.Column($0) }
    let rule =
      samples.contains { Average.all[0].interval($0) != nil }
      ? "95 % intervals by stratified bootstrap over the seeds of each game."
      : "Intervals need \(Evidence.minimumSeedCount) seeds in every game."
    return "\(measure.words), by game (mean over seeds)\n"
      + TextTable(columns, rows: rows).text + rule + "\n"
  }

  /// The report of all games.
  package func report(_ plan: Comparison, pages: [String], tuned: [TunedSetting]) -> ReportInput {
    var rows = arms.flatMap { arm in
      games.map { game in
        BaselinesPanel.Row(base: arm, methods: game, scoreBySeed: scores[arm]?[game] ?? [:])
      }
    }
    for average in Average.all.prefix(1) {
      rows += arms.compactMap { arm in
        let sample = sample(arm)
        guard sample.all.count > 0 else { return nil }
        return BaselinesPanel.Row(
          base: arm, methods: average.title, average: average.value(sample),
          interval: average.interval(sample))
      }
    }
    var panel = BaselinesPanel(
      title: "Score by game", valueTitle: measure.words, higherIsBetter: measure.higherIsBetter,
      rows: rows)
    panel.isByGame = true
    let chosen = plan.kind == .sweep ? " Each arm has the values that the sweep chose." : ""
    var input = ReportInput(
      title: "\(games.count) games: \(arms.joined(separator: ", "))",
      kicker: "\(plan.recipe) · \(plan.preset)",
      summary:
        "Made from \(games.joined(separator: ", ")). The measure is \(measure.words).\(chosen)",
      measure: measure, arms: [],
      panels: [.baselines(panel)]
        + Set(tuned.map(\.key)).sorted().map { key in
          .sweep(
            SweepPanel(
              title: "Choosing \(key)", axisTitle: key, settings: tuned.filter { $0.key == key }))
        },
      commands: [plan.provenance.shellCommand])
    input.listings = [("By game", text)]
    if !pages.isEmpty {
      input.listings.append(("Reports of single games", pages.joined(separator: "\n")))
    }
    return input
  }
}
