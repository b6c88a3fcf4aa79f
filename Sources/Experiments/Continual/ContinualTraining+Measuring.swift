import Networks
import NormalizeAndProject
import Plasticity
import RunStore
import Torch

extension ContinualTraining {
  private func value(
    _ metric: Metric, of scope: String = "", _ task: Int, _ value: Double
  ) -> MetricValue {
    MetricValue(metric, scope: scope, task: task, updates: updates, value: value)
  }

  /// What one update did: gradient, parameter and update norms, rotation and effective rate.
  func updateMeasurements(
    _ report: UpdateReport, gradients: [Tensor], learningRate: Double, task: Int
  ) -> [MetricValue] {
    let ledger = EffectiveLearningRateLedger(
      scaling: configuration.optimizer.kind == .sgd ? .gradientDescent : .scaleFree)
    let entries = ledger.entries(
      update: updates, learningRate: learningRate, parameters: parameters, report: report)
    let gradientNorms = Norms(gradients)
    let parameterNorms = Norms(parameters.map(\.parameter.value))
    var values = [
      value(.learningRate, task, learningRate),
      value(.gradientNorm, task, gradientNorms.total),
      value(.parameterNorm, task, parameterNorms.total),
      value(
        .updateNorm, task, entries.reduce(0) { $0 + $1.updateNorm * $1.updateNorm }.squareRoot()),
    ]
    for (index, entry) in entries.enumerated() {
      values += [
        value(.gradientNorm, of: entry.name, task, gradientNorms.each[index]),
        value(.parameterNorm, of: entry.name, task, parameterNorms.each[index]),
      ]
      guard case .weight = parameters[index].parameter.role else { continue }
      values += [
        value(.effectiveLearningRate, of: entry.name, task, entry.effectiveLearningRate),
        value(.updateRatio, of: entry.name, task, entry.relativeUpdate),
        value(.rotation, of: entry.name, task, entry.rotation),
      ]
    }
    let weights = entries.indices.filter {
      if case .weight = parameters[$0].parameter.role { true } else { false }
    }
    if !weights.isEmpty {
      // The network's effective rate: the mean over its hidden weights.
      let sum = weights.reduce(0) { $0 + entries[$1].effectiveLearningRate }
      values.append(value(.effectiveLearningRate, task, sum / Double(weights.count)))
    }
    return values
  }

  /// What is measured between the ends of tasks: the loss of the update's batch, before
  /// it, and dead units after it.
  func measurementsWithinTask(loss: Double, task: Int) -> [MetricValue] {
    [
      value(.trainingLoss, task, loss),
      value(.deadUnits, task, DeadUnits.measure(network, probes: deadUnitProbes).fraction),
    ]
  }

  /// Accuracy over all training examples, attention's entropy where there is attention, and loss and
  /// accuracy over the test set where there is one.
  func evaluationMeasurements(_ task: Int, includesTest: Bool) throws -> [MetricValue] {
    var values = [value(.trainingAccuracy, task, try evaluation(data.training).accuracy)]
    if includesTest, let test = data.test {
      let (loss, accuracy) = try evaluation(test)
      values += [value(.testLoss, task, loss), value(.testAccuracy, task, accuracy)]
    }
    let attention = AttentionEntropy.measure(network, probes: probes)
    if let mean = attention.mean { values.append(value(.attentionEntropy, task, mean)) }
    return values + attention.layers.map { value(.attentionEntropy, of: $0.name, task, $0.entropy) }
  }

  /// What a task came to: loss and accuracy over all its examples, online accuracy, dead units and,
  /// when due, the Jacobian norm.
  func taskMeasurements(_ task: Int) throws -> [MetricValue] {
    let (loss, accuracy) = try evaluation(data.training)
    let dead = DeadUnits.measure(network, probes: deadUnitProbes)
    var values = [
      value(.taskEndLoss, task, loss), value(.taskEndAccuracy, task, accuracy),
      value(.onlineAccuracy, task, Double(online.correct) / Double(online.count)),
      value(.onlineLoss, task, online.lossSum / Double(lengths.length(ofTask: task))),
      value(.deadUnits, task, dead.fraction),
    ]
    if let test = data.test {
      let (loss, accuracy) = try evaluation(test)
      values += [value(.testLoss, task, loss), value(.testAccuracy, task, accuracy)]
    }
    values += dead.layers.map { value(.deadUnits, of: $0.name, task, $0.fraction) }
    let every = configuration.recording.jacobianEveryTasks
    if every > 0, task % every == 0 {
      let jacobian = JacobianNorm.measure(
        network, probes: probes, generator: root.split("jacobian").split("task-\(task)"))
      values.append(value(.jacobianNorm, task, jacobian.value))
    }
    return values
  }

  /// Dead units are counted on at most 512 examples.
  var deadUnitProbes: Tensor { data.training.inputs[0..<min(data.training.count, 512)] }

  /// Mean loss and accuracy over examples, in batches of 1,024, between which it can be stopped.
  func evaluation(_ examples: LabelledExamples) throws -> (loss: Double, accuracy: Double) {
    try withoutGradients {
      var loss = 0.0
      var correct = 0
      var start = 0
      let count = examples.count
      while start < count {
        try StopRequest.check()
        let range = start..<min(start + 1_024, count)
        let logits_BK = network(examples.inputs[range])
        let labels_B = examples.labels[range]
        loss += logits_BK.crossEntropy(labels_B, reduction: .sum).item
        correct += Accuracy.correctCount(logits_BK, labels_B).integerItem
        start = range.upperBound
      }
      return (loss / Double(count), Double(correct) / Double(count))
    }
  }
}
