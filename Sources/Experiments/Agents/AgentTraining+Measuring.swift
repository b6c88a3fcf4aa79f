import Networks
import NormalizeAndProject
import Reinforcement
import RunStore
import Torch

extension AgentTraining {
  private func value(
    _ metric: Metric, of scope: String = "", _ visit: Int, _ value: Double
  ) -> MetricValue {
    MetricValue(metric, scope: scope, task: visit, updates: updates, value: value)
  }

  /// What a point of every series holds: returns since the last one, frames, and, once the agent learns, its
  /// last update, norms and effective rates.
  mutating func measurements(_ update: AgentUpdate?, visit: Int) -> [MetricValue] {
    var values = [value(.frames, visit, Double(counters.frames.count))]
    if counters.recentCount > 0 {
      values.append(
        value(.episodeReturn, visit, counters.recentSum / Double(counters.recentCount)))
      (counters.recentSum, counters.recentCount) = (0, 0)
    }
    guard let update else { return values }
    let network = update.network
    values += [
      value(.agentLoss, visit, update.loss), value(.learningRate, visit, network.learningRate),
    ]
    if let mean = update.meanValue { values.append(value(.actionValue, visit, mean)) }
    if let norm = network.gradientNorm { values.append(value(.gradientNorm, visit, norm)) }
    if let norm = network.updateNorm { values.append(value(.updateNorm, visit, norm)) }
    if let norm = network.parameterNorm { values.append(value(.parameterNorm, visit, norm)) }
    return values + effectiveRates(network.learningRate, visit)
      + realisedRates(network.realisedRates ?? [], visit)
  }

  /// What the declared rates came out as, of every hidden weight whose norm and gradient are not 0, and their mean.
  private func realisedRates(_ rates: [Double], _ visit: Int) -> [MetricValue] {
    let each = zip(agent.trainer.parameters, rates).compactMap { parameter, rate -> MetricValue? in
      guard case .weight = parameter.parameter.role, rate.isFinite else { return nil }
      return value(.realisedEffectiveLearningRate, of: parameter.name, visit, rate)
    }
    guard !each.isEmpty else { return [] }
    let mean = each.reduce(0) { $0 + $1.value } / Double(each.count)
    return [value(.realisedEffectiveLearningRate, visit, mean)] + each
  }

  /// The effective learning rate that the schedule declares for every hidden weight, after the update, and their mean.
  private func effectiveRates(_ learningRate: Double, _ visit: Int) -> [MetricValue] {
    let ledger = EffectiveLearningRateLedger(
      scaling: configuration.agent.optimizer.kind == .sgd ? .gradientDescent : .scaleFree)
    var values: [MetricValue] = []
    var sum = 0.0
    for (name, parameter) in agent.trainer.parameters.map({ ($0.name, $0.parameter) }) {
      guard case .weight = parameter.role else { continue }
      let norm = parameter.norm
      let rate = ledger.effectiveLearningRate(learningRate, norm: norm)
      sum += rate
      values += [
        value(.parameterNorm, of: name, visit, norm),
        value(.effectiveLearningRate, of: name, visit, rate),
      ]
    }
    guard !values.isEmpty else { return [] }
    return [value(.effectiveLearningRate, visit, sum / Double(values.count / 2))] + values
  }

  /// What a visit came to: the mean return over its last tenth, or the newest where no episode ended in it, and the
  /// same as a score. Neither where no episode ended in the whole visit.
  func visitMeasurements(_ visit: Int) -> [MetricValue] {
    let late =
      counters.lateCount > 0 ? counters.lateSum / Double(counters.lateCount) : counters.newest
    guard let late else { return [] }
    let scale = configuration.worlds.scale(visit: visit)
    return [value(.visitReturn, visit, late)]
      + (scale.map { [value(.visitScore, visit, $0.score(late))] } ?? [])
  }

  /// The mean return of evaluation episodes and its score, in an environment of their own whose seed depends on the round alone.
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
  /// The first number that a copy of this generator gives, as a seed of something else.
  var firstWord: UInt64 {
    var copy = self
    return copy.next()
  }
}
