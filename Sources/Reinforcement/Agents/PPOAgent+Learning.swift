import Environments
import Networks
import Torch

extension PPOAgent {
  /// Several updates from one horizon.
  ///
  /// - Throws: outcomes of training.
  mutating func learn(
    from rollout: Rollout, measuring: Bool, _ iteration: inout PPOIteration
  ) throws {
    let advantages = rollout.advantages(
      discount: configuration.discount, trace: configuration.trace)
    let returns = zip(advantages, rollout.values).map { $0 + $1 }
    let states = Tensor.concatenated(rollout.states)
    var parts = PendingNumbers()
    let count = rollout.actions.count
    for _ in 0..<configuration.epochs {
      let order = orders.permutation(of: count)
      for start in stride(from: 0, to: count, by: configuration.batchSize) {
        let rows = Array(order[start..<min(start + configuration.batchSize, count)])
        func column(_ values: [Double]) -> Tensor {
          Tensor(rows.map { values[$0] }, dtype: .float32, device: device)
        }
        var advantages_B = column(advantages)
        if configuration.normalizesAdvantages, rows.count > 1 {
          let deviation = advantages_B.standardDeviation() + 1e-8
          advantages_B = (advantages_B - advantages_B.mean()) / deviation
        }
        let batch = Batch(
          states: states[Tensor(rows, device: device)],
          actions: tensor(of: rows.map { rollout.actions[$0] }),
          oldLogProbabilities_B: column(rollout.logProbabilities),
          oldValues_B: column(rollout.values), returns_B: column(returns),
          advantages_B: advantages_B)
        try update(batch, measuring: measuring, &iteration, &parts)
      }
    }
    let updates = Double(max(1, iteration.updates.count))
    let numbers = parts.take()
    func mean(_ part: Int) -> Double {
      stride(from: part, to: numbers.count, by: 3).reduce(0) { $0 + numbers[$1] } / updates
    }
    (iteration.policyLoss, iteration.valueLoss, iteration.entropy) = (mean(0), mean(1), mean(2))
  }

  /// Transitions of one update.
  private struct Batch {
    let states: Tensor
    let actions: Tensor
    let oldLogProbabilities_B: Tensor
    let oldValues_B: Tensor
    let returns_B: Tensor
    let advantages_B: Tensor
  }

  private mutating func update(
    _ batch: Batch, measuring: Bool, _ iteration: inout PPOIteration, _ parts: inout PendingNumbers
  ) throws {
    let own = self
    let (results, update) = try trainer.update(
      on: [
        batch.states, batch.actions, batch.oldLogProbabilities_B, batch.oldValues_B,
        batch.returns_B, batch.advantages_B,
      ], drawing: [], at: counters.position, isMeasured: measuring, afterLoss: {}
    ) { network, numbers in
      own.computed(
        network,
        Batch(
          states: numbers[0], actions: numbers[1], oldLogProbabilities_B: numbers[2],
          oldValues_B: numbers[3], returns_B: numbers[4], advantages_B: numbers[5]),
        measuring: measuring)
    }
    counters.position.update += 1
    counters.position.updateInTask += 1
    for part in results[1...3] { parts.append(part) }
    iteration.updates.append(
      AgentUpdate(
        updates: counters.position.update, loss: results[0],
        meanValue: measuring ? results[4].item : nil, network: update))
  }

  /// The loss of transitions, its three parts, and when measuring the mean value.
  private func computed(_ network: Sequential, _ batch: Batch, measuring: Bool) -> [Tensor] {
    let (policy_BP, values_B) = split(network(batch.states))
    let (log_B, entropy_B) = judged(policy_BP, batch.actions)
    let policyLoss = PolicyLearning.clippedLoss(
      logProbabilities_B: log_B, oldLogProbabilities_B: batch.oldLogProbabilities_B,
      advantages_B: batch.advantages_B,
      clip: configuration.clip
    ).mean()
    let valueLoss = PolicyLearning.valueLoss(
      values_B: values_B, oldValues_B: batch.oldValues_B, returns_B: batch.returns_B,
      clip: configuration.valueClip
    ).mean()
    let entropy = entropy_B.mean()
    let loss =
      policyLoss + valueLoss * configuration.valueWeight - entropy * configuration.entropyWeight
    let parts = [loss, policyLoss, valueLoss, entropy]
    return measuring ? parts + [withoutGradients { values_B.detached().mean() }] : parts
  }
}
