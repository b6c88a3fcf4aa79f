import Networks
import Plasticity
import RunStore
import Torch

extension ContinualTraining {
  private func value(
    _ metric: Metric, of scope: String = "", _ task: Int, _ value: Double
  ) -> MetricValue {
    MetricValue(metric, scope: scope, task: task, updates: updates, value: value)
  }

  /// Measurements within tasks: the loss of the batch before the update, and dead units after it.
  func measurementsWithinTask(loss: Double, task: Int) -> [MetricValue] {
    [
      value(.trainingLoss, task, loss),
      value(.deadUnits, task, DeadUnits.measure(network, probes: unitProbes).fraction),
    ]
  }

  /// Accuracy over all training examples, the entropy of attention if there is attention, and loss and accuracy over
  /// the test set if there is one.
  func evaluationMeasurements(_ task: Int, includesTest: Bool) throws -> [MetricValue] {
    var values = [value(.trainingAccuracy, task, try evaluation(data.training).accuracy)]
    if includesTest, let test = data.test {
      let (loss, accuracy) = try evaluation(test)
      values += [value(.testLoss, task, loss), value(.testAccuracy, task, accuracy)]
    }
    let attention = AttentionEntropy.measure(network, probes: taskProbes.inputs)
    if let mean = attention.mean { values.append(value(.attentionEntropy, task, mean)) }
    return values + attention.layers.map { value(.attentionEntropy, of: $0.name, task, $0.entropy) }
  }

  /// The results of a task: loss and accuracy over all its examples, online accuracy, dead units and, when due, the
  /// Jacobian norm.
  func taskMeasurements(_ task: Int) throws -> [MetricValue] {
    let (loss, accuracy) = try evaluation(data.training)
    let dead = DeadUnits.measure(network, probes: unitProbes)
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
    if isJacobianDue(task) {
      let jacobian = JacobianNorm.measure(
        network, probes: taskProbes.inputs, generator: root.split("jacobian").split("task-\(task)"))
      values.append(value(.jacobianNorm, task, jacobian.value))
    }
    return values
  }

  private func isJacobianDue(_ task: Int) -> Bool {
    let every = configuration.recording.jacobianEveryTasks
    return every > 0 && task % every == 0
  }

  /// Results at the end of a task that are also diagnostics.
  func metrics(ofTaskEnd task: Int) -> Set<Metric> {
    isJacobianDue(task) ? [.deadUnits, .jacobianNorm] : [.deadUnits]
  }

  /// The run's probe examples with the inputs and labels of the present task.
  var taskProbes: LabelledExamples {
    let examples = data.training
    let places = probeOrder.lazy.filter { $0 < examples.count }
      .prefix(configuration.recording.probeCount)
    let rows = Tensor(Array(places), device: device)
    return LabelledExamples(inputs: examples.inputs[rows], labels: examples.labels[rows])
  }

  /// The inputs on which units are counted: the first 512 examples of the task, or all if there are fewer.
  var unitProbes: Tensor { data.training.inputs[0..<min(data.training.count, 512)] }

  /// Mean loss and accuracy over examples, in batches of 1,024. Can be stopped between batches.
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
