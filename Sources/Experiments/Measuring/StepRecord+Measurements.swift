import Networks
import NormalizeAndProject
import Plasticity
import RunStore
import Torch

extension StepRecord {
  /// Everything that a run records of one update, for every kind of run.
  ///
  /// Norms and their ratios of each parameter; realised rates of each scale group of weights; declared rates of
  /// those that are scale-invariant, as NaN with the reason where no formula holds; and each of them for the
  /// network, by the rules of `docs/metrics.md`.
  func measurements(
    _ ledger: EffectiveLearningRateLedger, task: Int, updates: Int
  ) -> [MetricValue] {
    func value(
      _ metric: Metric, of scope: String = "", _ value: Double, reason: String? = nil
    ) -> MetricValue {
      MetricValue(metric, scope: scope, task: task, updates: updates, value: value, reason: reason)
    }
    var values = [value(.learningRate, learningRate)]
    if let all = entries.joined {
      values += [
        value(.gradientNorm, all.gradientNorm), value(.parameterNorm, all.normAfter),
        value(.updateNorm, all.stepNorm), value(.weightChangeNorm, all.changeNorm),
      ]
    }
    for entry in entries {
      values += [
        value(.gradientNorm, of: entry.name, entry.gradientNorm),
        value(.parameterNorm, of: entry.name, entry.normAfter),
      ]
    }
    let weights = entries.filter { ParameterSelection.weights.includes($0.role) }
    let all = weights.joined.map { [(scope: "", entry: $0)] } ?? []
    for (scope, entry) in all + weights.map({ (scope: $0.name, entry: $0) }) {
      values += [
        value(.updateRatio, of: scope, entry.stepRatio),
        value(.weightChangeRatio, of: scope, entry.changeRatio),
        value(.rotation, of: scope, entry.rotation),
      ]
    }
    let hidden = groups(.hidden)
    values += groups(.weights).map {
      value(.realisedEffectiveLearningRate, of: $0.name, $0.realisedRate)
    }
    if let mean = Self.mean(hidden.map(\.realisedRate)) {
      values.append(value(.realisedEffectiveLearningRate, mean))
    }
    let shares = hidden.compactMap { entry -> (name: String, share: Double)? in
      if case .adaptive(let share, _, _) = entry.scaling { (entry.name, share) } else { nil }
    }
    values += shares.map { value(.scaleFreeShare, of: $0.name, $0.share) }
    if let mean = Self.mean(shares.map(\.share)) { values.append(value(.scaleFreeShare, mean)) }

    let rows = ledger.rows(self)
    values += rows.map {
      value(
        .effectiveLearningRate, of: $0.name, $0.declared.value ?? .nan, reason: $0.declared.reason)
    }
    if let mean = Self.mean(rows.map { $0.declared.value ?? .nan }) {
      let reason = rows.lazy.compactMap { row in
        row.declared.reason.map { "\(row.name): \($0)" }
      }.first
      values.append(value(.effectiveLearningRate, mean, reason: reason))
    }
    return values
  }

  private static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}
