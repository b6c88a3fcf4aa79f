import Networks
import Torch

// B batch, A actions, N what is predicted of one action, M what its target has.

extension ValueAgent {
  /// One update from a batch of the replay.
  ///
  /// - Parameter measuring: whether norms and values are wanted.
  /// - Throws: outcomes of training, and what the replay refuses, such as being empty.
  public mutating func learn(measuring: Bool = false) throws -> AgentUpdate {
    try learn(from: batch(), measuring: measuring)
  }

  /// One update from a given batch, whose priorities are changed where the replay has them.
  ///
  /// - Throws: outcomes of training.
  public mutating func learn(from batch: ReplayBatch, measuring: Bool = false) throws -> AgentUpdate
  {
    try settle()
    var update = valueUpdate
    let outcome = try update.learn(from: batch, measuring: measuring)
    trainer = update.trainer
    counters.position = update.position
    takeIn(outcome)
    overlap?.actorIsStale = true
    return outcome.update
  }

  /// A batch of the replay.
  mutating func batch() throws -> ReplayBatch {
    try replay.sample(
      configuration.batchSize,
      weightExponent: configuration.weightExponent.value(stored: replay.storedCount),
      generator: &draws, device: device)
  }

  /// The part that updates the network, as things stand.
  var valueUpdate: ValueUpdate<Trainer> {
    ValueUpdate(
      configuration: configuration, policy: policy, device: device,
      noise: overlap?.noise ?? noise, target: target, trainer: trainer, position: counters.position)
  }

  /// Gives the replay a batch's new priorities.
  mutating func takeIn(_ outcome: ValueUpdate<Trainer>.Outcome) {
    guard let priorities = outcome.priorities else { return }
    replay.setPriorities(priorities, of: outcome.slots)
  }
}

extension ValueUpdate {
  /// One update from a batch.
  ///
  /// - Parameter mayWrite: called when the loss is computed, before the network is changed.
  mutating func learn(
    from batch: ReplayBatch, measuring: Bool, mayWrite: () -> Void = {}
  ) throws -> Outcome {
    let isPrioritized = configuration.replay.sampling == .prioritized
    let own = self
    let (results, update) = try trainer.update(
      on: [
        batch.states, batch.actions, batch.returns, batch.discounts, batch.nextStates,
        batch.weights,
      ], drawing: [noise], at: position, isMeasured: measuring,
      afterLoss: mayWrite
    ) { network, numbers in
      own.computed(
        network,
        ReplayBatch(
          states: numbers[0], actions: numbers[1], returns: numbers[2], discounts: numbers[3],
          nextStates: numbers[4], weights: numbers[5], slots: []), measuring: measuring)
    }
    position.update += 1
    position.updateInTask += 1
    return Outcome(
      update: AgentUpdate(
        updates: position.update, loss: results[0],
        meanValue: measuring ? results[results.count - 1].item : nil, network: update),
      priorities: isPrioritized ? results[1].doubles : nil, slots: batch.slots)
  }

  /// The loss of a batch, its transitions' priorities where the replay has them, and when measuring the mean value of
  /// their later states.
  private func computed(_ network: Sequential, _ batch: ReplayBatch, measuring: Bool) -> [Tensor] {
    // No graph is recorded of what makes the target.
    let (target_BM, value_B) = withoutGradients {
      target(network, of: batch, measuring: measuring)
    }
    let online = policy.outputs(network, batch.states, random: noise)
    let predicted_BN = QLearning.chosen(online.outputs_BAN, actions_B: batch.actions)
    let losses_B = losses(predicted_BN, fractions: online.fractions, target_BM: target_BM)
    let loss = (losses_B * batch.weights).mean()
    return withoutGradients {
      let isPrioritized = configuration.replay.sampling == .prioritized
      let priorities_B = isPrioritized ? [priorities(losses_B, predicted_BN, target_BM)] : []
      return [loss] + priorities_B + (value_B.map { [$0.mean()] } ?? [])
    }
  }

  /// What the predictions are to become (B, M), and the best action's value at the later state.
  private func target(
    _ network: Sequential, of batch: ReplayBatch, measuring: Bool
  ) -> (target_BM: Tensor, value_B: Tensor?) {
    let isSampled = policy.distribution.implicit != nil
    var selector_BA: Tensor?
    if configuration.munchausen == nil, configuration.isDouble || isSampled {
      // Implicit quantiles choose by fractions of their own, of the target network unless double.
      let (outputs, _) = policy.outputs(
        configuration.isDouble ? network : target, batch.nextStates, isActing: true,
        random: noise)
      selector_BA = policy.values(outputs)
    }
    let (outputs_BAM, _) = policy.outputs(target, batch.nextStates, random: noise)
    let (returns_B, discounts_B) = (batch.returns, batch.discounts)
    func best(_ values_BA: Tensor) -> Tensor? {
      measuring ? values_BA.maximumValues(axes: [1]) : nil
    }
    if let munchausen = configuration.munchausen {
      let (earlier, _) = policy.outputs(target, batch.states, random: noise)
      let bonus_B = munchausen.bonus(
        values_BA: policy.values(earlier), actions_B: batch.actions)
      let target_BM = munchausen.target(
        returns_B: returns_B, discounts_B: discounts_B, bonus_B: bonus_B, outputs_BAM: outputs_BAM)
      return (target_BM, measuring ? best(policy.values(outputs_BAM)) : nil)
    }
    let chooser_BA = selector_BA ?? policy.values(outputs_BAM)
    let target_BM =
      if let support_N = policy.support_N {
        CategoricalLearning.target(
          returns_B: returns_B, discounts_B: discounts_B, selector_BA: chooser_BA,
          logits_BAN: outputs_BAM, support_N: support_N)
      } else {
        QuantileLearning.target(
          returns_B: returns_B, discounts_B: discounts_B, selector_BA: chooser_BA,
          quantiles_BAM: outputs_BAM)
      }
    return (target_BM, best(chooser_BA))
  }

  private func losses(_ predicted_BN: Tensor, fractions: Tensor?, target_BM: Tensor) -> Tensor {
    switch policy.distribution.kind {
    case .scalar:
      QLearning.huberLoss(
        predictions_B: predicted_BN.squeezed(axis: 1), targets_B: target_BM.squeezed(axis: 1),
        threshold: configuration.huberThreshold)
    case .categorical:
      CategoricalLearning.crossEntropy(logits_BN: predicted_BN, target_BN: target_BM)
    case .quantile, .implicitQuantile:
      QuantileLearning.huberLoss(
        predictions_BN: predicted_BN,
        fractions: fractions ?? QuantileFractions.midpoints(predicted_BN.shape[1], device: device),
        targets_BM: target_BM, threshold: configuration.huberThreshold)
    }
  }

  /// The losses, and for scalar values the size of their errors (Schaul et al. 2016); the replay bounds them to 0 …
  /// 100.
  private func priorities(
    _ losses_B: Tensor, _ predicted_BN: Tensor, _ target_BM: Tensor
  ) -> Tensor {
    policy.distribution.kind == .scalar
      ? (predicted_BN.detached() - target_BM).absolute().squeezed(axis: 1) : losses_B.detached()
  }
}
