import Environments
import Networks
import Reinforcement
import RunStore
import Torch

extension AgentTraining {
  private func value(
    _ metric: Metric, of scope: String = "", _ visit: Int, _ value: Double
  ) -> MetricValue {
    MetricValue(metric, scope: scope, task: visit, updates: updates, value: value)
  }

  /// The values of a point of every series: returns since the last point, frames, and, once the agent learns, its last
  /// update.
  mutating func measurements(_ update: AgentUpdate?, visit: Int) -> [MetricValue] {
    var values = [value(.frames, visit, Double(counters.frames.count))]
    if counters.recentCount > 0 {
      values.append(
        value(.episodeReturn, visit, counters.recentSum / Double(counters.recentCount)))
      (counters.recentSum, counters.recentCount) = (0, 0)
    }
    guard let update else { return values }
    values.append(value(.agentLoss, visit, update.loss))
    if let mean = update.meanValue { values.append(value(.actionValue, visit, mean)) }
    return values
      + (update.network.record?.measurements(ledger, task: visit, updates: updates) ?? [])
  }

  /// The result of a visit: the mean return over its last tenth, or the newest return if no episode ended there, and
  /// the score. Nothing if no episode ended in the visit.
  func visitMeasurements(_ visit: Int) -> [MetricValue] {
    let late =
      counters.lateCount > 0 ? counters.lateSum / Double(counters.lateCount) : counters.newest
    guard let late else { return [] }
    let scale = configuration.worlds.scale(visit: visit)
    return [value(.visitReturn, visit, late)]
      + (scale.map { [value(.visitScore, visit, $0.score(late))] } ?? [])
  }

  /// The mean return of evaluation episodes and its score, in a separate environment whose seed depends only on the
  /// round.
  func evaluation(visit: Int) throws -> [MetricValue] {
    let seed = SeededGenerator(seed: UInt64(bitPattern: Int64(seed))).split("evaluation-\(updates)")
      .firstWord
    var world = try configuration.worlds.world(visit: visit, seed: seed, expecting: specification)
    let recording = configuration.recording
    let episodes = try agent.evaluate(
      in: &world, episodes: recording.evaluationEpisodes > 0 ? recording.evaluationEpisodes : .max,
      frames: recording.evaluationFrames, seed: seed
    ) { _, _, _ in try StopRequest.check() }
    let mean = episodes.reduce(0) { $0 + $1.rawReturn } / Double(episodes.count)
    let scale = configuration.worlds.scale(visit: visit)
    return [value(.evaluationReturn, visit, mean)]
      + (scale.map { [value(.evaluationScore, visit, $0.score(mean))] } ?? [])
  }
}

extension SeededGenerator {
  /// The first number of a copy of this generator, as a seed.
  var firstWord: UInt64 {
    var copy = self
    return copy.next()
  }
}
