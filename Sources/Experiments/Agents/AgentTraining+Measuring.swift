import Environments
import Networks
import Reinforcement
public import RunStore
import Torch

extension AgentTraining {
  /// The values of a point of every series: returns since the last point, frames, and, once the agent learns, its last
  /// update.
  mutating func measurements(_ update: AgentUpdate?, _ moment: LoopMoment) -> [MetricValue] {
    var values = [moment.value(.frames, Double(counters.frames.count))]
    if counters.recentCount > 0 {
      values.append(
        moment.value(.episodeReturn, counters.recentSum / Double(counters.recentCount)))
      (counters.recentSum, counters.recentCount) = (0, 0)
    }
    guard let update else { return values }
    values.append(moment.value(.agentLoss, update.loss))
    if let mean = update.meanValue { values.append(moment.value(.actionValue, mean)) }
    return values
      + (update.network.record?.measurements(ledger, task: moment.task, updates: moment.updates)
        ?? [])
  }

  /// The result of a visit: the mean return over its last tenth, or the newest return if no episode ended there, and
  /// the score. Nothing if no episode ended in the visit.
  func visitMeasurements(_ moment: LoopMoment) -> [MetricValue] {
    let late =
      counters.lateCount > 0 ? counters.lateSum / Double(counters.lateCount) : counters.newest
    guard let late else { return [] }
    let scale = configuration.environments.scale(visit: moment.task)
    return [moment.value(.visitReturn, late)]
      + (scale.map { [moment.value(.visitScore, $0.score(late))] } ?? [])
  }

  /// The mean return of evaluation episodes and its score, in a separate environment whose seed depends only on the
  /// round.
  public func evaluation(after moment: LoopMoment) throws -> [MetricValue] {
    let seed = SeededGenerator(seed: UInt64(bitPattern: Int64(seed))).split(
      "evaluation-\(moment.updates)"
    )
    .firstWord
    var environment = try configuration.environments.environment(
      visit: moment.task, seed: seed, expecting: specification)
    let recording = configuration.recording
    let episodes = try agent.evaluate(
      in: &environment,
      episodes: recording.evaluationEpisodes > 0 ? recording.evaluationEpisodes : .max,
      frames: recording.evaluationFrames, seed: seed
    ) { _, _, _ in try StopRequest.check() }
    let mean = episodes.reduce(0) { $0 + $1.rawReturn } / Double(episodes.count)
    let scale = configuration.environments.scale(visit: moment.task)
    return [moment.value(.evaluationReturn, mean)]
      + (scale.map { [moment.value(.evaluationScore, $0.score(mean))] } ?? [])
  }
}

extension SeededGenerator {
  /// The first number of a copy of this generator, as a seed.
  var firstWord: UInt64 {
    var copy = self
    return copy.next()
  }
}
